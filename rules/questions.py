"""Which questions are asked for given answers, in their fixed order."""

from rules.conditions import holds
from rules.model import Answers, Knowledge, Question


def applicable(knowledge: Knowledge, answers: Answers) -> tuple[Question, ...]:
    """The questions to ask: core ones with the machine's among them, then those on request."""
    asked = [one for one in knowledge.questions if holds(one.ask_when, answers.answers)]
    return tuple(
        [one for one in asked if one.stage != "later"]
        + [one for one in asked if one.stage == "later"]
    )
