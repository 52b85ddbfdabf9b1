"""From a choice to a plan: the stack, the install line, phases, migration, risks, learning.

Also whether to stay with what there is, what of it to replace, and how each special need is met.
"""

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Literal

from rules.conditions import Given, holds, options_of
from rules.evaluation import Evaluator
from rules.explanation import share_words
from rules.gates import BY_ANSWERS
from rules.model import (
    Component,
    Fact,
    InstallLine,
    Knowledge,
    Migration,
    Question,
    StackRule,
)
from rules.recommendation import (
    Install,
    Part,
    Plan,
    PlanMigration,
    PlanNeed,
    PlanPhase,
    PlanReplacement,
    PlanRisk,
    PlanStay,
    Ranked,
    Resource,
    RuledOut,
    Stack,
)
from rules.texts import say

ANY = "any"
EXISTING_CODE = "existing_code"
SPECIAL_NEEDS = "special_needs"
NO_WORK: tuple[str, ...] = ("stalled", "retired")
OFTEN_AMONG_THE_BEST = 0.5
"""Top share from which the lead over a framework is within the noise, as for the verdict."""
ANSWERS: tuple[Literal["no", "hardly", "with_effort", "yes"], ...] = (
    "no",
    "hardly",
    "with_effort",
    "yes",
    "yes",
)
"""Of a need, by the level of the fact that speaks of it."""

REVIEW_MONTHS = {"throwaway": 3, "one_year": 6, "five_years": 6}
REVIEW_WHEN = (
    "A new major or minor release of the chosen framework drops your Python, system or device.",
    "The lifecycle state of a part of the stack changes.",
    "A new deployment target or another training device is decided on.",
)
LEARNING_LEVELS = {
    "beginner": ("beginner", "intermediate"),
    "intermediate": ("intermediate", "expert"),
    "expert": ("expert",),
    "mixed": ("beginner", "intermediate", "expert"),
}
NEW_TO_EXPERTS = ("intermediate", "expert")
"""What experts read who have no background in the framework."""


def stack(knowledge: Knowledge, chosen: str, given: Given) -> Stack:
    """The parts to use with a framework or an exit. An open question proposes nothing."""
    components = {component.id: component for component in knowledge.components}
    frameworks = {framework.id: framework for framework in knowledge.frameworks}
    rules = [
        rule
        for rule in knowledge.stack_rules
        if (not rule.frameworks or chosen in rule.frameworks) and holds(rule.when, given)
    ]
    framework = frameworks.get(chosen)
    return Stack(
        training=_parts(rules, "training", components),
        data=_parts(rules, "data", components),
        delivery=_delivery(knowledge, chosen, given, components),
        serving=_parts(rules, "serving", components),
        tracking=_parts(rules, "tracking", components),
        install=_install(
            framework.install
            if framework is not None
            else [line for line in knowledge.exit_installs if line.framework == chosen],
            given,
            _libraries(rules, components),
        ),
    )


def _libraries(rules: Iterable[StackRule], components: Mapping[str, Component]) -> tuple[str, ...]:
    """Packages of the stack that live beside the framework; servers have their own machine."""
    found = (
        package
        for rule in rules
        if rule.part != "serving" and not rule.apart
        # The first name is the one to install; the others are older names of the same thing.
        for package in components[rule.component].packages[:1]
    )
    return tuple(dict.fromkeys(found))


def _parts(
    rules: Iterable[StackRule], part: str, components: Mapping[str, Component]
) -> tuple[Part, ...]:
    found: dict[str, Part] = {}
    for rule in rules:
        if rule.part == part and rule.component not in found:
            found[rule.component] = _part(components[rule.component], rule)
    return tuple(found.values())


def _part(component: Component, rule: StackRule) -> Part:
    return Part(
        component=component.id,
        name=component.name,
        for_target=None,
        text=rule.reason,
        packages=component.packages,
        warning=None,
        source=component.source,
        as_of=component.as_of,
        apart=rule.apart,
    )


