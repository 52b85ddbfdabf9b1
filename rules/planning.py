"""From a choice to a plan: the stack, the install line, phases, migration, risks, learning."""

import calendar
from collections.abc import Iterable, Mapping
from datetime import date

from rules.conditions import Given, holds, options_of
from rules.model import Component, Framework, InstallLine, Knowledge, StackRule
from rules.recommendation import (
    Install,
    Part,
    Plan,
    PlanMigration,
    PlanPhase,
    PlanRisk,
    Resource,
    Stack,
)

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
        install=_install(framework, given) if framework is not None else None,
    )


def _parts(
    rules: Iterable[StackRule], part: str, components: Mapping[str, Component]
) -> tuple[Part, ...]:
    found: dict[str, Part] = {}
    for rule in rules:
        if rule.part == part and rule.component not in found:
            found[rule.component] = _part(components[rule.component], None, rule.reason)
    return tuple(found.values())


def _part(component: Component, target: str | None, text: str, warning: str | None = None) -> Part:
    return Part(
        component=component.id,
        name=component.name,
        for_target=target,
        text=text,
        packages=component.packages,
        warning=warning,
        source=component.source,
        as_of=component.as_of,
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


def _install(framework: Framework, given: Given) -> Install | None:
    matching = [line for line in framework.install if holds(line.when, given)]
    if not matching:
        return None
    line: InstallLine = max(matching, key=lambda one: len(one.when))
    return Install(
        command=line.command, note=line.note, source=line.source, as_of=line.as_of, verified=False
    )


def plan(knowledge: Knowledge, chosen: str, given: Given, today: date) -> Plan:
    return Plan(
        phases=tuple(
            PlanPhase(title=phase.title, text=phase.text)
            for phase in knowledge.phases
            if holds(phase.when, given)
        ),
        migration=_migration(knowledge, chosen, given),
        risks=tuple(
            PlanRisk(text=risk.text, source=risk.source, as_of=risk.as_of)
            for risk in knowledge.risks
            if risk.framework == chosen and holds(risk.when, given)
        ),
        learning=_learning(knowledge, chosen, given),
        review_by=_review_by(given, today).isoformat(),
        review_when=REVIEW_WHEN,
    )


def _migration(knowledge: Knowledge, chosen: str, given: Given) -> tuple[PlanMigration, ...]:
    found = []
    for code in options_of(given, "existing_code"):
        paths = [one for one in knowledge.migrations if one.from_code == code]
        path = next((one for one in paths if one.to == chosen), None) or next(
            (one for one in paths if one.to == "any"), None
        )
        if path is not None and code != "none":
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


def _learning(knowledge: Knowledge, chosen: str, given: Given) -> tuple[Resource, ...]:
    experience = options_of(given, "team_experience")
    levels = LEARNING_LEVELS[experience[0] if experience else "mixed"]
    return tuple(
        Resource(
            level=one.level, title=one.title, author=one.author, link=one.link, as_of=one.as_of
        )
        for level in levels
        for one in knowledge.learning
        if one.framework == chosen and one.level == level
    )


def _review_by(given: Given, today: date) -> date:
    lifetime = options_of(given, "lifetime")
    months = today.month - 1 + REVIEW_MONTHS[lifetime[0] if lifetime else "one_year"]
    year, month = today.year + months // 12, months % 12 + 1
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
