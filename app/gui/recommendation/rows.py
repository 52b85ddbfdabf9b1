"""The rows that the recommendation page's charts and tables show, computed from the documents.

Pure: recommendation and machine in, rows out.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

from app.gui.machine.words import device_word, workload_word
from app.gui.recommendation.words import Lookup, percent, tr
from app.gui.widgets.contributions import Difference, GroupColumn, GroupRow
from app.gui.widgets.flip_points import FlipRow
from app.gui.widgets.intervals import IntervalGroup, IntervalRow
from app.gui.widgets.ranking import RankingRow
from app.headline import nearest_flips
from probes.results import Machine, Measurement
from rules.recommendation import Ranked, Recommendation

MOST_FLIPS = 5
LEVEL_WITHIN = 0.02
"""Scores this near to each other are called level, as in the verdict's share."""


def ranking_rows(recommendation: Recommendation, lookup: Lookup) -> tuple[RankingRow, ...]:
    """Neighbours within 0.02 of the first of them share a rank and look like it."""
    runs: list[list[Ranked]] = []
    for one in recommendation.ranking:
        if runs and runs[-1][0].score - one.score <= LEVEL_WITHIN:
            runs[-1].append(one)
        else:
            runs.append([one])
    rows: list[RankingRow] = []
    for run in runs:
        first, last = len(rows) + 1, len(rows) + len(run)
        rank = str(first) if first == last else f"{first}–{last}"
        rows += [_ranking_row(one, rank, lookup, tied=len(run) > 1) for one in run]
    return tuple(rows)


def _ranking_row(one: Ranked, rank: str, lookup: Lookup, *, tied: bool) -> RankingRow:
    return RankingRow(
        framework=one.framework,
        name=lookup.name(one.framework),
        rank=rank,
        score=one.score,
        low=one.low,
        high=one.high,
        note=percent(one.top_share),
        tied=tied,
        tooltip=tr(
            "{name}: score {score:.2f}, between {low:.2f} and {high:.2f} in nine of ten what-ifs; "
            "first or level with the first in {share} of them, the very first in "
            "{alone}."
        ).format(
            name=lookup.name(one.framework),
            score=one.score,
            low=one.low,
            high=one.high,
            share=percent(one.top_share),
            alone=percent(one.first_rank_share),
        ),
    )


def group_rows(
    recommendation: Recommendation, lookup: Lookup
) -> tuple[tuple[GroupColumn, ...], tuple[GroupRow, ...]]:
    """What each group of criteria adds to each score."""
    if not recommendation.ranking:
        return (), ()
    weights: dict[str, float] = defaultdict(float)
    for part in recommendation.ranking[0].contributions:
        weights[part.group] += part.weight
    rows = []
    for one in recommendation.ranking:
        points: dict[str, float] = defaultdict(float)
        for part in one.contributions:
            points[part.group] += part.points
        rows.append(
            GroupRow(
                one.framework,
                lookup.name(one.framework),
                tuple(points[group] for group in weights),
            )
        )
    columns = tuple(GroupColumn(lookup.name(group), weight) for group, weight in weights.items())
    return columns, tuple(rows)


def differences(first: Ranked, second: Ranked, lookup: Lookup) -> tuple[Difference, ...]:
    """Criterion by criterion `w (a - b)`, largest first; what differs by nothing is left out."""
    other = {part.criterion: part for part in second.contributions}
    rows = [
        Difference(lookup.name(part.criterion), part.points - other[part.criterion].points)
        for part in first.contributions
        if part.criterion in other
    ]
    return tuple(
        sorted(
            (row for row in rows if abs(row.points) >= 0.0005),
            key=lambda row: -abs(row.points),
        )
    )


@dataclass(frozen=True)
class GroupFlip:
    """Where on a group's slider another framework draws level with the first."""

    group: str
    challenger: str
    position: float
    """On the slider's scale, -2 to 2, in steps that double or halve the weight."""


