"""A small decision with everything in it, written out by hand: the input of these tests."""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from app import report as reports
from app.report.document import StarterRun
from app.what_ifs import WhatIf
from probes.results import (
    Accelerator,
    CapabilityFinding,
    Comparison,
    Cpu,
    DeviceFinding,
    Environment,
    EqualWork,
    FrameworkFinding,
    Hardware,
    InstalledFramework,
    Machine,
    Measurement,
    Round,
    Verdict,
)
from rules import model
from rules import recommendation as made

CRITERIA = {
    "domain_fit": ("fit", "Fit to the domain", 0.30),
    "deployment_fit": ("ship", "Way to the target", 0.25),
    "performance": ("run", "Speed on this machine", 0.15),
    "ease": ("people", "Ease of learning", 0.20),
    "longevity": ("future", "Longevity", 0.10),
}
VALUES = {
    "keras": {
        "domain_fit": 0.75,
        "deployment_fit": 1.0,
        "performance": 0.5,
        "ease": 1.0,
        "longevity": 0.75,
    },
    "pytorch": {
        "domain_fit": 1.0,
        "deployment_fit": 0.5,
        "performance": 0.75,
        "ease": 0.5,
        "longevity": 1.0,
    },
    "jax": {
        "domain_fit": 0.5,
        "deployment_fit": 0.25,
        "performance": 1.0,
        "ease": 0.25,
        "longevity": 0.75,
    },
}
NAMES = {"keras": "Keras", "pytorch": "PyTorch", "jax": "JAX", "mxnet": "Apache MXNet"}
SHARES = {"keras": (0.94, 0.88), "pytorch": (0.21, 0.12), "jax": (0.0, 0.0)}


def a_knowledge() -> model.Knowledge:
    # What this small base has none of is empty, whatever lists a base may come to have.
    filled: dict[str, Any] = {
        "version": "2026.11",
        "hash": hashlib.sha256(b"knowledge").hexdigest(),
        "frameworks": tuple(_framework(one) for one in NAMES),
        "questions": (
            model.Question(
                id="goal",
                stage="core",
                text="What is it for?",
                help="",
                why="",
                topic="Goal",
                options=(model.Option(id="learn", text="To learn"),),
            ),
            model.Question(
                id="deployment",
                stage="core",
                text="Where will the model run?",
                help="",
                why="",
                topic="Deployment",
                multiple=True,
                options=(
                    model.Option(id="android", text="Android app"),
                    model.Option(id="server", text="Server"),
                ),
            ),
            model.Question(
                id="cloud",
                stage="later",
                text="Which cloud?",
                help="",
                why="",
                topic="Cloud",
                options=(model.Option(id="gcp", text="Google Cloud"),),
            ),
        ),
        "groups": tuple(
            model.Group(id=group, name=group.capitalize(), weight=1.0)
            for group in ("fit", "ship", "run", "people", "future")
        ),
        "criteria": tuple(
            model.Criterion(
                id=criterion,
                group=group,
                name=name,
                question=f"{name}: how far does it go?",
                weight=1.0,
                levels=("none", "little", "some", "much", "all"),
            )
            for criterion, (group, name, _) in CRITERIA.items()
        ),
        "weight_rules": (
            model.WeightRule(
                id="learner",
                when={"goal": "learn"},
                target="ease",
                factor=2.5,
                reason="Who learns gains most from what is easy",
            ),
        ),
        "gates": (
            model.Gate(
                id="house.tinygrad",
                name="No tinygrad in products",
                reason="Nobody on call knows it",
                kind="house_rule",
                frameworks=("tinygrad",),
                owner="Platform team",
                as_of="2026-09",
                source="https://example.org/wiki/rules",
            ),
        ),
        "components": (
            model.Component(
                id="litert",
                name="LiteRT",
                kind="delivery",
                lifecycle="active",
                summary="Runs models on phones.",
                source="https://example.org/litert",
                as_of="2026-10",
            ),
        ),
        "articles": (
            model.Article(
                id="guide", number=1, title="A guide of those years", year="2023", assumes={}
            ),
        ),
        "claims": (
            model.Claim(
                id="claim.learn",
                articles=("guide",),
                said="Who learns takes what is talked about most",
                now="Who learns takes what is easiest to learn",
                verdict="stale",
                since="2025",
                when={"goal": "learn"},
                frameworks=("keras",),
                grade="official",
                source="https://example.org/claims",
                as_of="2026-10",
            ),
        ),
    }
    return model.Knowledge(**dict.fromkeys(model.Knowledge.__struct_fields__, ()) | filled)


