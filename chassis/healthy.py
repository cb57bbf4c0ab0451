"""Asks a process of ours, from beside it, whether it is ready: ``python3 -m chassis.healthy``."""

import os
import ssl
import sys
import urllib.request


def is_ready(port: int, *, secured: bool = False) -> bool:
    """Tell whether the process at a loopback port says so; behind TLS its name is not of interest here."""
    scheme, context = "http", None
    if secured:
        scheme, context = "https", ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    url = f"{scheme}://127.0.0.1:{port}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=2, context=context) as answer:  # noqa: S310  our own URL
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    told = os.environ
    ready = is_ready(
        int(told["YINGBAO_HTTP_PORT"]), secured=bool(told.get("YINGBAO_HTTP_CERT_FILE"))
    )
    sys.exit(0 if ready else 1)
