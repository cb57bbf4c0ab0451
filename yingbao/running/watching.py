"""Looks at a platform from outside where no supervisor does: its series, and the night's audit."""

import threading
from pathlib import Path

from prometheus_client import start_http_server

from chassis.clock import CHINA, system_clock
from chassis.settings import Settings
from yingbao.running.letters import LETTER_SECONDS, LetterKeeper
from yingbao.running.nightly import Nightly
from yingbao.running.operator import find
from yingbao.running.outside import Outside
from yingbao.running.supervising import WATCH_SECONDS, say


def watch(directory: Path, host: str, port: int, ended: threading.Event) -> None:
    """Tell at a port what is seen, until ``ended``. ``directory`` keeps what the last audit found."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = Settings()
    outside = Outside(directory, told.partner_keys_file)
    server, _ = start_http_server(port, host, registry=outside.registry)
    nightly = Nightly(
        directory, lambda: told.database_url, lambda what: say(directory, what), system_clock()
    )
    letters = threading.Thread(target=_keep_letters, args=(directory, told, ended), daemon=True)
    letters.start()
    while not ended.is_set():
        outside.look(told.database_url, told.nats_url, told.nats_monitor_url, told.http_cert_file)
        nightly.look(system_clock().astimezone(CHINA))
        ended.wait(WATCH_SECONDS)
    server.shutdown()
    server.server_close()


def _keep_letters(directory: Path, told: Settings, ended: threading.Event) -> None:
    """Keep what was set aside; what fails is said once, and tried again at the next look."""
    keeper = LetterKeeper(lambda: find(directory), lambda: told.database_url)
    failed = ""
    while not ended.wait(LETTER_SECONDS):
        try:
            keeper.look()
        except Exception as error:  # noqa: BLE001  whatever it is, the next look tries again
            if (what := f"letters: {type(error).__name__}: {error}") != failed:
                say(directory, what)
            failed = what
        else:
            failed = ""
