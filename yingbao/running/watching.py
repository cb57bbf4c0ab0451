"""Looks at a platform from outside where no supervisor does: its series, and the night's audit."""

import threading
from pathlib import Path

from prometheus_client import start_http_server

from chassis.clock import CHINA, system_clock
from chassis.settings import Settings
from yingbao.running.nightly import Nightly
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
    while not ended.is_set():
        outside.look(told.database_url, told.nats_url, told.nats_monitor_url, told.http_cert_file)
        nightly.look(system_clock().astimezone(CHINA))
        ended.wait(WATCH_SECONDS)
    server.shutdown()
    server.server_close()
