"""What report, terminal and window say alike: the verdict as one line, and what is near enough to
turn it.

It never says other than the plan: who is told to stay with what there is, is not told to choose.
"""

from collections.abc import Mapping

from rules.decision import RIVAL_TOP_SHARE, has_weak_point
from rules.recommendation import Flip, Recommendation
from rules.texts import say

LARGEST_WEIGHT = 0.5
"""More than half of everything on one criterion is no change that anybody would make."""

_EXITS = {
    "classical": "You do not need deep learning: {name} will do",
    "runtime": "Nothing has to be trained: {name} will do",
}

_NOT_CLEAR = {
    "alone": ("Stay with {used}, the only one left", "{name}, the only one left"),
    "weak": ("Stay with {used}, but it has a weak point", "{name}, but it has a weak point"),
    "close": ("Stay with {used}, but it is close", "{name}, but it is close"),
}


def headline(recommendation: Recommendation, names: Mapping[str, str]) -> str:
    """What to do, and how it stands with the others; an id without a name stands for itself."""
    verdict = recommendation.verdict
    if verdict.framework is None:
        return say("No framework is left with these answers")
    name = names.get(verdict.framework, verdict.framework)
    if recommendation.screen.exit is not None:
        return say(_EXITS[recommendation.screen.exit], name=f"{name[0].lower()}{name[1:]}")
    stay = recommendation.plan.stay if recommendation.plan else None
    used = names.get(stay.framework, stay.framework) if stay else None
    if verdict.kind == "insufficient":
        if used:
            return say("Too early to say; until then stay with {used}", used=used)
        return say("Too early to say; so far {name} leads", name=name)
    if stay is not None and stay.because == "level":
        return say(
            "Stay with {used}; {name} leads by too little to pay for the move", used=used, name=name
        )
    rivals = [one for one in recommendation.ranking[1:] if one.top_share > RIVAL_TOP_SHARE]
    if verdict.kind == "close" and rivals:
        rival = names.get(rivals[0].framework, rivals[0].framework)
        if used:
            return say("Stay with {used}; {rival} is about level", used=used, rival=rival)
        return say("Too close to call: {name} or {rival}", name=name, rival=rival)
    if verdict.kind == "clear":
        return say("Stay with {used}", used=used) if used else say("Choose {name}", name=name)
    stay_with, alone = _NOT_CLEAR[_what_keeps_it_from_clear(recommendation)]
    return say(stay_with, used=used) if used else say(alone, name=name)


def advised(recommendation: Recommendation) -> str | None:
    """The framework or exit that the headline tells to use; not the leader where staying pays."""
    stay = recommendation.plan.stay if recommendation.plan else None
    return stay.framework if stay is not None else recommendation.verdict.framework


def _what_keeps_it_from_clear(recommendation: Recommendation) -> str:
    """As the verdict's reason has it, where nobody is level."""
    if len(recommendation.ranking) == 1:
        return "alone"
    return "weak" if has_weak_point(recommendation.ranking) else "close"


def nearest_flips(recommendation: Recommendation) -> list[Flip]:
    """The weights at which another draws level, those that need to move least first."""
    within_reach = [one for one in recommendation.flips if one.flips_at <= LARGEST_WEIGHT]
    return sorted(within_reach, key=lambda one: (abs(one.flips_at - one.weight), one.criterion))