def _framework(identifier: str) -> model.Framework:
    return model.Framework(
        id=identifier,
        name=NAMES[identifier],
        maker="Its makers",
        first_release="2016-01",
        latest_release="2026-09",
        licence="Apache-2.0",
        homepage=f"https://example.org/{identifier}",
        summary="A framework.",
        lifecycle="retired" if identifier == "mxnet" else "active",
        lifecycle_reason="Released this year.",
        lifecycle_source=f"https://example.org/{identifier}/releases",
        lifecycle_as_of="2026-10",
        best_at="what it was made for",
        worst_at="everything else",
        facts=tuple(
            model.Fact(
                id=f"{identifier}.{criterion}",
                criterion=criterion,
                level=round(value * 4),  # type: ignore[arg-type]
                grade="official",
                reason=f"{NAMES[identifier]} is documented to do so.",
                source=f"https://example.org/{identifier}/{criterion}",
                as_of="2026-10",
            )
            for criterion, value in VALUES.get(identifier, {}).items()
        ),
    )


def a_recommendation(**changes: object) -> made.Recommendation:
    ranking = tuple(_ranked(one, rank) for rank, one in enumerate(VALUES, 1))
    whole = made.Recommendation(
        schema=made.SCHEMA,
        made=made.Made(
            today="2026-11-21",
            seed=20260801,
            draws=10_000,
            versions={"framework-advisor": "0.1.0", "numpy": "2.4.6"},
        ),
        verdict=made.Verdict(
            framework="keras",
            kind="clear",
            top_share=0.94,
            reason="Keras leads: it is easy to learn and has a short way to Android.",
        ),
        screen=made.Screen(exit=None, reason=None, facts=()),
        ranking=ranking,
        ruled_out=(
            made.RuledOut(
                framework="mxnet",
                gate="retired",
                reason="Retired by the Apache Software Foundation",
                source="https://example.org/attic",
                as_of="2023-11",
                fix="Move to PyTorch",
            ),
        ),
        conflicts=(
            made.ConflictFound(
                id="learn_and_android",
                answers={"goal": "learn", "deployment": ("android",)},
                severity="odd",
                question="Is the app a first exercise?",
                reading="a first exercise that ends on a phone",
                set={},
            ),
        ),
        why=(
            "The shortest documented way to an Android app",
            "The easiest of those left to learn",
            "Three backends keep later choices open",
        ),
        why_not=(
            made.WhyNot(
                framework="pytorch",
                gap=0.1,
                against=("deployment_fit", "ease"),
                in_favour=("domain_fit",),
                sentence="PyTorch has the longer way to Android",
                draws_level_by=("deployment_fit",),
                draws_level_at=0.9,
                draws_level_sentence="PyTorch would draw level with a shorter way to Android",
            ),
            made.WhyNot(
                framework="jax",
                gap=0.4,
                against=("deployment_fit", "ease"),
                in_favour=("performance",),
                sentence="JAX has no way of its own to Android",
            ),
        ),
        stack=made.Stack(
            training=(),
            data=(),
            delivery=(
                made.Part(
                    component="litert",
                    name="LiteRT",
                    for_target="android",
                    text="Export with model.export, then run it with LiteRT",
                    packages=("ai-edge-litert",),
                    warning="check the operators first",
                    source="https://example.org/litert",
                    as_of="2026-10",
                ),
            ),
            serving=(),
            tracking=(),
            install=made.Install(
                command="python -m pip install keras jax",
                note="Python 3.11 or newer",
                source="https://example.org/keras/install",
                as_of="2026-10",
                verified=False,
            ),
        ),
        plan=made.Plan(
            phases=(
                made.PlanPhase(title="Run the starter project", text="It ends in seconds"),
                made.PlanPhase(title="Put in your own data", text="In data.py"),
                made.PlanPhase(title="Export early", text="Before you train for long"),
                made.PlanPhase(title="Train", text="With a validation set"),
            ),
            migration=(
                made.PlanMigration(
                    from_code="mxnet",
                    to="keras",
                    effort="medium",
                    text="Rewrite the model, keep the data",
                    first_steps=("Export the weights", "Compare outputs"),
                    source="https://example.org/migrate",
                    as_of="2026-10",
                ),
            ),
            risks=(
                made.PlanRisk(
                    text="Backends differ in speed",
                    source="https://example.org/backends",
                    as_of="2026-10",
                ),
            ),
            learning=(
                made.Resource(
                    level="beginner",
                    title="Getting started",
                    author="Keras team",
                    link="https://example.org/learn",
                    as_of="2026-10",
                ),
            ),
            review_by="2027-05-21",
            review_when=("Keras drops a backend",),
            stay=made.PlanStay(
                framework="keras", because="first", text="The code that is there is Keras already"
            ),
            replacements=(
                made.PlanReplacement(
                    component="tf_hub",
                    name="TF Hub",
                    lifecycle="retired",
                    text="Its models moved to Kaggle",
                    successor="Kaggle Models",
                    move="Load them by kagglehub",
                    source="https://example.org/hub",
                    as_of="2026-08",
                ),
            ),
            needs=(
                made.PlanNeed(
                    need="compression",
                    title="Small models",
                    answer="with_effort",
                    text="Quantise after training",
                    component="LiteRT",
                    source="https://example.org/quantise",
                    as_of="2026-07",
                ),
            ),
        ),
        flips=(
            made.Flip(
                criterion="domain_fit",
                challenger="pytorch",
                weight=0.3,
                flips_at=0.48,
                sentence="PyTorch draws level if fit to the domain weighs 48 % instead of 30 %",
            ),
        ),
        open_questions={"cloud": 0.25},
        answers=model.Answers(
            answers={"goal": "learn", "deployment": ("android",), "cloud": "unknown"},
            importance={"ease": 1},
            exclude={"tinygrad": "Nobody in Berta's team knows it"},
            override={"jax.ease": model.Override(level=1, reason="Tried it with Berta")},
        ),
        knowledge=made.KnowledgeUsed(
            version="2026.11",
            hash=hashlib.sha256(b"knowledge").hexdigest(),
            overridden=("jax.ease",),
            stale=("jax.longevity",),
        ),
        machine="5f0c" * 16,
    )
    return made.Recommendation(
        **({key: getattr(whole, key) for key in whole.__struct_fields__} | changes)
    )


