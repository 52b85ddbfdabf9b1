"""The sections that tell what was measured on the machine, how, and what was not."""

from app.charts import comparable, duration, panel_title
from app.measured_words import STATES, capability_name, subject_name, workload_name
from app.report.context import Context, columns, framework_line, paragraph
from app.report.document import Block, Bullets, Chart, Line, Section, Table, Tone
from app.report.words import counted, joined, moment, percent, sentence, size
from probes.results import FrameworkFinding, Machine, Measurement
from probes.roofline import rooflines


def measurements_section(context: Context) -> Section | None:
    machine = context.machine
    if machine is None:
        return None
    blocks: list[Block] = [_hardware(machine)]
    if machine.frameworks:
        blocks.append(_findings(context, machine.frameworks, "Framework", "Frameworks found"))
    if machine.runtimes:
        caption = "Runtimes for finished models"
        blocks.append(_findings(context, machine.runtimes, "Runtime", caption))
    if any(one.capabilities for one in machine.frameworks):
        blocks.append(_tried(machine))
    panels = comparable(machine)
    versions = _versions(machine)
    if panels:
        count_note = (
            "They count towards the score, as far as they are of the class of device that you "
            "train on."
            if context.machine_counted
            else "They did not count towards the score."
        )
        blocks += [
            paragraph(
                "Each mode did work proven equal to a float64 reference before any time counted; "
                "modes took turns, and each round was checked against a control product. "
                "Two modes differ only when every round agrees and the median differs by at "
                f"least 10 %; otherwise they tie. {count_note}"
            ),
            *_delivered(panels),
            *(
                Chart(
                    name="measurements",
                    subject=panel_title(panel),
                    caption=f"{_panel_name(panel)}: times as multiples of the best, logarithmic",
                    alt=_panel_words(panel),
                    table=_times(panel, versions),
                )
                for panel in panels
            ),
        ]
    if machine.comparisons:
        blocks.append(_comparisons(machine))
    if machine.measurements:
        blocks.append(_provenance(machine))
    return Section(id="measurements", title="Measured on this machine", blocks=tuple(blocks))


def _delivered(panels: list[list[Measurement]]) -> list[Block]:
    """What is said where runtimes of finished models stand beside the frameworks."""
    modes = dict.fromkeys(one.mode for panel in panels for one in panel if one.delivers)
    if not modes:
        return []
    return [
        paragraph(
            f"For finished models only, without training: {joined(list(modes))}. Their times tell "
            "what delivery through them can gain, stand beside the frameworks’ own, and count "
            "towards nobody’s score."
        )
    ]


def _hardware(machine: Machine) -> Table:
    hardware = machine.hardware
    cpu = hardware.cpu
    rows = [
        ("Processor", cpu.model + (f" ({cpu.microarchitecture})" if cpu.microarchitecture else "")),
        ("Cores", f"{cpu.usable_cores:g} usable of {cpu.logical_cores} logical"),
        ("Vector units", ", ".join(cpu.flags) or "none that matter"),
        ("Memory", size(hardware.memory_bytes)),
    ]
    for one in hardware.accelerators:
        memory = f", {size(one.memory_bytes)}" if one.memory_bytes else ""
        name = one.name if one.name.startswith(one.vendor) else f"{one.vendor} {one.name}"
        driver = f", driver {one.driver}" if one.driver else ""
        rows.append(("Accelerator", f"{name}{memory}{driver}"))
    if not hardware.accelerators:
        notes = "; ".join(hardware.accelerator_notes)
        rows.append(("Accelerator", "none found" + (f": {notes}" if notes else "")))
    rows += [
        ("System", hardware.os_version or hardware.os),
        ("Power", _power(machine)),
        ("Measured", _when(machine)),
        ("Fingerprint", machine.fingerprint),
    ]
    return Table(
        caption="The machine",
        columns=columns("What", "Found"),
        rows=tuple((Line(text=key), Line(text=value)) for key, value in rows),
    )


def _power(machine: Machine) -> str:
    hardware = machine.hardware
    said = []
    if hardware.on_battery is not None:
        said.append("on battery" if hardware.on_battery else "on mains")
    if hardware.governor:
        said.append(f"governor {hardware.governor}")
    if hardware.virtualised:
        said.append("virtual machine or container")
    return ", ".join(said) or "not readable"


def _when(machine: Machine) -> str:
    if machine.tier is None:
        return f"nothing; looked at on {moment(machine.started_utc)}"
    ended = ", cancelled before its end" if machine.cancelled else ""
    return f"{moment(machine.started_utc)}, tier {machine.tier}, {duration(machine.seconds)}{ended}"


REASONS = 2

STATE_WORDS: dict[str, tuple[str, Tone]] = {
    "found": ("found, not started", "muted"),
    "works": ("works", "good"),
    "broken": ("installed, does not work", "bad"),
    "falls_back_to_cpu": ("works, but not on the accelerator", "warn"),
    "timed_out": ("did not answer in time", "bad"),
    "cancelled": ("cancelled", "muted"),
}


