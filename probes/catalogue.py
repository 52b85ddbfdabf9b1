"""What can be found and measured, read from `frameworks.yaml` beside this file.

Everything that differs from framework to framework on our side of the pipe stands there as data.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from probes.results import Capability, Tier

FILE = Path(__file__).resolve().with_name("frameworks.yaml")
ADAPTERS = FILE.parent / "worker" / "adapters"


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all that stands in the file."""


class Mode(Entry, frozen=True, kw_only=True):
    """A way to run a framework that is timed on its own."""

    id: str
    worker: str
    """Modes of one worker share a process."""
    tier: Tier
    needs: tuple[str, ...] = ()
    """Other framework ids that must lie in the same environment."""
    backend: str | None = None
    limit: bool = False
    """Takes part in finding the machine's limits."""
    checks: tuple[Capability, ...] = ()
    """What is tried in it beside the workloads, from the standard tier on."""
    deep_checks: tuple[Capability, ...] = ()
    """What takes many seconds: tried in the deep tier only."""
    delivers: bool = False
    """It runs finished models and nothing else: its times are shown, and are no framework's."""
    known_networks: bool = False
    """The deep tier measures whole known networks in it."""


class Component(Entry, frozen=True, kw_only=True):
    id: str
    distributions: tuple[str, ...]


class KnownFramework(Entry, frozen=True, kw_only=True):
    id: str
    distributions: tuple[str, ...]
    builds: tuple[str, ...] = ()
    modes: tuple[Mode, ...] = ()
    components: tuple[Component, ...] = ()


class Catalogue(Entry, frozen=True, kw_only=True):
    """The whole file."""

    frameworks: tuple[KnownFramework, ...]
    threads: dict[str, str]
    """The thread plan as environment variables."""
    environment: dict[str, str]
    caches: tuple[str, ...]
    runtimes: tuple[KnownFramework, ...] = ()
    """Components that are measured as a framework is: what a trained model is delivered to."""
    components: tuple[Component, ...] = ()
    """Those of no framework in particular."""
    removed: tuple[str, ...]

    def all_components(self) -> Iterator[Component]:
        for one in self.frameworks:
            yield from one.components
        for runtime in self.runtimes:
            yield Component(id=runtime.id, distributions=runtime.distributions)
        yield from self.components

    def framework(self, identifier: str) -> KnownFramework:
        """Raises KeyError."""
        for one in self.frameworks:
            if one.id == identifier:
                return one
        raise KeyError(identifier)


@cache
def load_catalogue() -> Catalogue:
    """Read the file that ships with the program."""
    return msgspec.convert(read_catalogue_file(), Catalogue)


def read_catalogue_file() -> Any:
    """The file as plain data."""
    return yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def adapter_ids() -> frozenset[str]:
    """Ids of the frameworks and runtimes that there is an adapter for."""
    return frozenset(path.stem for path in ADAPTERS.glob("[!_]*.py"))
