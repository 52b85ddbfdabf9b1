"""What a report has to say, walked through its document: nothing that a reader asks for is missing.

The small decision of these tests has something of everything.
"""

import hashlib
from collections.abc import Iterator
from datetime import date

import msgspec
import pytest

import rules
from app import report as reports
from app.headline import headline
from app.paths import ASSETS
from app.report.document import (
    Bullets,
    Chart,
    Command,
    Line,
    Paragraph,
    Section,
    Subheading,
    Table,
)
from app.report.words import percent
from rules import model
from rules.model import Measurements

ORDER = (
    "sure",
    "conflicts",
    "why",
    "drivers",
    "ranking",
    "options",
    "ruled-out",
    "flips",
    "what-ifs",
    "plan",
    "notes",
    "then-and-now",
    "measurements",
    "limits",
    "lifecycle",
    "answers",
    "sources",
    "replay",
)


def lines_of(section: Section) -> Iterator[str]:
    for block in section.blocks:
        match block:
            case Paragraph():
                yield said(block.line)
            case Bullets():
                yield from map(said, block.items)
            case Subheading() | Command():
                yield block.text
            case Table():
                yield from rows_of(block)
            case Chart():
                yield block.caption
                yield from rows_of(block.table)


def rows_of(table: Table) -> Iterator[str]:
    yield table.caption
    for row in table.rows:
        yield " | ".join(map(said, row))


def said(line: Line) -> str:
    origin = f" ({line.origin.source}, {line.origin.as_of})" if line.origin else ""
    return f"{line.strong} {line.text}{origin}".strip()


def section(report: reports.Report, name: str) -> str:
    found = next(one for one in report.sections if one.id == name)
    return "\n".join(lines_of(found))