def _findings(
    context: Context, found: tuple[FrameworkFinding, ...], what: str, caption: str
) -> Table:
    rows = []
    for one in found:
        state, tone = STATE_WORDS[one.state]
        said = " ".join(sentence(text) for text in (one.reason, one.fix) if text)
        rows.append(
            (
                framework_line(context, one.framework),
                Line(text=one.version or "—"),
                Line(text=state, tone=tone),
                Line(text=said or "—"),
                Line(text=duration(one.import_seconds) if one.import_seconds else "—"),
                Line(text=str(one.threads) if one.threads else "—"),
                Line(text=one.python),
            )
        )
    return Table(
        caption=caption,
        columns=columns(
            what, "Version", "State", "Cause and fix", "#Import", "#Threads", "Interpreter"
        ),
        rows=tuple(rows),
    )


CAPABILITY_TONES: dict[str, Tone] = {"works": "good", "in_part": "warn", "fails": "bad"}


def _tried(machine: Machine) -> Table:
    return Table(
        caption="Tried on small examples: what people argue about, as these versions do it here",
        columns=columns("Mode", "What", "Device", "State", "What was seen"),
        rows=tuple(
            (
                Line(text=one.mode, framework=finding.framework),
                Line(text=capability_name(one.capability)),
                Line(text=one.device),
                Line(text=STATES[one.state], tone=CAPABILITY_TONES[one.state]),
                Line(text=sentence(one.note)),
            )
            for finding in machine.frameworks
            for one in finding.capabilities
        ),
        folded=True,
    )


def _panel_name(panel: list[Measurement]) -> str:
    """`MLP training on cpu`; `panel_title` says the same in ids."""
    return subject_name(panel[0].workload, panel[0].device)


def _panel_words(panel: list[Measurement]) -> str:
    best, worst = panel[0], panel[-1]
    assert best.median_seconds
    assert worst.median_seconds
    return (
        f"{workload_name(best.workload)}: {best.mode} is fastest with "
        f"{duration(best.median_seconds)}, "
        f"{worst.mode} slowest at {worst.median_seconds / best.median_seconds:.1f} times that."
    )


Versions = dict[tuple[str, str], FrameworkFinding]


def _versions(machine: Machine) -> Versions:
    """Findings by framework and interpreter: version and thread plan of what was timed."""
    return {(one.framework, one.python): one for one in machine.tried}


def _version(one: Measurement, versions: Versions) -> str:
    finding = versions.get((one.framework, one.python))
    return finding.version or "—" if finding else "—"


def _times(panel: list[Measurement], versions: Versions) -> Table:
    best = panel[0].median_seconds
    assert best
    rows = []
    for one in panel:
        assert one.median_seconds is not None
        rows.append(
            (
                Line(text=one.mode, framework=one.framework),
                Line(text=_version(one, versions)),
                Line(text=str(one.count)),
                Line(text=duration(one.median_seconds)),
                Line(text=_interval(one)),
                Line(text=f"{one.median_seconds / best:.2f} ×"),
                Line(text=_efficiency(one)),
            )
        )
    return Table(
        caption=f"Measured times, fastest first: {_panel_name(panel)}",
        columns=columns(
            "Mode", "Version", "#n", "#Median", "#95 % interval", "#To best",
            "#Of this machine’s limit",
        ),
        rows=tuple(rows),
    )  # fmt: skip


def _interval(one: Measurement) -> str:
    return f"{duration(one.ci95[0])} – {duration(one.ci95[1])}" if one.ci95 else "—"


def _efficiency(one: Measurement) -> str:
    return percent(one.efficiency) if one.efficiency is not None else "—"


def _comparisons(machine: Machine) -> Table:
    words = {
        "first_faster": "{first} is faster",
        "second_faster": "{second} is faster",
        "tie": "tie",
    }
    return Table(
        caption="Pairs, called on rounds measured side by side",
        columns=columns("Workload", "Pair", "#Ratio", "Verdict"),
        rows=tuple(
            (
                Line(text=subject_name(one.workload, one.device)),
                Line(text=f"{one.first} and {one.second}"),
                Line(text=f"{one.ratio:.2f}"),
                Line(text=words[one.verdict].format(first=one.first, second=one.second)),
            )
            for one in machine.comparisons
        ),
        folded=True,
    )


STATUS_TONES: dict[str, Tone] = {
    "valid": "good",
    "unstable": "warn",
    "skipped": "muted",
    "cancelled": "muted",
}


def _verdict(one: Measurement) -> str:
    reasons = one.verdict.reasons
    said = one.verdict.status.replace("_", " ")
    if reasons:
        said += ": " + "; ".join(reasons[:REASONS])
    if len(reasons) > REASONS:
        said += f"; and {counted(len(reasons) - REASONS, 'more reason')} in the JSON"
    return said


