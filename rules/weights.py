"""How much each criterion counts for given answers: groups first, then inside the group."""

import msgspec

from rules.conditions import Given, holds
from rules.model import Answers, Criterion, Knowledge

PERFORMANCE = "performance"


class RawWeights(msgspec.Struct, frozen=True):
    """Before normalisation, by id: what draws vary and `normalised` turns into shares."""

    groups: dict[str, float]
    criteria: dict[str, float]


def raw_weights(
    knowledge: Knowledge, answers: Answers, given: Given, performance_counts: bool
) -> RawWeights:
    """Base weights times the rules that the answers fire, times importance (a factor of 2 a step).

    Speed weighs nothing unless it was measured on the class of device that the answers name; what
    the answers leave nothing to judge of (no code to move) weighs nothing either.
    """
    groups = {group.id: group.weight for group in knowledge.groups}
    criteria = {criterion.id: criterion.weight for criterion in knowledge.criteria}
    for rule in knowledge.weight_rules:
        if holds(rule.when, given):
            table = groups if rule.target in groups else criteria
            table[rule.target] *= rule.factor
    for target, wish in answers.importance.items():
        table = groups if target in groups else criteria
        table[target] *= 2.0**wish
    for criterion in knowledge.criteria:
        if criterion.unless and holds(criterion.unless, given):
            criteria[criterion.id] = 0.0
    if not performance_counts and PERFORMANCE in criteria:
        criteria[PERFORMANCE] = 0.0
    return RawWeights(groups, criteria)


def normalised(knowledge: Knowledge, raw: RawWeights) -> dict[str, float]:
    """Weight of each criterion; they sum to 1. A group without a counting criterion has none."""
    members: dict[str, list[Criterion]] = {}
    for criterion in knowledge.criteria:
        if raw.criteria[criterion.id] > 0:
            members.setdefault(criterion.group, []).append(criterion)
    total = sum(raw.groups[group] for group in members)
    weights = dict.fromkeys((criterion.id for criterion in knowledge.criteria), 0.0)
    for group, inside in members.items():
        sum_inside = sum(raw.criteria[criterion.id] for criterion in inside)
        for criterion in inside:
            share = raw.criteria[criterion.id] / sum_inside
            weights[criterion.id] = raw.groups[group] / total * share
    return weights


def performance_weight(knowledge: Knowledge, answers: Answers) -> float:
    """What speed would weigh, had it been measured where the answers train."""
    raw = raw_weights(knowledge, answers, answers.answers, performance_counts=True)
    return normalised(knowledge, raw).get(PERFORMANCE, 0.0)
