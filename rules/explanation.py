"""Sentences from the arithmetic: why, why not, and what would change it.

What one criterion adds to "A over B" is exactly `weight * (value of A - value of B)`; every
sentence here stands on such a term.
"""

from collections.abc import Mapping, Sequence

from rules.model import Criterion, Knowledge
from rules.recommendation import Contribution, Flip, Ranked, WhyNot
from rules.texts import listed, say

WHY = 4
"""Reasons given for the leader."""
FLIPS = 12
AGAINST = 3
STRENGTH = 0.5
"""Level 2, from which on a value can be told as a reason."""
_COUNTS_MORE = (
    "{name} would draw level if {criterion} counted for {at} of everything instead of {weight}."
)
_COUNTS_LESS = (
    "{name} would draw level if {criterion} counted for only {at} of everything instead of "
    "{weight}."
)
NAMED = 4
"""Of what a loser would have to improve in; a longer list tells nobody anything."""


def share_words(share: float) -> str:
    """A share of the what-ifs in words; the figure is one click away."""
    for least, words in (
        (0.97, "in nearly all of our what-ifs"),
        (0.75, "in most of our what-ifs"),
        (0.55, "in more than half of our what-ifs"),
        (0.45, "in about half of our what-ifs"),
        (0.20, "in less than half of our what-ifs"),
    ):
        if share >= least:
            return say(words)
    return say("in few of our what-ifs")


def why(
    knowledge: Knowledge,
    ranking: Sequence[Ranked],
    reasons: Mapping[str, str],
    still_open: Mapping[str, Sequence[str]],
) -> tuple[str, ...]:
    """The leader's strongest reasons against the field that is left, largest first.

    `reasons` are the facts' own sentences by id; `still_open` the topics of the open questions that
    the leader's value on a criterion hangs on: then no one fact is the reason.
    """
    criteria = {criterion.id: criterion for criterion in knowledge.criteria}
    sentences = []
    for part in strongest(ranking):
        told = " ".join(reasons[fact] for fact in part.facts if fact in reasons) or part.sentence
        if topics := still_open.get(part.criterion):
            middling = level_sentence(criteria[part.criterion], part.value)
            told = say(
                "“{level}” on average over the answers that are still possible to {topics}.",
                level=middling,
                topics=listed([say("“{topic}”", topic=topic) for topic in topics]),
            )
        sentences.append(say("{about}: {told}", about=criteria[part.criterion].name, told=told))
    return tuple(sentences)


def strongest(ranking: Sequence[Ranked]) -> tuple[Contribution, ...]:
    """Where the leader gains most on the mean of the others that are left, largest first."""
    leader, rest = ranking[0], ranking[1:]

    def gain(part: Contribution) -> float:
        others = [_part(one, part.criterion).value for one in rest]
        return part.weight * (part.value - (sum(others) / len(others) if others else 0.0))

    ordered = sorted(leader.contributions, key=lambda part: (-gain(part), part.criterion))
    gains = [part for part in ordered if gain(part) > 0]
    # That the others are weaker still is no strength, unless there is nothing else to say.
    strengths = [part for part in gains if part.value >= STRENGTH]
    return tuple((strengths or gains)[:WHY])


def why_not(
    knowledge: Knowledge, ranking: Sequence[Ranked], names: Mapping[str, str]
) -> tuple[WhyNot, ...]:
    """For each of the others, where the leader gains most on it and where it is ahead."""
    leader = ranking[0]
    criteria = {criterion.id: criterion for criterion in knowledge.criteria}
    return tuple(_why_not(leader, other, criteria, names) for other in ranking[1:])


def _why_not(
    leader: Ranked, other: Ranked, criteria: Mapping[str, Criterion], names: Mapping[str, str]
) -> WhyNot:
    terms = {
        part.criterion: part.points - _part(other, part.criterion).points
        for part in leader.contributions
        if not measured_tie(part, _part(other, part.criterion))
    }
    ordered = sorted(terms, key=lambda name: (-terms[name], name))
    against = tuple(name for name in ordered if terms[name] > 1e-6)
    in_favour = tuple(name for name in reversed(ordered) if terms[name] < -1e-6)
    name, best = names[other.framework], names[leader.framework]
    who = {"name": name, "best": best}
    behind = listed([phrase(criteria[one]) for one in against[:AGAINST]])
    ahead = listed([phrase(criteria[one]) for one in in_favour[:AGAINST]])
    if not against:
        sentence = say("{name} is level with {best} in everything that counts here.", **who)
    elif ahead:
        sentence = say(
            "{name} is behind {best} most in {behind}. It is ahead in {ahead}.",
            behind=behind,
            ahead=ahead,
            **who,
        )
    else:
        sentence = say(
            "{name} is behind {best} most in {behind}. It is ahead in nothing that counts here.",
            behind=behind,
            **who,
        )
    by, at = _draws_level(leader, other) if against else ((), None)
    return WhyNot(
        framework=other.framework,
        gap=round(leader.score - other.score, 6),
        against=against,
        in_favour=in_favour,
        sentence=sentence,
        draws_level_by=by,
        draws_level_at=None if at is None else round(at, 6),
        draws_level_sentence=_draws_level_sentence(other, by, at, criteria, name, best),
    )


