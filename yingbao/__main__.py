"""``python -m yingbao`` is the command."""

from yingbao.cli import app

app()
