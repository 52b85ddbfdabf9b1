"""The section that tells what to do: stack, install line, steps, migration, risks, learning."""

from collections.abc import Iterable

from app.charts import duration
from app.report.context import Context, columns, option_text, paragraph, source_line
from app.report.document import (
    Block,
    Bullets,
    Command,
    Line,
    Origin,
    Paragraph,
    Section,
    Subheading,
    Table,
    Tone,
)
from app.report.installed import installation_blocks
from app.report.words import sentence
from rules.recommendation import Part, Plan


def plan_section(context: Context) -> Section | None:
    stack, plan = context.recommendation.stack, context.recommendation.plan
    blocks: list[Block] = []
    if stack is not None:
        if stack.install is not None:
            install = stack.install
            blocks += [
                Subheading(text="Install"),
                Command(text=install.command, note=install.note),
                Paragraph(
                    line=Line(
                        text="As the makers publish it."
                        if context.installation is not None
                        else "As the makers publish it; not tried on your machine by this program.",
                        tone="muted",
                        origin=Origin(source=install.source, as_of=install.as_of),
                    )
                ),
                *(installation_blocks(context.installation) if context.installation else []),
            ]
        rows = [
            row
            for title, parts in (
                ("Training", stack.training),
                ("Data", stack.data),
                ("Delivery", stack.delivery),
                ("Serving", stack.serving),
                ("Tracking", stack.tracking),
            )
            for row in _parts(context, title, parts)
        ]
        if rows:
            blocks += [
                Subheading(text="The stack"),
                Table(
                    caption="Parts of the stack",
                    columns=columns("For", "Part", "How", "Packages", "Source"),
                    rows=tuple(rows),
                ),
            ]
    if plan is not None:
        if plan.stay is not None and plan.stay.text not in [one.text for one in plan.phases]:
            blocks += [
                Subheading(text=f"Stay with {context.name(plan.stay.framework)}"),
                paragraph(sentence(plan.stay.text)),
            ]
        blocks += _replacements(plan)
        blocks += _needs(plan)
        if plan.phases:
            blocks += [
                Subheading(text="Steps"),
                Bullets(
                    items=tuple(
                        Line(strong=sentence(one.title), text=sentence(one.text))
                        for one in plan.phases
                    ),
                    numbered=True,
                ),
            ]
        for move in plan.migration:
            blocks += [
                Subheading(
                    text=f"Migration: {context.name(move.from_code)} to {context.name(move.to)}"
                ),
                Paragraph(
                    line=Line(
                        strong=f"Effort: {move.effort}.",
                        text=sentence(move.text),
                        origin=Origin(source=move.source, as_of=move.as_of),
                    )
                ),
                Bullets(
                    items=tuple(Line(text=sentence(one)) for one in move.first_steps),
                    numbered=True,
                ),
            ]
        if plan.risks:
            blocks += [
                Subheading(text="Risks to say aloud"),
                Bullets(
                    items=tuple(
                        Line(
                            text=sentence(one.text),
                            origin=Origin(source=one.source, as_of=one.as_of),
                        )
                        for one in plan.risks
                    )
                ),
            ]
        if plan.learning:
            blocks += [
                Subheading(text="Where to learn it"),
                Bullets(
                    items=tuple(
                        Line(
                            strong=f"{one.level.capitalize()}:",
                            text=f"{one.title} ({one.author}, {one.as_of})",
                            link=one.link,
                        )
                        for one in plan.learning
                    )
                ),
            ]
    blocks += _starter(context)
    if not blocks:
        return None
    return Section(id="plan", title="Stack and plan", blocks=tuple(blocks))


def _replacements(plan: Plan) -> list[Block]:
    if not plan.replacements:
        return []
    return [
        Table(
            caption="Components in use that get no work any more, and where to go",
            columns=columns("Component", "State", "What is known", "Go to", "How", "Source"),
            rows=tuple(
                (
                    Line(text=one.name),
                    Line(text=one.lifecycle, tone="warn"),
                    Line(text=sentence(one.text)),
                    Line(text=one.successor or "—"),
                    Line(text=sentence(one.move) if one.move else "—"),
                    source_line(one.source, one.as_of),
                )
                for one in plan.replacements
            ),
        )
    ]


NEED_WORDS: dict[str, tuple[str, Tone]] = {
    "yes": ("yes", "good"),
    "with_effort": ("with effort", "warn"),
    "hardly": ("hardly", "warn"),
    "no": ("no", "bad"),
    "unknown": ("not known", "muted"),
}


def _needs(plan: Plan) -> list[Block]:
    if not plan.needs:
        return []
    return [
        Table(
            caption="Your special needs, and how this answers them",
            columns=columns("Need", "Met", "How", "By", "Source"),
            rows=tuple(
                (
                    Line(text=one.title),
                    Line(text=NEED_WORDS[one.answer][0], tone=NEED_WORDS[one.answer][1]),
                    Line(text=sentence(one.text)),
                    Line(text=one.component or "the framework itself"),
                    source_line(one.source, one.as_of) if one.source else Line(text="—"),
                )
                for one in plan.needs
            ),
        )
    ]


def _parts(context: Context, title: str, parts: Iterable[Part]) -> Iterable[tuple[Line, ...]]:
    for one in parts:
        target = option_text(context, "deployment", one.for_target) if one.for_target else None
        text = sentence(one.text)
        if one.warning:
            text += f" Mind: {sentence(one.warning)}"
        yield (
            Line(text=f"{title} ({target})" if target else title),
            Line(text=one.name),
            Line(text=text),
            Line(text=", ".join(one.packages) or "—"),
            source_line(one.source, one.as_of) if one.source else Line(text="editorial"),
        )


def _starter(context: Context) -> list[Block]:
    run = context.starter
    if run is None:
        return []
    ended = "ended well" if run.returncode == 0 else f"ended with code {run.returncode}"
    if run.cancelled:
        ended = "was stopped"
    blocks: list[Block] = [
        Subheading(text="The starter project, run here"),
        paragraph(
            f"It {ended} after {duration(run.seconds)}.", "good" if run.returncode == 0 else "bad"
        ),
    ]
    rows = [(Line(text=key), Line(text=f"{value:g}")) for key, value in run.metrics.items()]
    rows += [(Line(text=key), Line(text=value)) for key, value in run.versions.items()]
    if rows:
        blocks.append(
            Table(
                caption="What it reported, and the versions it ran with",
                columns=columns("Name", "#Value"),
                rows=tuple(rows),
            )
        )
    if run.tail and run.returncode != 0:
        blocks.append(Command(text="\n".join(run.tail), note="The end of its output"))
    return blocks
