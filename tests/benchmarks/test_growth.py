"""How costs grow: a decision, the history, a report, the window; each at three sizes."""

import functools
import itertools
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

import rules
from rules.model import Answers, Measurements

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 21)
DRAWS = 10_000
TIMES = (1, 2, 4)
FEW_ROUNDS = 5
"""Of what takes a second and more."""
PAUSE = 400
"""Milliseconds in which the window ends what it does in slices."""


@pytest.fixture(scope="module")
def knowledge():
    return rules.load_knowledge()


def more_options(knowledge, times):
    """Each framework again under other names, with facts of its own."""
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
    return msgspec.structs.replace(more_facts(knowledge, times, True), criteria=criteria)


def more_facts(knowledge, times, own_criteria=False):
    """Each fact again under another name, for the same criterion or for one of its own."""
    frameworks = tuple(
        msgspec.structs.replace(
            one,
            facts=tuple(
                msgspec.structs.replace(
                    fact,
                    id=f"{fact.id}_{copy}" if copy else fact.id,
                    criterion=f"{fact.criterion}_{copy}"
                    if copy and own_criteria
                    else fact.criterion,
                )
                for copy in range(times)
                for fact in one.facts
            ),
        )
        for one in knowledge.frameworks
    )
    return msgspec.structs.replace(knowledge, frameworks=frameworks)


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


GROWN = {
    "options": more_options,
    "criteria": more_criteria,
    "facts": more_facts,
    "questions": more_questions,
}


@pytest.mark.parametrize("what", ["draws", *GROWN])
def test_a_decision(knowledge, record_growth, what):
    persona = next(one for one in knowledge.personas if not one.must_use)
    answers = Answers(answers=persona.answers)

    def deciding(times):
        base = GROWN[what](knowledge, times) if what in GROWN else knowledge
        draws = DRAWS * times if what == "draws" else DRAWS
        return lambda: rules.decide(base, answers, Measurements(), TODAY, draws=draws)

    record_growth(f"growth_decision_{what}", {times: deciding(times) for times in TIMES})


@pytest.mark.parametrize("is_known", [False, True], ids=["first", "again"])
def test_the_history_over_its_files(record_growth, monkeypatch, tmp_path, is_known):
    """Read for the first time, and again with what the index has kept."""
    from app.history import INDEX, add_machine, read_history
    from app.paths import history_folder
    from probes.results import decode_machine

    recorded = (ROOT / "tests" / "data" / "machine_quick.json").read_bytes()
    machine = decode_machine(recorded, "machine_quick.json")
    sizes = (60, 120, 240) if is_known else (15, 30, 60)
    homes = {size: tmp_path / str(size) for size in sizes}

    def at(size):
        monkeypatch.setenv("FRAMEWORK_ADVISOR_HOME", str(homes[size]))

    def reading(size):
        def read():
            at(size)
            if not is_known:
                (history_folder() / INDEX).unlink(missing_ok=True)
            assert len(read_history().entries) == size

        return read

    for size in sizes:
        at(size)
        for number in range(size):
            when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
            add_machine(msgspec.structs.replace(machine, finished_utc=when.isoformat()))
    name = "growth_history_again" if is_known else "growth_history_first"
    record_growth(name, {size: reading(size) for size in sizes})


def more_workloads(machine, times):
    """Two workloads with all their comparisons, again and again under other names."""
    kept = ("mlp_train", "cnn_train")

    def copies(entries):
        return tuple(
            msgspec.structs.replace(
                one, workload=f"{one.workload}_{copy}" if copy else one.workload
            )
            for copy in range(times)
            for one in entries
            if one.workload in kept
        )

    return msgspec.structs.replace(
        machine,
        measurements=copies(machine.measurements),
        comparisons=copies(machine.comparisons),
    )


@pytest.mark.parametrize("suffix", [".html", ".pdf", ".md", ".json"])
def test_a_report_over_its_measurements(knowledge, record_growth, monkeypatch, suffix):
    from app import report
    from app.advice import advise
    from app.report.writing import _WRITERS

    monkeypatch.syspath_prepend(ROOT / "tests" / "app" / "report")
    from deep import deep_machine

    answers = rules.load_answers(ROOT / "assets" / "examples" / "student.yaml", knowledge)
    deep = deep_machine()

    def writing(times):
        machine = more_workloads(deep, times)
        decision = advise(knowledge, answers, machine, TODAY)

        def write():
            document = report.build(decision, knowledge, machine)
            _WRITERS[suffix](document, False)

        return write

    calls = {times: writing(times) for times in TIMES}
    record_growth(f"growth_report_{suffix[1:]}", calls, rounds=FEW_ROUNDS)


def test_the_window_over_facts(keep_growth):
    """What new knowledge costs the page of facts, and an answer the ranking; in its own process."""
    done = subprocess.run(
        [sys.executable, __file__],
        check=True,
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    for name, rounds in json.loads(done.stdout.splitlines()[-1]).items():
        keep_growth(name, [{int(size): one for size, one in each.items()} for each in rounds])


def window_over_facts():
    """Seconds by size, round by round."""
    import time

    from test_window import Bench

    bench = Bench()
    state = bench.state
    bases = {times: more_facts(state.knowledge, times) for times in TIMES}
    rows = {times: rows_of(base) for times, base in bases.items()}
    page = bench.window.page("knowledge")
    found = {"growth_window_knowledge": [], "growth_window_answer": []}
    goals = itertools.cycle(("research", "production"))
    for round_ in range(FEW_ROUNDS + 1):
        knowledge_seconds, answer_seconds = {}, {}
        for times, base in bases.items():
            bench.window.show_step("knowledge")
            bench.rest(PAUSE)
            state.knowledge = base
            before = time.process_time()
            state.knowledge_loaded.emit()
            while page.table.model().rowCount() != rows[times]:
                bench.rest(5)
            bench.application.processEvents()
            knowledge_seconds[times] = time.process_time() - before
            bench.window.show_step("recommendation")
            bench.rest(PAUSE)
            before = time.process_time()
            change = functools.partial(state.set_answer, "goal", next(goals))
            bench.until(state.recommendation_changed, change)
            answer_seconds[times] = time.process_time() - before
        if round_:  # the first one warms up
            found["growth_window_knowledge"].append(knowledge_seconds)
            found["growth_window_answer"].append(answer_seconds)
    bench.close()
    print(json.dumps(found))


def rows_of(base):
    from app.gui.knowledge.words import entries

    return len(entries(base))


if __name__ == "__main__":
    window_over_facts()