def _ranked(framework: str, rank: int) -> made.Ranked:
    contributions = tuple(
        made.Contribution(
            criterion=criterion,
            group=group,
            weight=weight,
            value=VALUES[framework][criterion],
            low=max(0.0, VALUES[framework][criterion] - 0.1),
            high=min(1.0, VALUES[framework][criterion] + 0.1),
            points=round(weight * VALUES[framework][criterion], 6),
            grade="measured" if criterion == "performance" else "official",
            facts=(f"{framework}.{criterion}",),
            sentence=f"Level {VALUES[framework][criterion] * 4:.0f} of 4",
        )
        for criterion, (group, _, weight) in CRITERIA.items()
    )
    score = round(sum(one.points for one in contributions), 6)
    return made.Ranked(
        framework=framework,
        rank=rank,
        score=score,
        low=round(score - 0.06, 6),
        high=round(score + 0.06, 6),
        top_share=SHARES[framework][0],
        first_rank_share=SHARES[framework][1],
        contributions=contributions,
        warnings=("No wheel for Python 3.15 yet",) if framework == "jax" else (),
    )


def some_what_ifs() -> tuple[WhatIf, ...]:
    answers = a_recommendation().answers
    return (
        WhatIf(
            label="Speed counts much more",
            answers=msgspec.structs.replace(answers, importance={"ease": 1, "performance": 2}),
            framework="jax",
            kind="close",
            top_share=0.61,
        ),
        WhatIf(
            label="We ship to a server",
            answers=msgspec.structs.replace(
                answers, answers={**answers.answers, "deployment": ("server",)}
            ),
            framework="keras",
            kind="clear",
            top_share=0.97,
        ),
    )


