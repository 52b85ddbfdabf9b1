"""The verdict as one line, the same in report, terminal and window.

It never says other than the plan: who is told to stay with what there is, is not told to choose.
"""

from collections.abc import Mapping

from rules.decision import RIVAL_TOP_SHARE, has_weak_point
from rules.recommendation import Recommendation

_EXITS = {
    "classical": "You do not need deep learning",
    "runtime": "Nothing has to be trained",
}


def headline(recommendation: Recommendation, names: Mapping[str, str]) -> str:
    """What to do, and how it stands with the others; an id without a name stands for itself."""
    verdict = recommendation.verdict
    if verdict.framework is None:
        return "No framework is left with these answers"
    name = names.get(verdict.framework, verdict.framework)
    if recommendation.screen.exit is not None:
        return f"{_EXITS[recommendation.screen.exit]}: {name[0].lower()}{name[1:]} will do"
    stay = recommendation.plan.stay if recommendation.plan else None
    used = names.get(stay.framework, stay.framework) if stay else None
    if verdict.kind == "insufficient":
        so_far = f"until then stay with {used}" if used else f"so far {name} leads"
        return f"Too early to say; {so_far}"
    if stay is not None and stay.because == "level":
        return f"Stay with {used}; {name} leads by too little to pay for the move"
    rivals = [one for one in recommendation.ranking[1:] if one.top_share > RIVAL_TOP_SHARE]
    if verdict.kind == "close" and rivals:
        rival = names.get(rivals[0].framework, rivals[0].framework)
        if used:
            return f"Stay with {used}; {rival} is about level"
        return f"Too close to call: {name} or {rival}"
    if verdict.kind == "clear":
        return f"Stay with {used}" if used else f"Choose {name}"
    what = f"Stay with {used}" if used else name
    return f"{what}, {_what_keeps_it_from_clear(recommendation)}"


def advised(recommendation: Recommendation) -> str | None:
    """The framework or exit that the headline tells to use; not the leader where staying pays."""
    stay = recommendation.plan.stay if recommendation.plan else None
    return stay.framework if stay is not None else recommendation.verdict.framework


def _what_keeps_it_from_clear(recommendation: Recommendation) -> str:
    """As the verdict's reason has it, where nobody is level."""
    if len(recommendation.ranking) == 1:
        return "the only one left"
    return (
        "but it has a weak point" if has_weak_point(recommendation.ranking) else "but it is close"
    )