def _place(one: Measurement) -> tuple[str, ...]:
    return one.mode, one.workload, one.workload_version, one.device, one.python, one.track


def _provenance(machine: Machine) -> Table:
    versions = _versions(machine)
    bounds = {
        _place(one.measurement): f"{percent(one.share)} of {one.bound}"
        for roof in rooflines(machine)
        for one in roof.reached
    }
    rows = []
    for one in machine.measurements:
        finding = versions.get((one.framework, one.python))
        flagged = sum(1 for entry in one.rounds if entry.flagged)
        rows.append(
            (
                Line(text=f"{one.mode} · {workload_name(one.workload)}", framework=one.framework),
                Line(text=_version(one, versions)),
                Line(text=one.device),
                Line(text=str(finding.threads) if finding and finding.threads else "—"),
                Line(text=one.track),
                Line(text=str(one.count)),
                Line(text=duration(one.median_seconds) if one.median_seconds else "—"),
                Line(text=_interval(one)),
                Line(text=bounds.get(_place(one)) or _efficiency(one)),
                Line(text=f"{flagged} of {len(one.rounds)}"),
                Line(text=f"{one.equal_work.max_rel_err:.1e}" if one.equal_work else "—"),
                Line(
                    text=_verdict(one),
                    tone=STATUS_TONES.get(one.verdict.status, "bad"),
                ),
            )
        )
    return Table(
        caption="How each was measured; the raw values stand in the JSON report",
        columns=columns(
            "Mode and workload",
            "Version",
            "Device",
            "#Threads",
            "Track",
            "#n",
            "#Median",
            "#95 % interval",
            "Share of the limit",
            "#Rounds flagged",
            "#Error to reference",
            "Verdict",
        ),
        rows=tuple(rows),
        folded=True,
    )


def limits_section(context: Context) -> Section | None:
    machine, recommendation = context.machine, context.recommendation
    items = []
    if machine is None or machine.tier is None:
        items.append(
            Line(
                strong="Nothing was measured.",
                text="Speed counts with its full range of doubt for every framework. "
                "“framework-advisor probe” measures on your machine.",
            )
        )
    else:
        items += _not_measured(context, machine)
    if recommendation.knowledge.stale:
        items.append(
            Line(
                strong="Due for a recheck:",
                text=f"{counted(len(recommendation.knowledge.stale), 'statement')} past shelf "
                "life; each was given more doubt, and is marked in the sources.",
            )
        )
    if recommendation.knowledge.overridden:
        items.append(
            Line(
                strong="Overridden by you or a pack:",
                text=", ".join(recommendation.knowledge.overridden) + ".",
            )
        )
    items += [
        Line(
            strong="Judgement stays judgement.",
            text="Levels come from dated sources; the step from source to level is ours, and is "
            "given the doubt that this deserves. You can override any of them, with a reason.",
        ),
        Line(
            strong="Small workloads.",
            text="A probe takes minutes. It tells what this machine does with these versions, "
            "not how a week of training on a cluster will go.",
        ),
        Line(
            strong="Who measured.",
            text="This program, on the machine described above, started by its user. Nothing was "
            "sent anywhere, and no framework’s maker had a part in it.",
        ),
    ]
    return Section(
        id="limits",
        title="What was not measured, and other limits",
        blocks=(Bullets(items=tuple(items)),),
    )


def _not_measured(context: Context, machine: Machine) -> list[Line]:
    items = []
    if not comparable(machine):
        items.append(
            Line(
                strong="No two times were steady enough to compare.",
                text="Each round is checked, and what was disturbed does not count. Close other "
                "programs and measure again; the reasons stand with the measurements above.",
            )
        )
    elif not context.machine_counted:
        items.append(
            Line(
                strong="The times did not count.",
                text="They were taken on another class of device than the one you train on, or "
                "the modes that speak for a framework have no valid time.",
            )
        )
    left_out: dict[tuple[str, str, str], list[str]] = {}
    for one in machine.measurements:
        if one.verdict.status != "valid":
            # What is unstable has figures of its own in each; the rest shares its reason.
            shared = one.verdict.status in ("skipped", "cancelled")
            reason = "; ".join(one.verdict.reasons) if shared else ""
            key = (one.verdict.status.replace("_", " "), one.workload, reason)
            left_out.setdefault(key, []).append(one.mode)
    for (status, workload, reason), modes in left_out.items():
        text = f"{workload_name(workload)} with {joined(modes)}"
        text += f": {reason}" if reason else ""
        items.append(Line(strong=f"{status.capitalize()}:", text=sentence(text)))
    tried = {one.framework for one in machine.frameworks}
    absent = [
        context.name(one.framework)
        for one in context.recommendation.ranking
        if one.framework not in tried
    ]
    if absent:
        items.append(
            Line(
                strong="Not installed here, so not measured:",
                text=joined(absent) + ". That neither helped nor hurt.",
            )
        )
    items += [Line(strong="Note:", text=sentence(note)) for note in machine.notes]
    return items