def _delivery(
    knowledge: Knowledge, chosen: str, given: Given, components: Mapping[str, Component]
) -> tuple[Part, ...]:
    """The first path to each target; the base lists the proposed one first."""
    found = []
    for target in options_of(given, "deployment"):
        path = next(
            (
                one
                for one in knowledge.deliveries
                if (one.framework, one.target) == (chosen, target)
            ),
            None,
        )
        if path is not None:
            found.append(
                Part(
                    component=path.delivery,
                    name=components[path.delivery].name,
                    for_target=target,
                    text=path.steps,
                    packages=path.packages,
                    warning=path.warning,
                    source=path.source,
                    as_of=path.as_of,
                )
            )
    return tuple(found)


def _install(
    lines: Iterable[InstallLine], given: Given, libraries: Sequence[str]
) -> Install | None:
    """The line for these answers; its note names what the stack needs besides."""
    matching = [line for line in lines if holds(line.when, given)]
    if not matching:
        return None
    line = max(matching, key=lambda one: len(one.when))
    there = line.command.split()
    more = [package for package in libraries if package not in there]
    told = None
    if more:
        command = f"pip install {' '.join(more)}"
        told = say("Then the stack's libraries: {command}", command=command)
    return Install(
        command=line.command,
        note=" ".join(one for one in (line.note, told) if one) or None,
        source=line.source,
        as_of=line.as_of,
        verified=False,
    )


def plan(
    evaluator: Evaluator,
    chosen: str,
    given: Given,
    today: date,
    parts: Stack,
    *,
    ranking: Sequence[Ranked] = (),
    closed: Mapping[str, RuledOut] | None = None,
    existing_components: Sequence[str] = (),
) -> Plan:
    """What to do once a framework or an exit has been chosen.

    `parts` is the stack that goes with it, `closed` what gates have ruled out.
    """
    knowledge = evaluator.knowledge
    review_by = _review_by(given, today)
    staying = _stay(knowledge, chosen, given, ranking, review_by)
    return Plan(
        phases=(
            *_first_phases(knowledge, chosen, given, staying, closed or {}),
            *(
                PlanPhase(title=phase.title, text=phase.text)
                for phase in knowledge.phases
                if holds(phase.when, given)
                and (not phase.frameworks or chosen in phase.frameworks)
                and chosen not in phase.not_with
            ),
        ),
        migration=_migration(knowledge, chosen, given),
        risks=_risks(knowledge, chosen, given, {*_components_of(parts), *existing_components}),
        learning=_learning(knowledge, chosen, given),
        review_by=review_by.isoformat(),
        review_when=tuple(map(say, REVIEW_WHEN)),
        stay=staying,
        replacements=_replacements(knowledge, existing_components),
        needs=_needs(evaluator, chosen, given),
    )


def _components_of(parts: Stack) -> Iterable[str]:
    groups = (parts.training, parts.data, parts.delivery, parts.serving, parts.tracking)
    return (part.component for group in groups for part in group)


def _risks(
    knowledge: Knowledge, chosen: str, given: Given, components: Set[str]
) -> tuple[PlanRisk, ...]:
    return tuple(
        PlanRisk(text=risk.text, source=risk.source, as_of=risk.as_of)
        for risk in knowledge.risks
        if risk.framework == chosen
        and holds(risk.when, given)
        and (risk.component is None or risk.component in components)
    )


_MEDIUM_MOVE = (
    "It is out for one reason: {reason} {fix} That may cost less than moving to {name}, which is "
    "a medium effort."
)
_LARGE_MOVE = (
    "It is out for one reason: {reason} {fix} That may cost less than moving to {name}, which is "
    "a large effort."
)
_LEVEL = {
    "small": (
        "{lead} leads by less than can be told apart: {name} is among the best {often}. Moving "
        "there is a small effort that such a lead does not pay for, so stay unless you would leave "
        "anyway, and look again by {date}."
    ),
    "medium": (
        "{lead} leads by less than can be told apart: {name} is among the best {often}. Moving "
        "there is a medium effort that such a lead does not pay for, so stay unless you would "
        "leave anyway, and look again by {date}."
    ),
    "large": (
        "{lead} leads by less than can be told apart: {name} is among the best {often}. Moving "
        "there is a large effort that such a lead does not pay for, so stay unless you would leave "
        "anyway, and look again by {date}."
    ),
}


