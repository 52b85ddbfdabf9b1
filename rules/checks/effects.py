"""What an entry brings about: options that change nothing, facts told twice, ages, first places."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from rules import planning
from rules.ages import months_past
from rules.checks.finding import Finding
from rules.checks.statements import MONTH, months
from rules.conditions import wanted
from rules.decision import decide
from rules.entries import entries, key_of
from rules.loading import check_answers
from rules.model import Answers, Knowledge, Measurements, Persona
from rules.recommendation import Recommendation
from rules.yaml_reader import dotted

EFFECTIVE = (
    *("facts", "capabilities", "install", "criteria", "weight_rules", "gates", "conflicts"),
    *("exits", "exit_installs", "stack_rules", "phases", "risks", "questions", "speed_scales"),
)
"""Lists whose conditions change a recommendation."""
NEGATIVE = ("none", "other")
"""Options that say "nothing of the list": that they fire no rule is their meaning."""
MAX_PERSONAS = 500
"""More than so many are not decided: each takes some hundredths of a second."""
FEW_DRAWS = 16
"""The first place does not depend on the draws."""


def options_without_effect(knowledge: Knowledge) -> Iterator[Finding]:
    """Options that no fact, gate, weight, exit, conflict or part of the plan reads."""
    read = defaultdict[str, set[str]](set)
    for key, entry in entries(knowledge):
        if key[0] in EFFECTIVE:
            for field in ("when", "unless", "ask_when"):
                conditions = getattr(entry, field, {})
                for name in conditions:
                    read[name].update(wanted(conditions, name))
    read["deployment"].update(one.target for one in knowledge.deliveries)
    read["existing_code"].update(one.from_code for one in knowledge.migrations)
    read["lifetime"].update(planning.REVIEW_MONTHS)
    read["team_experience"].update(planning.LEARNING_LEVELS)
    for question in knowledge.questions:
        for number, option in enumerate(question.options):
            if option.id not in read[question.id] and option.id not in NEGATIVE:
                message = f"option {option.id} changes nothing: no entry reads it"
                yield Finding(key_of("questions", question), message, ("options", number))


def capabilities_without_effect(knowledge: Knowledge) -> Iterator[Finding]:
    """Capabilities that no gate reads, and gates that have none to read."""
    gated = {gate.capability for gate in knowledge.gates if gate.kind == "capability"}
    told = set()
    for framework in knowledge.frameworks:
        for entry in framework.capabilities:
            told.add(entry.capability)
            if entry.capability not in gated:
                message = f"changes nothing: no gate reads the capability {entry.capability}"
                yield Finding(("capabilities", entry.id), message, ("capability",))
    for gate in knowledge.gates:
        if gate.kind == "capability" and gate.capability not in told:
            message = f"never closes: no framework has an entry for {gate.capability}"
            yield Finding(("gates", gate.id), message, ("capability",))


def told_twice(knowledge: Knowledge) -> Iterator[Finding]:
    """One statement under two criteria would count twice."""
    for framework in knowledge.frameworks:
        first: dict[tuple[str, str], tuple[str, str]] = {}
        for fact in framework.facts:
            text = " ".join(fact.reason.casefold().split())
            name, criterion = first.setdefault((text, fact.source), (fact.id, fact.criterion))
            if criterion != fact.criterion:
                message = f"feeds {fact.criterion} with what {name} feeds {criterion} with"
                yield Finding(("facts", fact.id), message, ("reason",))


def months_to_come(knowledge: Knowledge, today: date) -> Iterator[Finding]:
    for key, place, month in months(knowledge):
        if MONTH.match(month) and month > f"{today:%Y-%m}":
            yield Finding(key, f"{dotted(place)} is {month}, which is yet to come", place)


def past_shelf_life(knowledge: Knowledge, today: date) -> Iterator[Finding]:
    """What is due for a recheck; told, since nobody has done anything wrong."""
    for framework in knowledge.frameworks:
        for name in ("facts", "capabilities"):
            for entry in getattr(framework, name):
                is_month = MONTH.match(entry.as_of)
                late = months_past(entry.as_of, entry.shelf_life, today) if is_month else 0
                if late:
                    many = "month" if late == 1 else "months"
                    message = (
                        f"due for a recheck: of {entry.as_of}, {late} {many} past its shelf life "
                        f"({entry.source})"
                    )
                    yield Finding((name, entry.id), message, ("as_of",), is_mistake=False)


def first_nowhere(knowledge: Knowledge, today: date) -> Iterator[Finding]:
    """Live frameworks that no persona would be told to take, and that give no reason for it.

    One that the user's house rules out somewhere is left alone: that is meant.
    """
    if len(knowledge.personas) > MAX_PERSONAS:
        return
    first: set[str | None] = set()
    barred: set[str | None] = set()
    house = {gate.id for gate in knowledge.gates if gate.kind == "house_rule"}
    for persona in knowledge.personas:
        result = decided(knowledge, persona, today, FEW_DRAWS)
        first.add(result.verdict.framework)
        first.update(one.framework for one in result.ranking[:1])
        barred.update(one.framework for one in result.ruled_out if one.gate in house)
    for framework in knowledge.frameworks:
        if (
            framework.lifecycle in ("active", "maintenance")
            and framework.niche is None
            and framework.id not in first | barred
        ):
            message = "is first in no persona; add one, or say under `niche` why not"
            yield Finding(("frameworks", framework.id), message)


def decided(
    knowledge: Knowledge, persona: Persona, today: date, draws: int = 10_000
) -> Recommendation:
    """What a persona would be told. Raises AnswersError where the base knows not its answers."""
    answers = Answers(
        answers=persona.answers,
        importance=persona.importance,
        must_use=persona.must_use,
        exclude=persona.exclude,
    )
    checked = check_answers(answers, knowledge)
    return decide(knowledge, checked, Measurements(), today, draws=draws)