def group_flips(recommendation: Recommendation) -> tuple[GroupFlip, ...]:
    """The nearest flip on either side of each slider, in closed form.

    With the group's weight times m and the others as they are, the leader's gap to a challenger is
    proportional to `gap - d + m d`, where d is what the group adds to the gap today: level at
    `m = 1 - gap / d`.
    """
    if len(recommendation.ranking) < 2:
        return ()
    leader, *others = recommendation.ranking
    importance = recommendation.answers.importance
    groups = dict.fromkeys(part.group for part in leader.contributions)
    found: list[GroupFlip] = []
    for group in groups:
        now = importance.get(group, 0)
        flips: list[GroupFlip] = []
        for other in others:
            adds = _points(leader, group) - _points(other, group)
            factor = 1 - (leader.score - other.score) / adds if adds else 0.0
            if factor > 0:
                flips.append(GroupFlip(group, other.framework, now + math.log2(factor)))
        above = [one for one in flips if now <= one.position <= 2]
        below = [one for one in flips if -2 <= one.position < now]
        if above:
            found.append(min(above, key=lambda one: one.position))
        if below:
            found.append(max(below, key=lambda one: one.position))
    return tuple(found)


def flip_rows(recommendation: Recommendation, lookup: Lookup) -> tuple[FlipRow, ...]:
    """The weights of criteria that need to move least for another to draw level."""
    return tuple(
        FlipRow(
            one.challenger,
            lookup.name(one.criterion),
            one.weight,
            one.flips_at,
            f"{percent(one.weight)} → {percent(one.flips_at)}",
            one.sentence,
        )
        for one in nearest_flips(recommendation)[:MOST_FLIPS]
    )


def _points(one: Ranked, group: str) -> float:
    return sum(part.points for part in one.contributions if part.group == group)


NEAR = 1.1
"""What the paired rounds call a tie is told as level up to this ratio of medians."""


def measured_groups(machine: Machine, lookup: Lookup) -> tuple[IntervalGroup, ...]:
    """Valid times per workload and device relative to the fastest, with their 95 % intervals."""
    valid: dict[tuple[str, str], list[Measurement]] = defaultdict(list)
    for one in machine.measurements:
        counts = one.verdict.status == "valid" and one.purpose in ("training", "inference")
        if counts and one.track == "strict_fp32" and one.median_seconds and one.ci95:
            valid[one.workload, one.device].append(one)
    return tuple(
        IntervalGroup(
            tr("{workload} on the {device}").format(
                workload=workload_word(workload), device=device_word(device)
            ),
            _interval_rows(machine, found, lookup),
        )
        for (workload, device), found in valid.items()
    )


def _interval_rows(
    machine: Machine, found: list[Measurement], lookup: Lookup
) -> tuple[IntervalRow, ...]:
    ordered = sorted(found, key=lambda one: one.median_seconds or 0)
    best = ordered[0]
    assert best.median_seconds is not None
    level = {best.mode} | {
        one.second if one.first == best.mode else one.first
        for one in machine.comparisons
        if one.verdict == "tie"
        and (one.workload, one.device) == (best.workload, best.device)
        and best.mode in (one.first, one.second)
    }
    rows = []
    for one in ordered:
        assert one.median_seconds is not None
        assert one.ci95 is not None
        ratio = one.median_seconds / best.median_seconds
        if one is best:
            text = tr("fastest")
        elif one.mode in level and ratio < NEAR:
            text = tr("level with the fastest, {ratio:.2f}×").format(ratio=ratio)
        elif one.mode in level:
            # The medians are apart; the rounds do not agree, or too few of them are left.
            text = tr("{ratio:.2f}×, not settled").format(ratio=ratio)
        else:
            text = tr("{ratio:.2f}×").format(ratio=ratio)
        rows.append(
            IntervalRow(
                one.framework,
                mode_name(one.mode, lookup),
                ratio,
                one.ci95[0] / best.median_seconds,
                one.ci95[1] / best.median_seconds,
                text,
                one.mode in level,
            )
        )
    return tuple(rows)


def mode_name(mode: str, lookup: Lookup) -> str:
    """`PyTorch, eager` for `pytorch/eager`."""
    framework, _, way = mode.partition("/")
    name = lookup.name(framework)
    return tr("{framework}, {way}").format(framework=name, way=way) if way else name
