"""What older articles published as figures, beside what was measured on this machine."""

from collections.abc import Callable, Sequence

from app.charts import comparable
from app.report.context import Context, columns
from app.report.document import Line, Table
from app.report.words import joined, percent, size
from probes.results import Measurement

PANELS = {
    "claim.resnet_ratios": "resnet50_train",
    "claim.bert_ratios": "bert_base_train",
    "claim.memory": "resnet50_train",
    "claim.inference_order": "resnet50_inference",
}
"""The claim that each of the four tables became, and the workload that answers it."""

BATCHES = {
    ("resnet50_train", True): "4 images of 128 x 128",
    ("resnet50_train", False): "64 images of 224 x 224",
    ("bert_base_train", True): "4 sequences of 32 tokens",
    ("bert_base_train", False): "32 sequences of 128 tokens",
    ("resnet50_inference", True): "1 image of 128 x 128",
    ("resnet50_inference", False): "1 image of 224 x 224",
}
"""What a step takes, by the workload and whether it runs on a processor."""


def published_table(context: Context) -> Table | None:
    """The articles' four tables of figures; None where nothing of them was measured."""
    if context.machine is None:
        return None
    panels = comparable(context.machine)
    claims = {one.id: one for one in context.knowledge.claims}
    rows = [
        (
            Line(text=claims[claim].said),
            Line(text=f"{told[claim](context, panel)} {_where(panel[0])}"),
        )
        for claim, workload in PANELS.items()
        for panel in panels
        if claim in claims and panel[0].workload == workload
    ]
    if not rows:
        return None
    cpu = context.machine.hardware.cpu.model
    return Table(
        caption=(
            "The figures of older articles, and what was measured here. They name no device; this "
            f"one is {cpu} with the accelerators listed under the machine, and another one can "
            "give another order. Here: float32 throughout, plain gradient descent, no dropout, "
            "each framework in its fastest mode."
        ),
        columns=columns("Published", "Measured here"),
        rows=tuple(rows),
    )


def _where(one: Measurement) -> str:
    """Device and batch."""
    return f"On {one.device}, {BATCHES[one.workload, one.device == 'cpu']} a step."


def _fastest(panel: Sequence[Measurement]) -> dict[str, Measurement]:
    """Of each framework its fastest mode, the fastest framework first."""
    found: dict[str, Measurement] = {}
    for one in panel:
        found.setdefault(one.framework, one)
    return found


def _speeds(context: Context, panel: Sequence[Measurement]) -> str:
    """Each framework's speed in percent of the fastest's."""
    found = _fastest(panel)
    if len(found) == 1:
        return f"Measured of {context.name(panel[0].framework)} alone."
    base, *others = found.values()
    parts = [
        f"{context.name(one.framework)} ({one.mode}) {percent(_seconds(base) / _seconds(one))}"
        for one in others
    ]
    return f"Of the speed of {context.name(base.framework)} ({base.mode}): {joined(parts)}."


def _memory(context: Context, panel: Sequence[Measurement]) -> str:
    """The most memory of each framework, the least first."""
    held = {name: _peak(one) for name, one in _fastest(panel).items()}
    known = sorted((peak, name) for name, peak in held.items() if peak is not None)
    if not known:
        return "The system does not tell how much memory a process takes."
    parts = [f"{context.name(name)} {size(peak)}" for peak, name in known]
    return f"While ResNet-50 was trained, at most, libraries included: {joined(parts)}."


def _order(context: Context, panel: Sequence[Measurement]) -> str:
    """Frameworks and what delivers for them, as multiples of the fastest's time."""
    found = list(_fastest(panel).items())
    if len(found) == 1:
        return f"Measured of {context.name(found[0][0])} alone."
    parts = [
        f"{context.name(name)} ({one.mode}) {_seconds(one) / _seconds(panel[0]):.1f} x"
        for name, one in found[1:]
    ]
    first = f"{context.name(found[0][0])} ({found[0][1].mode}) is fastest"
    return f"{first}; the others’ times as multiples of its own: {joined(parts)}."


told: dict[str, Callable[[Context, Sequence[Measurement]], str]] = {
    "claim.resnet_ratios": _speeds,
    "claim.bert_ratios": _speeds,
    "claim.memory": _memory,
    "claim.inference_order": _order,
}


def _seconds(one: Measurement) -> float:
    """`comparable` gives only what has a median above zero."""
    return one.median_seconds or 1.0


def _peak(one: Measurement) -> int | None:
    return one.peak_device_bytes or one.peak_resident_bytes
