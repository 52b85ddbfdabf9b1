"""The decision: one pure function from knowledge, answers, measurements and a date."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
import numpy as np

from rules import explanation, planning
from rules.ages import months_past
from rules.conditions import Given, holds
from rules.evaluation import Evaluator, evaluator_for
from rules.gates import broken_note, ruled_out, warnings
from rules.influence import influence
from rules.model import (
    Answers,
    Criterion,
    Exit,
    Fact,
    Framework,
    Grade,
    Knowledge,
    Measurements,
)
from rules.questions import applicable
from rules.recommendation import (
    SCHEMA,
    Contribution,
    Kind,
    KnowledgeUsed,
    Made,
    Ranked,
    Recommendation,
    RuledOut,
    Screen,
    Verdict,
)
from rules.relevance import is_half_answered
from rules.robustness import Drawn, Sampler, Value, draw, shares
from rules.screen import as_read, conflicts, exit_taken
from rules.speed import Speeds, speeds
from rules.texts import listed, say
from rules.weights import PERFORMANCE, raw_weights

SEED = 20261121
CLEAR_TOP_SHARE = 0.85
RIVAL_TOP_SHARE = 0.50
CLEAR_LEVEL = 0.5
"""Level 2 of domain_fit and hardware_fit, without which no verdict is clear."""
NEEDED_FOR_CLEAR = ("domain_fit", "hardware_fit")
CHANGES_TOO_OFTEN = 1 / 3
GRADES: tuple[Grade, ...] = ("measured", "official", "reported", "judgement", "unknown")
VERSION = "1"
"""Of the method: raised when the same inputs give another document."""


def decide(
    knowledge: Knowledge,
    answers: Answers,
    measurements: Measurements,
    today: date,
    *,
    draws: int = 10_000,
    seed: int = SEED,
) -> Recommendation:
    """Decide. The same inputs give the same document, byte for byte.

    `answers` as `load_answers` gives them; `today` is what the ages of facts are counted to.
    """
    knowledge = _overridden(knowledge, answers, today)
    evaluator = evaluator_for(knowledge)
    found = conflicts(knowledge, answers.answers)
    given = as_read(answers.answers, found)
    measured = speeds(knowledge, measurements, given)
    way_out = exit_taken(knowledge, given)
    broken = {
        one.framework: one.reason or say("no reason was found")
        for one in measurements.states
        if one.status == "broken"
    }
    closed = ruled_out(knowledge, answers, given, broken)
    left = [framework for framework in knowledge.frameworks if framework.id not in closed]
    sampler = Sampler(evaluator, measured, today, draws, seed)
    raw = raw_weights(knowledge, answers, given, performance_counts=measured.counts)
    drawn = draw(sampler, knowledge, left, raw, given)
    ranking = _ranking(evaluator, left, drawn, given, measured, broken)
    open_questions = influence(
        evaluator, answers, given, measured, applicable(knowledge, answers), broken
    )
    names = {framework.id: framework.name for framework in knowledge.frameworks}
    verdict = _verdict(knowledge, ranking, way_out, closed, answers, open_questions, names)
    chosen = verdict.framework
    parts = planning.stack(knowledge, chosen, given) if chosen is not None else None
    facts = {fact.id: fact for framework in knowledge.frameworks for fact in framework.facts}
    reasons = {name: fact.reason for name, fact in facts.items()}
    return Recommendation(
        schema=SCHEMA,
        made=Made(
            today=today.isoformat(),
            seed=seed,
            draws=draws,
            versions={"method": VERSION, "numpy": np.__version__},
        ),
        verdict=verdict,
        screen=Screen(
            exit=way_out.id if way_out else None,
            reason=way_out.reason if way_out else None,
            facts=_exit_facts(knowledge, way_out, given),
        ),
        ranking=ranking,
        ruled_out=tuple(closed[name] for name in sorted(closed)),
        conflicts=found,
        why=_why(
            knowledge, ranking, way_out, given, reasons, _still_open(evaluator, ranking, given)
        ),
        why_not=explanation.why_not(knowledge, ranking, names) if ranking else (),
        stack=parts,
        plan=planning.plan(
            evaluator,
            chosen,
            given,
            today,
            parts,
            ranking=ranking,
            closed=closed,
            existing_components=answers.existing_components,
        )
        if chosen is not None and parts is not None
        else None,
        flips=explanation.flips(knowledge, ranking, names) if ranking else (),
        open_questions=open_questions,
        answers=answers,
        knowledge=_used(knowledge, answers, ranking, facts, today),
        machine=measurements.fingerprint,
    )


def _overridden(knowledge: Knowledge, answers: Answers, today: date) -> Knowledge:
    """The knowledge with the single facts that the answers set to another level.

    What a user sets is that user's judgement of today, whatever the fact had been.
    """
    if not answers.override:
        return knowledge
    frameworks = []
    for framework in knowledge.frameworks:
        facts = []
        for fact in framework.facts:
            change = answers.override.get(fact.id)
            if change is not None:
                fact = msgspec.structs.replace(
                    fact,
                    level=change.level,
                    reason=change.reason,
                    grade="judgement",
                    source="your answers",
                    as_of=f"{today:%Y-%m}",
                )
            facts.append(fact)
        frameworks.append(msgspec.structs.replace(framework, facts=tuple(facts)))
    return msgspec.structs.replace(knowledge, frameworks=tuple(frameworks))


def _ranking(
    evaluator: Evaluator,
    left: Sequence[Framework],
    drawn: Drawn,
    given: Given,
    measured: Speeds,
    broken: Mapping[str, str],
) -> tuple[Ranked, ...]:
    if not left:
        return ()
    knowledge, weights, values = evaluator.knowledge, drawn.weights, drawn.values
    share = shares([drawn.scores[framework.id] for framework in left])
    rounded = {
        name: round(sum(weights[one] * value.value for one, value in by_criterion.items()), 6)
        for name, by_criterion in values.items()
    }
    order = sorted(range(len(left)), key=lambda place: (-rounded[left[place].id], left[place].id))
    ranked = []
    for rank, place in enumerate(order, start=1):
        framework = left[place]
        notes = list(warnings(framework, knowledge, given))
        if framework.id in broken:
            notes.append(broken_note(framework, knowledge, given, broken[framework.id]))
        ranked.append(
            Ranked(
                framework=framework.id,
                rank=rank,
                score=rounded[framework.id],
                low=round(max(0.0, share.low[place]), 6),
                high=round(min(1.0, share.high[place]), 6),
                top_share=round(share.top[place], 6),
                first_rank_share=round(share.first[place], 6),
                contributions=tuple(
                    _contribution(
                        evaluator,
                        framework,
                        criterion,
                        given,
                        values[framework.id][criterion.id],
                        weights[criterion.id],
                        measured,
                    )
                    for criterion in knowledge.criteria
                ),
                warnings=tuple(notes),
            )
        )
    return tuple(ranked)


def _contribution(
    evaluator: Evaluator,
    framework: Framework,
    criterion: Criterion,
    given: Given,
    value: Value,
    weight: float,
    measured: Speeds,
) -> Contribution:
    grade, facts, sentence = _basis(evaluator, framework, criterion, given, value, measured)
    return Contribution(
        criterion=criterion.id,
        group=criterion.group,
        weight=round(weight, 6),
        value=round(value.value, 6),
        low=round(value.low, 6),
        high=round(value.high, 6),
        points=round(weight * value.value, 6),
        grade=grade,
        facts=tuple(fact.id for fact in facts),
        sentence=sentence,
    )


def _basis(
    evaluator: Evaluator,
    framework: Framework,
    criterion: Criterion,
    given: Given,
    value: Value,
    measured: Speeds,
) -> tuple[Grade, tuple[Fact, ...], str]:
    """Grade, facts and sentence of a value."""
    sentence = explanation.level_sentence(criterion, value.value)
    if criterion.id == PERFORMANCE:
        shown = measured.by_framework.get(framework.id)
        if not shown:
            return "unknown", (), say("Not measured here")
        times = ", ".join(f"{one.workload} {_time(one.seconds)}" for one in shown)
        told = "{level}: {times}"
        if not measured.counts:
            told = "{level}: {times}; on another class of device, so it does not count"
        return "measured", (), say(told, level=sentence, times=times)
    sources = evaluator.derived_from(framework, criterion.id) or (framework,)
    facts = tuple(fact for one in sources for fact in evaluator.select(one, criterion, given).facts)
    if not facts:
        return "unknown", (), say("Nothing is known")
    grade = max((fact.grade for fact in facts), key=GRADES.index)
    return grade, facts, sentence


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.2f} ms"


def _verdict(
    knowledge: Knowledge,
    ranking: Sequence[Ranked],
    way_out: Exit | None,
    closed: Mapping[str, RuledOut],
    answers: Answers,
    open_questions: Mapping[str, float],
    names: Mapping[str, str],
) -> Verdict:
    if not ranking:
        return Verdict(
            framework=None,
            kind="none",
            top_share=None,
            reason=_nothing_left(knowledge, answers, closed, names),
        )
    if way_out is not None:
        return Verdict(framework=way_out.id, kind="clear", top_share=None, reason=way_out.reason)
    kind = _kind(knowledge, ranking, answers, open_questions)
    leader = ranking[0]
    words = explanation.share_words(leader.top_share)
    name = names[leader.framework]
    if kind == "insufficient":
        reason = say(
            "Too little is known for a verdict; {name} leads so far, among the best {often}.",
            name=name,
            often=words,
        )
    elif kind == "clear":
        reason = say(
            "{name} is among the best {often}, and no other comes near as often.",
            name=name,
            often=words,
        )
    else:
        reason = _close_reason(knowledge, ranking, names)
    return Verdict(framework=leader.framework, kind=kind, top_share=leader.top_share, reason=reason)


def _close_reason(knowledge: Knowledge, ranking: Sequence[Ranked], names: Mapping[str, str]) -> str:
    """What keeps a leader from being a clear choice: others, its own share, or a weak point."""
    leader, rest = ranking[0], ranking[1:]
    name = names[leader.framework]
    if not rest:
        return say("{name} is the only one left.", name=name)
    told = {"name": name, "often": explanation.share_words(leader.top_share)}
    near = [names[one.framework] for one in rest if one.top_share > RIVAL_TOP_SHARE]
    if near:
        return say(
            "{name} is among the best {often}; {others} can hardly be told apart from it.",
            others=listed(near),
            **told,
        )
    if leader.top_share < CLEAR_TOP_SHARE:
        second = max(rest, key=lambda one: one.top_share)
        often = explanation.share_words(second.top_share)
        return say(
            "{name} is among the best {often}; {second} comes nearest, {second_often}.",
            second=names[second.framework],
            second_often=often,
            **told,
        )
    weak = [part for part in leader.contributions if _is_weak(part)]
    criteria = {criterion.id: criterion for criterion in knowledge.criteria}
    points = [
        say(
            "{criterion}, “{level}”",
            criterion=explanation.phrase(criteria[one.criterion]),
            level=one.sentence,
        )
        for one in weak
    ]
    sentence = "{name} is among the best {often}, but it has weak points itself: {points}."
    if len(points) == 1:
        sentence = "{name} is among the best {often}, but it has a weak point itself: {points}."
    return say(sentence, points=listed(points), **told)


def _kind(
    knowledge: Knowledge,
    ranking: Sequence[Ranked],
    answers: Answers,
    open_questions: Mapping[str, float],
) -> Kind:
    core = [question.id for question in knowledge.questions if question.stage == "core"]
    if any(open_questions.get(question, 0.0) > CHANGES_TOO_OFTEN for question in core):
        return "insufficient"
    # A question that cannot matter is not missed, and the last one left needs no comparing.
    if len(ranking) > 1 and not is_half_answered(knowledge, answers):
        return "insufficient"
    leader, rest = ranking[0], ranking[1:]
    if (
        rest
        and leader.top_share >= CLEAR_TOP_SHARE
        and all(one.top_share <= RIVAL_TOP_SHARE for one in rest)
        and not any(map(_is_weak, leader.contributions))
    ):
        return "clear"
    return "close"


def has_weak_point(ranking: Sequence[Ranked]) -> bool:
    """Whether the leader is ahead by enough, and what keeps it from being clear is in itself."""
    leader, rest = ranking[0], ranking[1:]
    return (
        leader.top_share >= CLEAR_TOP_SHARE
        and all(one.top_share <= RIVAL_TOP_SHARE for one in rest)
        and any(map(_is_weak, leader.contributions))
    )


def _is_weak(part: Contribution) -> bool:
    """Where it is so, nobody is a clear choice however far ahead."""
    return part.criterion in NEEDED_FOR_CLEAR and part.value < CLEAR_LEVEL


def _nothing_left(
    knowledge: Knowledge,
    answers: Answers,
    closed: Mapping[str, RuledOut],
    names: Mapping[str, str],
) -> str:
    """What blocks, and the cheapest way out: the live one with a fix and fewest words."""
    if answers.must_use:
        told = " ".join(
            say("{about}: {told}", about=names[one], told=closed[one].reason)
            for one in answers.must_use
        )
        fixes = dict.fromkeys(fix for one in answers.must_use if (fix := closed[one].fix))
        way = " ".join((*fixes, say("Or allow another in `must_use`.")))
        return say(
            "Nothing is left: what has to be used is ruled out. {told} {way}", told=told, way=way
        )
    titles = {gate.id: gate.name for gate in knowledge.gates}
    gates = sorted({titles[one.gate] for one in closed.values() if one.gate != "retired"})
    ways = sorted(
        (one for one in closed.values() if one.fix and one.gate not in ("retired", "exclude")),
        key=lambda one: (len(one.fix or ""), one.framework),
    )
    reason = say("Nothing is left: every framework is ruled out.")
    if gates:
        reason = say(
            "Nothing is left: every framework is ruled out ({gates}).", gates="; ".join(gates)
        )
    if not ways:
        return reason
    name, fix = names[ways[0].framework], ways[0].fix
    return say(
        "{reason} The nearest way out is for {name}: {fix}", reason=reason, name=name, fix=fix
    )


def _why(
    knowledge: Knowledge,
    ranking: Sequence[Ranked],
    way_out: Exit | None,
    given: Given,
    reasons: Mapping[str, str],
    still_open: Mapping[str, tuple[str, ...]],
) -> tuple[str, ...]:
    if way_out is not None:
        texts = {statement.id: statement.text for statement in knowledge.statements}
        return tuple(texts[name] for name in _exit_facts(knowledge, way_out, given))
    return explanation.why(knowledge, ranking, reasons, still_open) if ranking else ()


def _exit_facts(knowledge: Knowledge, way_out: Exit | None, given: Given) -> tuple[str, ...]:
    """The statements that an exit rests on for these answers; all of them where none is singled
    out."""
    if way_out is None:
        return ()
    when = {statement.id: statement.when for statement in knowledge.statements}
    return tuple(name for name in way_out.facts if holds(when[name], given)) or way_out.facts


def _still_open(
    evaluator: Evaluator, ranking: Sequence[Ranked], given: Given
) -> dict[str, tuple[str, ...]]:
    """Criterion -> topics of the open questions on which the leader's value hangs."""
    if not ranking:
        return {}
    knowledge, leader = evaluator.knowledge, evaluator.frameworks[ranking[0].framework]
    topics = {question.id: question.topic for question in knowledge.questions}
    found = {}
    for criterion in knowledge.criteria:
        sources = evaluator.derived_from(leader, criterion.id) or (leader,)
        selections = [evaluator.select(one, criterion, given) for one in sources]
        names = {name for one in selections if len(one.cases) > 1 for name in one.open_questions}
        found[criterion.id] = tuple(topics[name] for name in topics if name in names)
    return found


def _used(
    knowledge: Knowledge,
    answers: Answers,
    ranking: Sequence[Ranked],
    facts: Mapping[str, Fact],
    today: date,
) -> KnowledgeUsed:
    rests_on = {
        name for one in ranking for part in one.contributions if part.weight for name in part.facts
    }
    return KnowledgeUsed(
        version=knowledge.version,
        hash=knowledge.hash,
        overridden=tuple(sorted({*knowledge.overridden, *answers.override})),
        stale=tuple(
            name
            for name in sorted(rests_on)
            if months_past(facts[name].as_of, facts[name].shelf_life, today)
        ),
    )
