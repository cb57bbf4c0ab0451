"""Writing to the county from a made-up person's phone, where a file stands in for phones."""

from pathlib import Path

import httpx2

from services.notify.gateways.phone_log import token_of


def write_from_phone(log: Path, port: int, phone: str, text: str) -> None:
    """Hand a message to notify as a provider would. Raises httpx2.HTTPError."""
    query = {"token": token_of(log), "from": phone, "text": text}
    with httpx2.Client(trust_env=False, timeout=10) as http:
        url = f"http://127.0.0.1:{port}/sms/phone_log/received"
        http.get(url, params=query).raise_for_status()
