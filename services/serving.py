"""Every process that can be served, by name; each is imported only when it is asked for."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from chassis.settings import Settings

Build = Callable[[Settings], Any]


def _load(name: str) -> Callable[[], Build]:
    def load() -> Build:
        build: Build = import_module(f"services.{name}.app").build
        return build

    return load


SERVICES: Mapping[str, Callable[[], Build]] = {
    name: _load(name) for name in ("enrollment", "settlement", "assistance", "notify", "gateway")
}
