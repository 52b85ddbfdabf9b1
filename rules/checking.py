"""Whether the parts of a knowledge base fit together: ids that exist, dates, single purposes."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from rules.conditions import wanted
from rules.errors import InputError, suggestion
from rules.model import Capability, Conditions, Fact, Knowledge

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])\Z")
EXITS = ("classical", "runtime")


def check_references(knowledge: Knowledge, place: str) -> None:
    """Raise InputError with the first finding."""
    for finding in findings(knowledge):
        raise InputError(finding, place)


def findings(knowledge: Knowledge) -> Iterator[str]:
    """One line for each mistake."""
    yield from _twice(knowledge)
    yield from _unknown_ids(knowledge)
    yield from _months(knowledge)
    yield from _numbers(knowledge)
    yield from _double_duty(knowledge)
    yield from _closed_on_judgement(knowledge)


def _twice(knowledge: Knowledge) -> Iterator[str]:
    ids = Counter(entry.id for entry in _entries(knowledge))
    ids.update(one.id for one in knowledge.statements)
    yield from (f"{name}: this id stands twice" for name, count in ids.items() if count > 1)
    for field in ("questions", "groups", "criteria", "weight_rules", "gates", "components"):
        counted = Counter(one.id for one in getattr(knowledge, field))
        yield from (f"{field}: {name} stands twice" for name, n in counted.items() if n > 1)


def _unknown_ids(knowledge: Knowledge) -> Iterator[str]:
    questions = {
        question.id: {option.id for option in question.options} for question in knowledge.questions
    }
    for where, conditions in _conditions(knowledge):
        for name in conditions:
            if name not in questions:
                yield f"{where}: when.{name} is no question{suggestion(name, questions)}"
                continue
            for option in wanted(conditions, name):
                if option not in questions[name]:
                    near = suggestion(option, questions[name])
                    yield f"{where}: when.{name}: {option!r} is no option{near}"
    criteria = {criterion.id for criterion in knowledge.criteria}
    groups = {group.id for group in knowledge.groups}
    frameworks = {framework.id for framework in knowledge.frameworks}
    components = {component.id for component in knowledge.components}
    for framework in knowledge.frameworks:
        for fact in framework.facts:
            if fact.criterion not in criteria:
                near = suggestion(fact.criterion, criteria)
                yield f"{fact.id}: {fact.criterion!r} is no criterion{near}"
        for derivation in framework.derived:
            yield from _not_in(framework.id, derivation.from_frameworks, frameworks, "framework")
        if framework.successor is not None:
            yield from _not_in(
                framework.id, [framework.successor], frameworks | components, "successor"
            )
    for criterion in knowledge.criteria:
        yield from _not_in(criterion.id, [criterion.group], groups, "group")
        if criterion.over is not None:
            yield from _not_in(criterion.id, [criterion.over], questions, "question")
    for rule in knowledge.weight_rules:
        yield from _not_in(rule.id, [rule.target], groups | criteria, "group or criterion")
    targets = questions.get("deployment", set())
    for path in knowledge.deliveries:
        where = f"deliveries: {path.framework} to {path.target}"
        yield from _not_in(where, [path.framework], frameworks | set(EXITS), "framework or exit")
        yield from _not_in(where, [path.target], targets, "target")
        yield from _not_in(where, [path.delivery], components, "component")
    for stack_rule in knowledge.stack_rules:
        known = frameworks | set(EXITS)
        yield from _not_in(stack_rule.id, stack_rule.frameworks, known, "framework or exit")
        yield from _not_in(stack_rule.id, [stack_rule.component], components, "component")
    codes = questions.get("existing_code", set())
    for sign in knowledge.code_signs:
        where = f"code_signs: {sign.code}"
        yield from _not_in(where, [sign.code], codes, "existing_code option")
        yield from _not_in(where, [sign.framework], frameworks, "framework")
        yield from _not_in(where, [sign.successor], frameworks | components, "successor")
    statements = {statement.id for statement in knowledge.statements}
    for way_out in knowledge.exits:
        yield from _not_in(way_out.id, way_out.facts, statements, "statement")


def _entries(knowledge: Knowledge) -> Iterator[Fact | Capability]:
    for framework in knowledge.frameworks:
        yield from framework.facts
        yield from framework.capabilities


def _not_in(where: str, names: Iterable[str], known: Collection[str], what: str) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{where}: {name!r} is no {what}{suggestion(name, known)}"


def _conditions(knowledge: Knowledge) -> Iterator[tuple[str, Conditions]]:
    for entry in _entries(knowledge):
        yield entry.id, entry.when
    for framework in knowledge.frameworks:
        for line in framework.install:
            yield f"{framework.id}: install", line.when
    for field in ("weight_rules", "gates", "conflicts", "exits", "stack_rules", "phases"):
        for one in getattr(knowledge, field):
            yield f"{field}: {one.id}", one.when
    for way_out in knowledge.exits:
        yield f"exits: {way_out.id}", way_out.unless
    for risk in knowledge.risks:
        yield f"risks: {risk.framework}", risk.when
    for criterion in knowledge.criteria:
        yield f"criteria: {criterion.id}", criterion.unless
    for question in knowledge.questions:
        yield f"questions: {question.id}", question.ask_when
        yield f"questions: {question.id}", question.prefill_when


def _months(knowledge: Knowledge) -> Iterator[str]:
    for entry in (*_entries(knowledge), *knowledge.statements):
        if not MONTH.match(entry.as_of):
            yield f"{entry.id}: as_of is {entry.as_of!r}; write YYYY-MM"
        if not entry.source.strip():
            yield f"{entry.id}: source is empty"


def _numbers(knowledge: Knowledge) -> Iterator[str]:
    """A weight of nothing, or of no number, would leave a sum that cannot be shared out."""
    weights = [(f"groups: {one.id}: weight", one.weight) for one in knowledge.groups]
    weights += [(f"criteria: {one.id}: weight", one.weight) for one in knowledge.criteria]
    weights += [(f"weight_rules: {one.id}: factor", one.factor) for one in knowledge.weight_rules]
    for scale in knowledge.speed_scales:
        weights += [
            (f"speed_scales: {scale.workload}: best_ratio", scale.best_ratio),
            (f"speed_scales: {scale.workload}: worst_ratio", scale.worst_ratio),
        ]
        if scale.best_ratio >= scale.worst_ratio:
            yield f"speed_scales: {scale.workload}: best_ratio is not below worst_ratio"
    for where, number in weights:
        if not (math.isfinite(number) and number > 0):
            yield f"{where} is {number}; it has to be a number above 0"


def _closed_on_judgement(knowledge: Knowledge) -> Iterator[str]:
    """A gate may close on what somebody reports, never on what we only think."""
    for framework in knowledge.frameworks:
        for entry in framework.capabilities:
            if entry.state == "none" and entry.grade in ("judgement", "unknown"):
                yield f"{entry.id}: state none needs a source; its grade is {entry.grade}"


def _double_duty(knowledge: Knowledge) -> Iterator[str]:
    """An answer may move a criterion's weight or select its facts, never both."""
    selecting: dict[str, set[str]] = {}
    for framework in knowledge.frameworks:
        for fact in framework.facts:
            selecting.setdefault(fact.criterion, set()).update(fact.when)
    members = {
        group.id: {one.id for one in knowledge.criteria if one.group == group.id}
        for group in knowledge.groups
    }
    for rule in knowledge.weight_rules:
        for criterion in sorted(members.get(rule.target, {rule.target})):
            for question in sorted(set(rule.when) & selecting.get(criterion, set())):
                yield (
                    f"weight_rules: {rule.id}: {question} moves the weight of {criterion} "
                    "and selects its facts; it may do one of the two"
                )