NOTES = "The mobile team was asked.\nThey can live with LiteRT."


def a_starter_run() -> StarterRun:
    return StarterRun(
        returncode=0,
        seconds=4.2,
        metrics={"accuracy": 0.93},
        versions={"keras": "3.15.1"},
        tail=("saved",),
    )


def a_report() -> reports.Report:
    """All that a report can hold."""
    return reports.build(
        a_recommendation(),
        a_knowledge(),
        a_machine(),
        a_starter_run(),
        what_ifs=some_what_ifs(),
        notes=NOTES,
    )


PYTHON = "/home/berta/project/.venv/bin/python"


def a_machine() -> Machine:
    times = {
        "keras/jax": 0.0021,
        "pytorch/eager": 0.0014,
        "pytorch/compiled": 0.0011,
        "jax/jit": 0.0009,
    }
    return Machine(
        run_id="run-on-bertas-laptop",
        started_utc="2026-11-21T09:00:00Z",
        finished_utc="2026-11-21T09:01:02Z",
        seconds=62.0,
        tier="quick",
        program_version="0.1.0",
        fingerprint="5f0c" * 16,
        hardware=Hardware(
            cpu=Cpu(
                model="Intel(R) Xeon(R) Platinum 8488C",
                microarchitecture="sapphirerapids",
                flags=("avx2", "avx512f"),
                physical_cores=1,
                logical_cores=2,
                usable_cores=2.0,
                quota_cores=None,
            ),
            memory_bytes=16 * 2**30,
            available_memory_bytes=12 * 2**30,
            accelerators=(
                Accelerator(
                    device="nvidia_gpu",
                    vendor="NVIDIA",
                    name="NVIDIA T4",
                    memory_bytes=16 * 2**30,
                    driver="570.1",
                    compute_capability="7.5",
                    identifier="cuda:0",
                ),
            ),
            accelerator_notes=(),
            os="linux",
            os_version="6.1.0",
            virtualised=True,
            on_battery=None,
            governor=None,
        ),
        environments=(
            Environment(
                python=PYTHON,
                python_version="3.11.9",
                kind="venv",
                frameworks=tuple(
                    InstalledFramework(
                        framework=framework,
                        distribution=framework,
                        version="3.15.1",
                        build=None,
                        location="/home/berta/project/.venv/lib/python3.11/site-packages",
                    )
                    for framework in ("keras", "pytorch", "jax")
                ),
            ),
        ),
        frameworks=(
            _finding("keras", "works"),
            msgspec.structs.replace(_finding("pytorch", "works"), capabilities=TRIED),
            _finding("jax", "works"),
            FrameworkFinding(
                framework="mxnet",
                python=PYTHON,
                version="1.9.1",
                state="broken",
                reason="ImportError: libgfortran.so.3 not found below /home/berta",
                fix="Install libgfortran3",
                detail="Traceback ... /home/berta/project/mx.py",
            ),
        ),
        measurements=(
            *(
                _measurement(mode, workload, seconds * factor)
                for workload, factor in (("mlp_train", 1.0), ("cnn_train", 4.0))
                for mode, seconds in times.items()
            ),
            Measurement(
                framework="jax",
                mode="jax/jit",
                workload="lstm_train",
                workload_version="ab12" * 4,
                purpose="training",
                device="cpu",
                python=PYTHON,
                verdict=Verdict(status="skipped", reasons=("the deadline of the tier",)),
            ),
        ),
        comparisons=(
            Comparison(
                workload="mlp_train",
                device="cpu",
                first="jax/jit",
                second="keras/jax",
                ratio=2.33,
                verdict="first_faster",
            ),
        ),
        control_seconds=0.004,
        peak_flops_per_second=PEAK_FLOPS,
        peak_bytes_per_second=3e10,
        notes=("Another program used the processor",),
    )