def test_sections_come_in_the_order_of_the_questions_that_are_asked(report):
    ids = [one.id for one in report.sections]
    assert [one for one in ids if one in ORDER] == list(ORDER)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        # Verdict and robustness in words and shares.
        ("sure", ["Keras leads", "In 94 % of 10,000 what-ifs", "Keras | 94 % | 88 %"]),
        ("conflicts", ["Goal: To learn; Deployment: Android app", "Is the app a first exercise?"]),
        # Contributions, of the difference and of all criteria.
        ("why", ["The shortest documented way", "Way to the target | +0.125", "measured here"]),
        # Drivers, and what moved them.
        ("drivers", ["Fit to the domain | 30 %", "× 2.5: Who learns gains most", "× 2: your imp"]),
        ("ranking", ["Keras | 1 | 0.825", "JAX | 3", "Points by criterion"]),
        # Options with for and against, and what each would have to reach.
        (
            "options",
            [
                "Keras: first",
                "For: “Way to the target”: Level 4 of 4.",
                "For: ahead on “Fit to the domain”: Level 4 of 4. Keras: Level 3 of 4.",
                "Against: behind on “Way to the target”: Level 2 of 4. Keras: Level 4 of 4.",
                "Worth knowing: No wheel for Python 3.15 yet.",
                "Best at: what it was made for. Weakest at: everything else.",
                "To draw level: PyTorch would draw level with a shorter way to Android.",
            ],
        ),
        (
            "ruled-out",
            [
                "Apache MXNet | Retired by the Apache",
                "Move to PyTorch. | https://example.org/attic",
            ],
        ),
        # Flips by weight, by score, and by an answer that is missing.
        (
            "flips",
            [
                "PyTorch draws level if fit to the domain weighs 48 %",
                "Fit to the domain | 30 % | 48 % | PyTorch",
                "PyTorch | 0.100 | Way to the target | value 0.90 of 1",
                "Which cloud?",
            ],
        ),
        (
            "what-ifs",
            [
                "Speed counts much more | Speed on this machine counts much more (× 4) | "
                "JAX (close) | 61 %",
                "We ship to a server | Deployment: Server | as before: Keras (clear) | 97 %",
            ],
        ),
        # Plan, migration, install line, what to replace, needs, learning path, starter run.
        (
            "plan",
            [
                "python -m pip install keras jax",
                "not tried on your machine by this program. (https://example.org/keras/install",
                "Delivery (Android app) | LiteRT",
                "Stay with Keras",
                "TF Hub | retired | Its models moved to Kaggle. | Kaggle Models",
                "Small models | with effort | Quantise after training. | LiteRT",
                "Run the starter project.",
                "Migration: Apache MXNet to Keras",
                "Effort: medium. Rewrite the model, keep the data. (https://example.org/migrate",
                "Backends differ in speed. (https://example.org/backends, 2026-10)",
                "Beginner: Getting started (Keras team, 2026-10)",
                "It ended well after 4.2",
                "accuracy | 0.93",
                "keras | 3.15.1",
            ],
        ),
        ("notes", ["The mobile team was asked.", "They can live with LiteRT."]),
        (
            "then-and-now",
            [
                "A claim, stale today. | Who learns takes what is talked about most. Article 1",
                "| Who learns takes what is easiest to learn.",
                "official | https://example.org/claims, 2026-10",
            ],
        ),
        # Measurements with n, median, interval, versions, device, threads, stability.
        (
            "measurements",
            [
                "Intel(R) Xeon(R) Platinum 8488C",
                "CNN training",
                "3.15.1",
                "cpu",
                "valid",
                "5f0c5f0c",
            ],
        ),
        (
            "limits",
            ["Skipped: LSTM training with jax/jit: the deadline of the tier", "Judgement"],
        ),
        ("lifecycle", ["Apache MXNet | retired | 2016-01 | 2026-09", "/releases, 2026-10"]),
        # All answers, weights, defaults not touched, overrides, house rules.
        (
            "answers",
            [
                "Goal | What is it for? | To learn",
                "Cloud | Which cloud? | not answered: kept as doubt",
                "– Ease of learning | 20 % | more (× 2)",
                "– Longevity | 10 % | default",
                "Excluded: tinygrad. Nobody in Berta's team knows it.",
                "Override: jax.ease. level 1: Tried it with Berta.",
                "No tinygrad in products | Platform team | tinygrad | Nobody on call knows it.",
                "jax.ease: by your answers.",
            ],
        ),
        # Every source with date and grade.
        (
            "sources",
            [
                "Keras | Ease of learning | Keras is documented to do so. | official | 2026-10 | "
                "https://example.org/keras/ease",
                "official, due for a recheck | 2026-10 | https://example.org/jax/longevity",
                "official, overridden",
                "Rules out Apache MXNet | Retired by the Apache Software Foundation. | "
                "not graded | 2023-11 | https://example.org/attic",
                "Install line | python -m pip install keras jax. | not graded | 2026-10",
                "Stack: LiteRT",
                "Migration to Keras",
                "Replacing TF Hub",
                "Need: Small models",
                "Risk | Backends differ in speed.",
                "State of JAX",
            ],
        ),
        # Knowledge version and hash, fingerprint, review, replay.
        (
            "replay",
            [
                "Knowledge version | 2026.11",
                f"Knowledge hash (SHA-256) | {hashlib.sha256(b'knowledge').hexdigest()}",
                "Machine fingerprint | 5f0c5f0c",
                "What-ifs | 10,000, seed 20260801",
                "framework-advisor replay REPORT.json",
                "Review by 2027-05-21",
                "Keras drops a backend.",
            ],
        ),
    ],
)
def test_a_section_says_what_is_asked_of_it(report, name, texts):
    found = section(report, name)
    assert [text for text in texts if text not in found] == []


def test_each_chart_has_its_words_and_its_figures(report):
    charts = [block for one in report.sections for block in one.blocks if isinstance(block, Chart)]
    assert len(charts) >= 5
    for one in charts:
        assert len(one.alt) > 30
        assert one.table.rows


