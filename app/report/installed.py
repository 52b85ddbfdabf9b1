"""What a package resolver said of the install line: a part of the plan, no more than was said."""

from app.installing.results import State, Verification
from app.installing.words import STATES, facts, headline, megabytes
from app.report.context import columns
from app.report.document import Block, Bullets, Line, Paragraph, Table, Tone
from app.report.words import sentence

TONES: dict[State, Tone] = {
    "verified": "good",
    "not_verified": "muted",
    "cancelled": "muted",
    "cpu_only": "warn",
    "yanked": "warn",
}
"""The others say that the line does not work there."""


def installation_blocks(found: Verification) -> list[Block]:
    """State and day first, then what was found; the packages in a table that is folded."""
    blocks: list[Block] = [
        Paragraph(
            line=Line(
                strong=f"{headline(found)}:",
                text=sentence(found.summary),
                tone=TONES.get(found.state, "bad"),
            )
        )
    ]
    more = tuple(facts(found))
    if more:
        blocks.append(Bullets(items=tuple(Line(text=sentence(one)) for one in more)))
    if found.packages:
        blocks.append(
            Table(
                caption=f"What the line would bring ({STATES[found.state]})",
                columns=columns("Package", "Version", "#Download"),
                rows=tuple(
                    (
                        Line(text=one.name),
                        Line(text=one.version),
                        Line(text=megabytes(one.bytes) if one.bytes is not None else "unknown"),
                    )
                    for one in found.packages
                ),
                folded=True,
            )
        )
    return blocks