def _draws_level(leader: Ranked, other: Ranked) -> tuple[tuple[str, ...], float | None]:
    """The fewest criteria that close the gap, and the value needed where one is enough.

    The score is linear in each value: one criterion closes a gap G where its value rises by
    G / weight. Where no scale reaches so far, those with most room (weight times what is missing to
    the top) are taken together.
    """
    gap = leader.score - other.score
    alone = [
        (gap / part.weight, part.criterion, part.value + gap / part.weight)
        for part in other.contributions
        if part.weight > 0 and part.value + gap / part.weight <= 1
    ]
    if alone:
        _, criterion, value = min(alone)
        return (criterion,), value
    room = sorted(
        ((part.weight * (1 - part.value), part.criterion) for part in other.contributions),
        key=lambda one: (-one[0], one[1]),
    )
    taken: list[str] = []
    for points, criterion in room:
        if gap <= 0:
            break
        taken.append(criterion)
        gap -= points
    return tuple(taken), None


def _draws_level_sentence(
    other: Ranked,
    by: Sequence[str],
    at: float | None,
    criteria: Mapping[str, Criterion],
    name: str,
    best: str,
) -> str:
    titles = [phrase(criteria[one]) for one in by]
    who = {"name": name, "best": best}
    if not by:
        return ""
    if at is None and len(by) > NAMED:
        return say(
            "{name} is far behind: to draw level with {best} it would have to be at the top of "
            "the scale in {number} respects at once, above all {titles}.",
            number=len(by),
            titles=listed(titles[:AGAINST]),
            **who,
        )
    if at is None:
        return say(
            "{name} would draw level with {best} only at the top of the scale in {number} "
            "respects at once: {titles}.",
            number=len(by),
            titles=listed(titles),
            **who,
        )
    now = level_sentence(criteria[by[0]], _part(other, by[0]).value)
    then = level_sentence(criteria[by[0]], at)
    if then == now:
        return say(
            "{name} would draw level with {best} by one change: {title}, a little better than "
            "“{now}”.",
            title=titles[0],
            now=now,
            **who,
        )
    return say(
        "{name} would draw level with {best} by one change: {title}, “{then}” instead of “{now}”.",
        title=titles[0],
        then=then,
        now=now,
        **who,
    )


def flips(
    knowledge: Knowledge, ranking: Sequence[Ranked], names: Mapping[str, str]
) -> tuple[Flip, ...]:
    """Weights at which another draws level with the leader, nearest change first.

    With the other weights in proportion the gap is linear in one weight w: it is
    `w d + (1 - w) R`, d the difference on that criterion and R the gap of the rest per unit of
    weight, so it vanishes at `R / (R - d)`.
    """
    leader = ranking[0]
    phrases = {criterion.id: phrase(criterion) for criterion in knowledge.criteria}
    found = []
    for other in ranking[1:]:
        gap = leader.score - other.score
        for part in leader.contributions:
            theirs = _part(other, part.criterion)
            difference = part.value - theirs.value
            weight = part.weight
            if not 0 < weight < 1 or measured_tie(part, theirs):
                continue
            rest = (gap - weight * difference) / (1 - weight)
            if rest == difference:
                continue
            at = rest / (rest - difference)
            # At 1 nothing else would count: those who are level on this one are no more level.
            if not 0 <= at < 1 - 1e-9 or abs(at - weight) < 1e-9:
                continue
            found.append(
                Flip(
                    criterion=part.criterion,
                    challenger=other.framework,
                    weight=round(weight, 6),
                    flips_at=round(at, 6),
                    sentence=say(
                        _COUNTS_LESS if at < weight else _COUNTS_MORE,
                        name=names[other.framework],
                        criterion=phrases[part.criterion],
                        at=_percent(at),
                        weight=_percent(weight),
                    ),
                )
            )
    found.sort(key=lambda one: (abs(one.flips_at - one.weight), one.criterion, one.challenger))
    return tuple(found[:FLIPS])


def level_sentence(criterion: Criterion, value: float) -> str:
    """The published sentence nearest to a value."""
    return criterion.levels[min(4, int(value * 4 + 0.5))]


def phrase(criterion: Criterion) -> str:
    """What a criterion is called inside a sentence."""
    return criterion.phrase or criterion.name.lower()


def measured_tie(one: Contribution, other: Contribution) -> bool:
    """Both were measured and their intervals overlap: no sentence may set one above the other."""
    return (
        one.grade == other.grade == "measured" and one.low <= other.high and other.low <= one.high
    )


def _part(ranked: Ranked, criterion: str) -> Contribution:
    return next(part for part in ranked.contributions if part.criterion == criterion)


def _percent(share: float) -> str:
    """Whole ones, and tenths where they matter."""
    return f"{share * 100:.0f} %" if share >= 0.095 else f"{share * 100:.1f} %"
