"""The environment variables of a worker: the user's, less what would bend a measurement."""

from collections.abc import Mapping
from pathlib import Path

from probes.catalogue import Catalogue

OURS = Path(__file__).resolve().parents[1]
TEMPORARY = ("TMPDIR", "TEMP", "TMP")
"""What a killed worker leaves unfinished goes with the run's folder."""


def worker_variables(
    catalogue: Catalogue,
    users: Mapping[str, str],
    threads: int | None,
    caches: Path,
    separator: str,
) -> dict[str, str]:
    """The user's variables without the deny-list, with the thread plan, private caches and a
    private folder for temporary files.

    Without `threads` each framework takes as many as it likes. HOME stays, since frameworks in the
    user site live there. `separator` is that of PYTHONPATH: the
    user's entries stay, our own folder goes.
    """
    variables = {
        name: value for name, value in users.items() if not is_removed(name, catalogue.removed)
    }
    if "PYTHONPATH" in variables:
        entries = variables.pop("PYTHONPATH").split(separator)
        # An empty entry means the current folder, which is ours to choose.
        kept = [entry for entry in entries if entry and not is_ours(Path(entry))]
        if kept:
            variables["PYTHONPATH"] = separator.join(kept)
    if threads is not None:
        for name, value in catalogue.threads.items():
            variables[name] = value.format(threads=threads)
    variables.update(catalogue.environment)
    for name in catalogue.caches:
        variables[name] = str(caches / name.lower())
    for name in TEMPORARY:
        variables[name] = str(caches)
    return variables


def is_removed(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether the deny-list has the name; `*` at a pattern's end stands for any ending."""
    upper = name.upper()
    return any(
        upper.startswith(pattern[:-1].upper())
        if pattern.endswith("*")
        else upper == pattern.upper()
        for pattern in patterns
    )


def is_ours(entry: Path) -> bool:
    try:
        return entry.resolve() == OURS
    except OSError:
        return False
