"""Whether the bus can write: after a full disk it refuses everything, also once there is room again."""

import json
import urllib.error
import urllib.request

SECONDS = 2.0


def trouble_of(monitor_url: str) -> str:
    """Return what the server says is wrong with it; empty if nothing is, or if nobody can be asked.

    A server that does not answer at all is another matter: whoever is connected notices that.
    """
    if not monitor_url:
        return ""
    try:
        with urllib.request.urlopen(f"{monitor_url}/healthz", timeout=SECONDS):  # noqa: S310  our own URL
            return ""
    except urllib.error.HTTPError as error:
        try:
            said = json.load(error)
        except ValueError:
            return f"status {error.code}"
        return str(said.get("error") or said.get("status"))
    except OSError:
        return ""
