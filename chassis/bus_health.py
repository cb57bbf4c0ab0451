"""The monitoring pages of the bus's servers: whether it can write, and what it was told.

After a full disk a server refuses everything, also once there is room again; of a cluster one may be away.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

from chassis.settings import servers_of

SECONDS = 2.0
BROKEN = (OSError, HTTPException, ValueError)
"""What a server that is going down answers: nothing, half of it, or somebody else's page."""


def told_by(monitor_urls: str, page: str, seconds: float = SECONDS) -> list[Any]:
    """Return what a page says on each server that answers. Raises OSError if none does."""
    found: list[Any] = []
    failed = ""
    for url in servers_of(monitor_urls):
        try:
            with urllib.request.urlopen(f"{url}/{page}", timeout=seconds) as answer:  # noqa: S310  our own URL
                found.append(json.load(answer))
        except BROKEN as error:
            failed = type(error).__name__
    if not found and failed:
        raise OSError(failed)
    return found


def consumers_in(monitor_urls: str) -> list[dict[str, Any]]:
    """Return each durable consumer as its leader counts it: who follows may lag behind. Raises OSError."""
    found = []
    for url in servers_of(monitor_urls):
        try:
            (name,) = [one["server_name"] for one in told_by(url, "varz")]
            (told,) = told_by(url, "jsz?streams=true&consumers=true")
        except (*BROKEN, KeyError):
            continue
        found += [one for one in _consumers(told) if _leads(one, name)]
    if not found:
        told_by(monitor_urls, "varz")  # raises if nobody is there
    return found


def _consumers(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        consumer
        for account in told.get("account_details") or ()
        for stream in account.get("stream_detail") or ()
        for consumer in stream.get("consumer_detail") or ()
    ]


def _leads(consumer: dict[str, Any], server: str) -> bool:
    cluster = consumer.get("cluster")
    return not cluster or cluster.get("leader") == server


def trouble_of(monitor_urls: str) -> str:
    """Return what is wrong with the bus; empty if one server is well, or if nobody can be asked.

    A server that does not answer at all is another matter: whoever is connected notices that.
    """
    said = list(_troubles(monitor_urls))
    return "" if "" in said else next(iter(said), "")


def _troubles(monitor_urls: str) -> Iterator[str]:
    for url in servers_of(monitor_urls):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=SECONDS):  # noqa: S310  our own URL
                yield ""
        except urllib.error.HTTPError as error:
            try:
                said = json.load(error)
            except ValueError:
                yield f"status {error.code}"
            else:
                yield str(said.get("error") or said.get("status"))
        except BROKEN:
            continue
