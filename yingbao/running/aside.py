"""Runs a coroutine to its end from where no loop may be: whoever starts a stack may be inside one."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Found = TypeVar("Found")


def aside(work: Coroutine[Any, Any, Found]) -> Found:
    """Run it in a thread of its own, and wait."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