def test_every_source_that_stands_anywhere_is_listed_under_sources(report):
    listed = section(report, "sources") + section(report, "then-and-now")
    everything = msgspec.json.encode(report.recommendation).decode()
    everything += msgspec.json.encode(report.facts).decode()
    named = {
        part
        for part in everything.split('"')
        if part.startswith("https://") and part != "https://example.org/learn"
    }
    assert len(named) > 15
    assert [one for one in sorted(named) if one not in listed] == []


def test_raw_values_stand_in_the_json(report):
    data = msgspec.json.decode(reports.to_json(report))
    first = data["machine"]["measurements"][0]
    assert first["values"] == [0.002058, 0.0021, 0.002142]
    assert first["rounds"][0]["values"] == first["values"]
    assert data["notes"].startswith("The mobile team")
    assert [one["label"] for one in data["what_ifs"]] == [
        "Speed counts much more",
        "We ship to a server",
    ]


def test_without_what_ifs_and_notes_there_is_no_empty_section(recommended, knowledge, machine):
    report = reports.build(recommended(), knowledge, machine, notes=" \n ")
    assert {"what-ifs", "notes"}.isdisjoint(one.id for one in report.sections)


def test_with_local_details_removed_the_users_own_words_are_gone_and_the_rest_is_told(
    recommended, knowledge, machine, what_ifs
):
    quiet = reports.build(
        recommended(), knowledge, machine, redact=True, what_ifs=what_ifs, notes="Berta asked"
    )
    told = section(quiet, "what-ifs")
    assert "Speed on this machine counts much more (× 4) | JAX (close)" in told
    everything = reports.to_json(quiet).decode()
    assert "Berta" not in everything
    assert "Speed counts much more" not in everything


def test_one_page_has_the_essence_in_few_words(report):
    text = "\n".join(line for one in report.one_page for line in lines_of(one))
    for wanted in (
        "The shortest documented way to an Android app.",
        "python -m pip install keras jax",
        "Keras | 0.82 | 94 % | Way to the target: Level 4 of 4 | nothing that weighs",
        "30 % Fit to the domain",
        "PyTorch draws level if fit to the domain weighs 48 %",
        "Apache MXNet: Retired by the Apache",
        "Keras drops a backend.",
        "framework-advisor replay REPORT.json",
    ):
        assert wanted in text
    assert "Review by 2027-05-21, or when" in [one.title for one in report.one_page]
    assert len(text.split()) < 350


def test_one_page_names_what_it_leaves_out(recommended, knowledge):
    from rules.recommendation import RuledOut

    many = tuple(
        RuledOut(
            framework=f"framework_{number}",
            gate="retired",
            reason="It was retired. " * 30,
            source="editorial",
            as_of="2026-10",
            fix=None,
        )
        for number in range(9)
    )
    report = reports.build(recommended(ruled_out=many), knowledge)
    shown = next(one for one in report.one_page if one.id == "one-ruled-out")
    lines = list(lines_of(shown))
    assert lines[-1] == (
        "Also framework_6, framework_7 and framework_8; the whole report says why."
    )
    assert all(len(line) < 130 for line in lines)
    assert lines[0].endswith("…")


def test_times_of_another_class_of_device_are_said_not_to_count(recommended, knowledge, machine):
    elsewhere = tuple(
        msgspec.structs.replace(
            one,
            contributions=tuple(
                msgspec.structs.replace(part, weight=0.0) if part.grade == "measured" else part
                for part in one.contributions
            ),
        )
        for one in recommended().ranking
    )
    report = reports.build(recommended(ranking=elsewhere), knowledge, machine)
    assert "valid times are shown, but did not count" in report.summary.evidence
    assert not report.machine_counted
    assert "The times did not count." in section(report, "limits")