def _first_phases(
    knowledge: Knowledge,
    chosen: str,
    given: Given,
    staying: PlanStay | None,
    closed: Mapping[str, RuledOut],
) -> Iterator[PlanPhase]:
    """What comes before everything else: to stay, or what could be done instead of leaving."""
    if staying is not None:
        name = _name(knowledge, staying.framework)
        yield PlanPhase(title=say("Stay with {name}", name=name), text=staying.text)
        return
    for framework in knowledge.frameworks:
        out = closed.get(framework.id)
        if (
            framework.id not in options_of(given, EXISTING_CODE)
            or framework.lifecycle in NO_WORK
            or out is None
            or not out.fix
            or out.source == BY_ANSWERS
        ):
            continue
        path = _path(knowledge, framework.id, chosen)
        if path is not None and path.effort in ("medium", "large"):
            yield PlanPhase(
                title=say("Before you leave {name}", name=framework.name),
                text=say(
                    _MEDIUM_MOVE if path.effort == "medium" else _LARGE_MOVE,
                    reason=out.reason,
                    fix=out.fix,
                    name=_name(knowledge, chosen),
                ),
            )


def _name(knowledge: Knowledge, chosen: str) -> str:
    """As it stands inside a sentence."""
    names: dict[str, str] = {one.id: one.name[:1].lower() + one.name[1:] for one in knowledge.exits}
    names |= {one.id: one.name for one in knowledge.frameworks}
    return names.get(chosen, chosen)


def _stay(
    knowledge: Knowledge,
    chosen: str,
    given: Given,
    ranking: Sequence[Ranked],
    review_by: date,
) -> PlanStay | None:
    """Stay where the code is first, or where the lead over it is noise and moving costs."""
    codes = options_of(given, EXISTING_CODE)
    if chosen in codes:
        return PlanStay(
            framework=chosen,
            because="first",
            text=say(
                "Your code is written with it and it comes first, so nothing has to move: spend "
                "the time on upgrading it where it is, and look again by {date}.",
                date=review_by.isoformat(),
            ),
        )
    best = ranking[0] if ranking else None
    if best is None or best.framework != chosen:
        return None
    for one in ranking[1:]:
        within = one.top_share > OFTEN_AMONG_THE_BEST
        path = _path(knowledge, one.framework, chosen) if one.framework in codes else None
        if within and path is not None and path.effort != "none":
            lead, name = _name(knowledge, chosen), _name(knowledge, one.framework)
            return PlanStay(
                framework=one.framework,
                because="level",
                text=say(
                    _LEVEL[path.effort],
                    lead=lead,
                    name=name,
                    often=share_words(one.top_share),
                    date=review_by.isoformat(),
                ),
            )
    return None


def _replacements(
    knowledge: Knowledge, existing_components: Sequence[str]
) -> tuple[PlanReplacement, ...]:
    """Of the components in use, those that get no work any more, in the order they were named."""
    components = {one.id: one for one in knowledge.components}
    names = {one.id: one.name for one in knowledge.components}
    names |= {one.id: one.name for one in knowledge.frameworks}
    return tuple(
        PlanReplacement(
            component=one.id,
            name=one.name,
            lifecycle=one.lifecycle,
            text=one.summary,
            successor=names.get(one.successor or ""),
            move=one.move,
            source=one.source,
            as_of=one.as_of,
        )
        for name in existing_components
        if (one := components.get(name)) is not None and one.lifecycle in NO_WORK
    )


