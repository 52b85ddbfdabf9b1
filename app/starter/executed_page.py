"""The table of executed projects as a page of the documentation: task by way, per framework."""

from collections.abc import Iterable, Iterator

import msgspec

from app.starter.catalogue import NONE, Catalogue, Run, RunKey, catalogue, code_target, run_key
from app.starter.project import Request, prepare, request_problem

EXECUTED, OPEN, ABSENT = "yes", "not yet", ""
HEAD = """\
# Executed starter projects

Written by `python -m app.starter.execution` from `assets/starter/executed.json`, which holds every
run with its versions, seconds and figures. *yes*: exactly this code was run in smoke mode, the
loss fell, the project's own tests passed and, where there is a delivery, the exported model gave
the framework's outputs within the stated tolerance. *not yet*: it can be written, and has not been
run here. Empty: it is not offered. Targets that one delivery reaches with the same code share a
column. `framework-advisor starter --executed` prints every combination with what came of it.
"""


def page(runs: Iterable[Run]) -> str:
    """As Markdown. Of a run only what passed counts."""
    known = catalogue()
    passed = {run_key(run, known): run for run in runs if run.passed}
    parts = [HEAD]
    for framework in known.frameworks:
        parts.append(_section(known, framework, passed))
    return "\n".join(parts)


def _section(known: Catalogue, framework: str, passed: dict[RunKey, Run]) -> str:
    tasks = [task for task in known.tasks if (framework, task) in known.pairs]
    ways = dict(_ways(known, framework))
    rows = [["task", *ways], ["---"] * (len(ways) + 1)]
    told = {EXECUTED: 0, OPEN: 0}
    for task in tasks:
        cells = []
        for way in ways.values():
            request = msgspec.structs.replace(way, task=task)
            cell = ABSENT
            if request_problem(request) is None:
                key = run_key(prepare(request).request, known)
                cell = EXECUTED if key in passed else OPEN
                told[cell] += 1
            cells.append(cell)
        rows.append([known.tasks[task].name, *cells])
    pythons = sorted({run.python for key, run in passed.items() if key[0] == framework})
    versions = {
        f"{name} {version}"
        for key, run in passed.items()
        if key[0] == framework
        for name, version in run.versions.items()
    }
    lines = [
        f"## {known.frameworks[framework].name}",
        "",
        f"{told[EXECUTED]} of {sum(told.values())}, with Python {', '.join(pythons)}.",
        "",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        f"With {', '.join(sorted(versions, key=str.lower))}.{_backends(known, framework)}",
        *_reasons(known, framework),
    ]
    return "\n".join(lines) + "\n"


def _backends(known: Catalogue, framework: str) -> str:
    """What it computed with, where there is a choice."""
    one = known.frameworks[framework]
    if not one.backends:
        return ""
    told = [f"{next(iter(one.backends))} where nothing else is said"]
    for backend in one.backends:
        if names := [
            known.deliveries[d].name for d, w in one.deliveries.items() if w.backend == backend
        ]:
            told.append(f"{backend} for {', '.join(names)}")
    return f" Backends: {'; '.join(told)}."


def _ways(known: Catalogue, framework: str) -> Iterator[tuple[str, Request]]:
    """The columns: a heading and a request, whose task is still to be filled in."""
    plain = Request(framework=framework, task=NONE)

    def like(**changes: str) -> Request:
        return msgspec.structs.replace(plain, **changes)

    yield "one file", like(size="short")
    yield "project", plain
    for tracker, named in known.trackers.items():
        if tracker != NONE:
            yield named.name, like(tracker=tracker)
    for name, search in known.searches.items():
        if name != NONE and not known.frameworks[framework].no_search:
            yield search.name, like(search=name, tracker=search.tracker or NONE)
    seen = set()
    for target, deliveries in known.frameworks[framework].targets.items():
        for delivery in deliveries:
            code = code_target(known, target, delivery)
            if (code, delivery) in seen:
                continue
            seen.add((code, delivery))
            words = known.deliveries[delivery].name
            if code != NONE:
                words += f" ({known.targets[code].name})"
            yield words, like(target=target, delivery=delivery)
    for variant, other in known.variants[framework].items():
        yield other.name, like(variant=variant)


def _reasons(known: Catalogue, framework: str) -> Iterator[str]:
    """Why something is not offered or cannot be run here."""
    one = known.frameworks[framework]
    reasons = [f"{known.targets[target].name}: {why}." for target, why in one.unavailable.items()]
    reasons += [
        f"{known.tasks[task].name}, {known.targets[target].name}: {why}."
        for task, targets in one.without.items()
        for target, why in targets.items()
    ]
    reasons += [
        f"{variant.name}: {variant.untried}"
        for variant in known.variants[framework].values()
        if variant.untried
    ]
    if reasons:
        yield ""
        yield from (f"- {reason}" for reason in reasons)