def test_older_advice_that_says_the_same_is_told_once(recommended, knowledge):
    claim = knowledge.claims[0]
    article = knowledge.articles[0]
    advice = tuple(
        model.Advice(
            id=f"advice.{number}",
            article=article.id,
            part="team",
            leaf=f"Team {number}",
            said="Take the largest",
            frameworks=("mxnet",),
            answers={"goal": "learn"},
            when={"goal": "learn"},
        )
        for number in range(3)
    )
    told = msgspec.structs.replace(knowledge, advice=advice, claims=(claim, claim))
    report = reports.build(recommended(), told)
    rows = section(report, "then-and-now").splitlines()
    assert sum("Take the largest." in row for row in rows) == 1
    assert any("Team 0. 2 other pieces of advice said the same." in row for row in rows)


def test_what_was_tried_on_small_examples_stands_folded_with_its_notes(report):
    (measured,) = [one for one in report.sections if one.id == "measurements"]
    (tried,) = [
        block
        for block in measured.blocks
        if isinstance(block, Table) and block.caption.startswith("Tried on small examples")
    ]
    assert tried.folded
    assert [[cell.text for cell in row] for row in tried.rows][:2] == [
        [
            "pytorch/eager",
            "Control flow that depends on the data",
            "cpu",
            "works",
            "Branches and loops follow the data, forward and backward.",
        ],
        [
            "pytorch/compiled",
            "Inputs of changing size",
            "cpu",
            "works in part",
            "The third length was compiled anew.",
        ],
    ]
    assert [row[3].tone for row in tried.rows] == ["good", "warn", "bad"]


def test_runtimes_of_finished_models_stand_beside_and_are_said_to_count_for_nobody(
    recommended, knowledge, machine
):
    framework, *_ = machine.measurements
    served = msgspec.structs.replace(
        framework, framework="onnxruntime", mode="onnxruntime", purpose="inference",
        workload="inference_batch1", delivers=True,
    )  # fmt: skip
    own = msgspec.structs.replace(served, framework="jax", mode="jax/jit", delivers=False)
    found = msgspec.structs.replace(
        machine.frameworks[0], framework="onnxruntime", version="1.31.1"
    )
    with_runtime = msgspec.structs.replace(
        machine, runtimes=(found,), measurements=(*machine.measurements, served, own)
    )
    report = reports.build(recommended(), knowledge, with_runtime)
    told = section(report, "measurements")
    assert "Runtimes for finished models" in told
    assert "For finished models only, without training: onnxruntime." in told
    assert "count towards nobody’s score" in told
    assert "1.31.1" in told
    assert "nobody’s score" not in section(
        reports.build(recommended(), knowledge, machine), "measurements"
    )


def test_weights_moved_by_hand_are_told_as_that(recommended, knowledge, machine):
    def told(importance):
        answers = msgspec.structs.replace(recommended().answers, importance=importance)
        decided = msgspec.structs.replace(recommended(), answers=answers)
        return section(reports.build(decided, knowledge, machine), "answers")

    moved = told({"ease": 1, "performance": 2})
    assert (
        "You moved 2 weights to get here: Ease of learning counts more (× 2) and "
        "Speed on this machine counts much more (× 4)." in moved
    )
    assert "You moved" not in told({})
    assert "You moved" not in told({"ease": 0})


def test_beside_moved_weights_stands_what_it_would_be_without_them():
    knowledge = rules.load_knowledge()
    given = rules.load_answers(ASSETS / "examples" / "student.yaml", knowledge)
    plain, moved = (
        rules.decide(
            knowledge,
            msgspec.structs.replace(given, importance=importance),
            Measurements(),
            date(2026, 11, 21),
            draws=500,
        )
        for importance in ({}, {"people": -2, "run": 2})
    )
    names = {one.id: one.name for one in knowledge.frameworks}
    before, now = (
        f"{headline(one, names)} (among the best in {percent(one.verdict.top_share)} of the "
        "what-ifs)"
        for one in (plain, moved)
    )
    assert before != now
    told = section(reports.build(moved, knowledge), "answers")
    assert f"Without that it would be: {before}. With it: {now}." in told
