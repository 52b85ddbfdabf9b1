"""What a decision costs: beside a plain numpy loop that draws as much, and as it grows."""

import time
from datetime import date

import msgspec
import numpy as np
import pytest

import rules
from rules.model import Answers, Measurements
from rules.questionnaire import Flow, option_effects, settled

TODAY = date(2026, 11, 21)
DRAWS = 10_000
FULL = {
    "work": "scratch",
    "domain": ("vision",),
    "existing_code": ("pytorch",),
    "training_hardware": "nvidia_gpu",
    "os": "linux",
    "python_version": "3.12",
    "deployment": ("server",),
    "team_background": ("numpy",),
    "constraints": ("regulated",),
    "special_needs": ("dynamic_shapes",),
}
"""Where the first option is not what is meant."""


@pytest.fixture(scope="module")
def knowledge():
    return rules.load_knowledge()


@pytest.fixture(scope="module")
def answers(knowledge):
    persona = next(one for one in knowledge.personas if not one.must_use)
    return Answers(answers=persona.answers)


def plain_draws(frameworks: int, criteria: int) -> None:
    """The arithmetic alone: scores of every framework in every draw, and who is near the best."""
    generator = np.random.default_rng(1)
    values = generator.random((frameworks, criteria, DRAWS))
    weights = np.exp(generator.uniform(-0.7, 0.7, (criteria, DRAWS)))
    weights /= weights.sum(axis=0)
    scores = np.einsum("fcd,cd->fd", values, weights)
    (scores >= scores.max(axis=0) - 0.02).mean(axis=1)
    np.percentile(scores, [5, 95], axis=1)


def processor_seconds(call) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def ratios(first, second, pairs=15):
    first(), second()
    return [processor_seconds(first) / processor_seconds(second) for _ in range(pairs)]


def test_a_decision_beside_its_bare_arithmetic(knowledge, answers, report_ratio, benchmark):
    def decide():
        rules.decide(knowledge, answers, Measurements(), TODAY, draws=DRAWS)

    bare = len(knowledge.frameworks), len(knowledge.criteria)
    report_ratio(
        "decision / plain numpy loop of the same draws",
        ratios(decide, lambda: plain_draws(*bare)),
        "none (at most 40 ms)",
    )
    benchmark(decide)


def test_twelve_frameworks_seventeen_criteria_ten_thousand_draws(knowledge, report_ratio):
    """Nobody ruled out and every question answered: the size that the budget names."""
    assert (len(knowledge.frameworks), len(knowledge.criteria)) == (12, 17)
    ungated = msgspec.structs.replace(knowledge, gates=())
    given = {one.id: FULL.get(one.id, one.options[0].id) for one in knowledge.questions}

    def decide():
        result = rules.decide(ungated, Answers(answers=given), Measurements(), TODAY, draws=DRAWS)
        assert len(result.ranking) == 12

    report_ratio(
        "decision, 12 x 17 x 10,000 / plain numpy loop of the same draws",
        ratios(decide, lambda: plain_draws(12, 17)),
        "none (at most 40 ms)",
    )


def test_each_step_of_the_questionnaire(knowledge, capsys):
    """From nothing answered to all: next question, what is settled, effects of the options."""
    flow, slowest = Flow.start(knowledge, Answers()), []
    while flow.question is not None:
        option = flow.question.options[0].id
        name = flow.position
        before = flow

        def step(before=before, option=option):
            after = before.answer((option,) if before.question.multiple else option)
            settled(knowledge, after.answers, TODAY)
            if after.position is not None:
                option_effects(knowledge, after.answers, after.position, TODAY)
            return after

        step()
        slowest.append((min(processor_seconds(step) for _ in range(5)), name))
        flow = step()
    slowest.sort(reverse=True)
    with capsys.disabled():
        print("\nsteps of the questionnaire, slowest first; budget at most 50 ms each:")
        print(", ".join(f"{name} {seconds * 1e3:.1f} ms" for seconds, name in slowest[:6]))


def test_a_decision_with_every_question_open(knowledge, benchmark):
    """The dearest one: each value is a mixture over all that may be answered."""
    benchmark(lambda: rules.decide(knowledge, Answers(), Measurements(), TODAY, draws=DRAWS))


def more_frameworks(knowledge, times):
    copies = tuple(
        msgspec.structs.replace(
            one,
            id=f"{one.id}_{copy}",
            facts=tuple(
                msgspec.structs.replace(fact, id=f"{fact.id}_{copy}") for fact in one.facts
            ),
        )
        for copy in range(times)
        for one in knowledge.frameworks
    )
    return msgspec.structs.replace(knowledge, frameworks=copies)


def more_criteria(knowledge, times):
    """Each criterion again under other names, with facts of its own."""
    criteria = tuple(
        msgspec.structs.replace(one, id=f"{one.id}_{copy}" if copy else one.id)
        for copy in range(times)
        for one in knowledge.criteria
    )
    frameworks = tuple(
        msgspec.structs.replace(
            one,
            facts=tuple(
                msgspec.structs.replace(
                    fact,
                    id=f"{fact.id}_{copy}",
                    criterion=f"{fact.criterion}_{copy}" if copy else fact.criterion,
                )
                for copy in range(times)
                for fact in one.facts
            ),
        )
        for one in knowledge.frameworks
    )
    return msgspec.structs.replace(knowledge, criteria=criteria, frameworks=frameworks)


def more_questions(knowledge, times):
    """Each question again, read by as many phases of the plan."""
    questions = tuple(
        msgspec.structs.replace(one, id=f"{one.id}_{copy}" if copy else one.id)
        for copy in range(times)
        for one in knowledge.questions
    )
    phases = tuple(
        msgspec.structs.replace(
            one,
            id=f"{one.id}_{copy}",
            when={f"{name}_{copy}" if copy else name: one.when[name] for name in one.when},
        )
        for copy in range(times)
        for one in knowledge.phases
    )
    return msgspec.structs.replace(knowledge, questions=questions, phases=phases)


@pytest.mark.parametrize("what", ["draws", "frameworks", "criteria", "questions"])
def test_the_cost_grows_no_faster_than_the_size(knowledge, answers, report_ratio, what):
    """At one, two and four times the size; beside each the growth of a linear cost."""
    grown = {
        "frameworks": more_frameworks,
        "criteria": more_criteria,
        "questions": more_questions,
    }

    def decide(times):
        base = grown[what](knowledge, times) if what in grown else knowledge
        draws = DRAWS * times if what == "draws" else DRAWS
        return lambda: rules.decide(base, answers, Measurements(), TODAY, draws=draws)

    once = decide(1)
    for times in (2, 4):
        report_ratio(
            f"decision, {times} times the {what} / once",
            ratios(decide(times), once, pairs=7),
            f"at most {times} (linear)",
        )


def test_loading_the_knowledge(benchmark):
    from rules.loading import OWN
    from rules.packs import assembled, read_folder

    benchmark(lambda: assembled(read_folder(OWN)))