TRIED = (
    CapabilityFinding(
        capability="dynamic_control_flow",
        mode="pytorch/eager",
        device="cpu",
        state="works",
        note="Branches and loops follow the data, forward and backward",
    ),
    CapabilityFinding(
        capability="variable_shapes",
        mode="pytorch/compiled",
        device="cpu",
        state="in_part",
        note="The third length was compiled anew",
    ),
    CapabilityFinding(
        capability="mixed_precision",
        mode="pytorch/eager",
        device="cpu",
        state="fails",
        note="bfloat16 gave <nan> below /home/berta",
    ),
)


def _finding(framework: str, state: str) -> FrameworkFinding:
    return FrameworkFinding(
        framework=framework,
        python=PYTHON,
        version="3.15.1",
        state=state,  # type: ignore[arg-type]
        import_seconds=1.25,
        devices=(
            DeviceFinding(device="cpu", driver_sees=True, build_supports=True, operation_ran=True),
        ),
        threads=2,
        settings={"blas": "mkl"},
    )


PEAK_FLOPS = 8e11
SIZES = {"mlp_train": (4.1e8, 8.4e6), "cnn_train": (1.4e9, 1.2e6)}
"""Operations and bytes of one step."""


def _measurement(mode: str, workload: str, seconds: float) -> Measurement:
    flops, bytes_moved = SIZES[workload]
    compiled = mode == "pytorch/compiled"
    values = tuple(round(seconds * factor, 9) for factor in (0.98, 1.0, 1.02))
    return Measurement(
        framework=mode.split("/")[0],
        mode=mode,
        workload=workload,
        workload_version="ab12" * 4,
        purpose="training",
        device="cpu",
        python=PYTHON,
        median_seconds=round(seconds, 9),
        ci95=(values[0], values[2]),
        count=3,
        values=values,
        rounds=(
            Round(
                number=1,
                values=values,
                control_before_seconds=0.004,
                control_after_seconds=0.0041,
                foreign_cpu=0.01,
                cpu_per_wall=1.9,
            ),
        ),
        equal_work=EqualWork(passed=True, max_rel_err=3.2e-6, tolerance=1e-4),
        flops=flops,
        bytes_moved=bytes_moved,
        efficiency=flops / seconds / PEAK_FLOPS,
        first_call_seconds=20.0 if compiled else 0.25,
        imported_resident_bytes=220 * 2**20,
        peak_resident_bytes=(900 if compiled else 340) * 2**20,
        peak_resident_scope="item",
        verdict=Verdict(status="valid"),
    )


@pytest.fixture
def knowledge() -> model.Knowledge:
    return a_knowledge()


@pytest.fixture
def recommended() -> Callable[..., made.Recommendation]:
    """Makes the decision, with some fields replaced."""
    return a_recommendation


@pytest.fixture
def machine() -> Machine:
    return a_machine()


@pytest.fixture
def report() -> reports.Report:
    return a_report()


@pytest.fixture
def what_ifs() -> tuple[WhatIf, ...]:
    return some_what_ifs()