def _needs(evaluator: Evaluator, chosen: str, given: Given) -> tuple[PlanNeed, ...]:
    knowledge = evaluator.knowledge
    question = next((one for one in knowledge.questions if one.id == SPECIAL_NEEDS), None)
    if question is None:
        return ()
    return tuple(
        _need(evaluator, chosen, given, question, need)
        for need in options_of(given, SPECIAL_NEEDS)
        if need != "none"
    )


def _need(
    evaluator: Evaluator, chosen: str, given: Given, question: Question, need: str
) -> PlanNeed:
    """The fact that speaks of this need, and the part of the stack that is there for it."""
    knowledge = evaluator.knowledge
    title = next((one.text for one in question.options if one.id == need), need)
    alone = {**given, SPECIAL_NEEDS: (need,)}
    part = next(
        (
            rule.component
            for rule in knowledge.stack_rules
            if SPECIAL_NEEDS in rule.when
            and (not rule.frameworks or chosen in rule.frameworks)
            and holds(rule.when, alone)
        ),
        None,
    )
    component = next((one.name for one in knowledge.components if one.id == part), None)
    fact = _speaking_of(evaluator, chosen, alone, need)
    if fact is None:
        return PlanNeed(
            need=need,
            title=title,
            answer="unknown",
            text=say(
                "Nothing is recorded on this for {name}: try it before you rely on it.",
                name=_name(knowledge, chosen),
            ),
            component=component,
            source=None,
            as_of=None,
        )
    return PlanNeed(
        need=need,
        title=title,
        answer=ANSWERS[fact.level],
        text=fact.reason,
        component=component,
        source=fact.source,
        as_of=fact.as_of,
    )


def _speaking_of(evaluator: Evaluator, chosen: str, alone: Given, need: str) -> Fact | None:
    framework = evaluator.frameworks.get(chosen)
    for criterion in evaluator.criteria.values() if framework is not None else ():
        if criterion.over != SPECIAL_NEEDS:
            continue
        assert framework is not None
        for fact in evaluator.select(framework, criterion, alone).facts:
            if SPECIAL_NEEDS in fact.when:
                return fact
    return None


def _migration(knowledge: Knowledge, chosen: str, given: Given) -> tuple[PlanMigration, ...]:
    found = []
    for code in options_of(given, EXISTING_CODE):
        path = _path(knowledge, code, chosen) if code != "none" else None
        if path is not None:
            found.append(
                PlanMigration(
                    from_code=code,
                    to=chosen,
                    effort=path.effort,
                    text=path.text,
                    first_steps=path.first_steps,
                    source=path.source,
                    as_of=path.as_of,
                )
            )
    return tuple(found)


def _path(knowledge: Knowledge, code: str, chosen: str) -> Migration | None:
    """The way from a code to what was chosen, else the one from any code, else the one to any."""
    for start, end in ((code, chosen), (ANY, chosen), (code, ANY)):
        for one in knowledge.migrations:
            if (one.from_code, one.to) == (start, end):
                return one
    return None


def _learning(knowledge: Knowledge, chosen: str, given: Given) -> tuple[Resource, ...]:
    """For the team's levels; where they have nothing for these answers, the next lower one."""
    experience = options_of(given, "team_experience")
    levels = LEARNING_LEVELS[experience[0] if experience else "mixed"]
    if levels == ("expert",) and chosen not in options_of(given, "team_background"):
        levels = NEW_TO_EXPERTS
    for wanted in (levels, ("intermediate",), ("beginner",)):
        found = tuple(
            Resource(
                level=one.level, title=one.title, author=one.author, link=one.link, as_of=one.as_of
            )
            for level in wanted
            for one in knowledge.learning
            if one.framework == chosen and one.level == level and holds(one.when, given)
        )
        if found:
            return found
    return ()


def _review_by(given: Given, today: date) -> date:
    lifetime = options_of(given, "lifetime")
    months = today.month - 1 + REVIEW_MONTHS[lifetime[0] if lifetime else "one_year"]
    year, month = today.year + months // 12, months % 12 + 1
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
