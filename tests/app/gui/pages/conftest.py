"""A small knowledge base, recommendations of every kind and machine files, from the structs."""

from types import SimpleNamespace

import msgspec
import pytest
from PySide6.QtCore import QEvent

from probes.results import (
    Comparison,
    Cpu,
    Environment,
    EqualWork,
    FrameworkFinding,
    Hardware,
    InstalledFramework,
    Machine,
    Measurement,
)
from probes.results import Verdict as MeasuredVerdict
from rules.model import (
    Answers,
    Criterion,
    Exit,
    Fact,
    Framework,
    Gate,
    Group,
    InstallLine,
    Knowledge,
    Statement,
)
from rules.recommendation import (
    SCHEMA,
    ConflictFound,
    Contribution,
    Flip,
    Install,
    KnowledgeUsed,
    Made,
    Part,
    Plan,
    PlanMigration,
    PlanPhase,
    PlanRisk,
    Ranked,
    Recommendation,
    Resource,
    RuledOut,
    Screen,
    Stack,
    Verdict,
    WhyNot,
)

PYTHON = "/home/ada/vision/.venv/bin/python"
# Framework -> level per criterion; chosen so that more weight on `people` puts Keras first.
LEVELS = {
    "pytorch": {"domain_fit": 4, "deployment_fit": 4, "ease": 1},
    "keras": {"domain_fit": 3, "deployment_fit": 2, "ease": 4},
    "jax": {"domain_fit": 2, "deployment_fit": 1, "ease": 1},
}
NAMES = {"pytorch": "PyTorch", "keras": "Keras", "jax": "JAX", "mxnet": "Apache MXNet"}
GROUPS = {"fit": ("Fit", 0.4), "ship": ("Ship", 0.4), "people": ("People", 0.2)}
CRITERIA = {"domain_fit": "fit", "deployment_fit": "ship", "ease": "people"}
LEVEL_WORDS = ("Not possible", "Poor", "Fair", "Good", "The best anyone offers")


def fact(framework, criterion):
    return Fact(
        id=f"{framework}.{criterion}.general",
        criterion=criterion,
        level=LEVELS.get(framework, {}).get(criterion, 0),
        grade="official",
        reason=f"{NAMES[framework]} on {criterion}: its makers say so.",
        source="https://example.org/facts",
        as_of="2026-10",
    )


def framework(identifier, **changes):
    return Framework(
        id=identifier,
        name=NAMES[identifier],
        maker="Makers",
        first_release="2016-09",
        latest_release="2.15.0",
        licence="BSD-style",
        homepage="https://example.org",
        summary="A framework.",
        lifecycle=changes.get("lifecycle", "active"),
        lifecycle_reason="It has releases.",
        lifecycle_source="https://example.org/releases",
        lifecycle_as_of="2026-10",
        best_at="Much.",
        worst_at="Little.",
        install=(
            InstallLine(
                command=f"pip install {identifier}", source="https://example.org", as_of="2026-10"
            ),
        ),
        facts=tuple(fact(identifier, criterion) for criterion in CRITERIA),
    )


@pytest.fixture(scope="session")
def knowledge():
    # What this small base has none of is empty, whatever lists a base may come to have.
    empty = dict.fromkeys(Knowledge.__struct_fields__, ())
    filled = {
        "version": "2026.11",
        "hash": "0" * 64,
        "frameworks": (*map(framework, LEVELS), framework("mxnet", lifecycle="retired")),
        "groups": tuple(
            Group(id=one, name=name, weight=weight) for one, (name, weight) in GROUPS.items()
        ),
        "criteria": tuple(
            Criterion(
                id=one,
                group=group,
                name=one.replace("_", " ").capitalize(),
                question="How well?",
                weight=1,
                levels=LEVEL_WORDS,
            )
            for one, group in CRITERIA.items()
        ),
        "gates": (
            Gate(id="lifecycle", name="State of the project", reason="No.", kind="lifecycle"),
        ),
        "exits": (
            Exit(id="classical", name="Boosted trees", when={}, reason="Small.", facts=()),
            Exit(id="runtime", name="An inference runtime", when={}, reason="Ready.", facts=()),
        ),
        "statements": (
            Statement(
                id="tables",
                text="On small tables boosted trees match deep networks.",
                grade="reported",
                source="https://example.org/tables",
                as_of="2022-07",
            ),
        ),
    }
    return Knowledge(**empty | filled)


def ranked(importance, grade):
    """The additive score of the levels above under these wishes."""
    weights = {
        one: GROUPS[group][1] * 2.0 ** importance.get(group, 0) for one, group in CRITERIA.items()
    }
    total = sum(weights.values())
    rows = []
    for identifier, levels in LEVELS.items():
        parts = tuple(
            Contribution(
                criterion=one,
                group=group,
                weight=weights[one] / total,
                value=levels[one] / 4,
                low=max(0.0, levels[one] / 4 - 0.1),
                high=min(1.0, levels[one] / 4 + 0.1),
                points=weights[one] / total * levels[one] / 4,
                grade=grade,
                facts=(f"{identifier}.{one}.general",),
                sentence=LEVEL_WORDS[levels[one]],
            )
            for one, group in CRITERIA.items()
        )
        rows.append((identifier, sum(part.points for part in parts), parts))
    rows.sort(key=lambda row: -row[1])
    return tuple(
        Ranked(
            framework=identifier,
            rank=place,
            score=round(score, 6),
            low=score - 0.05,
            high=score + 0.05,
            top_share=(0.93, 0.4, 0.0)[place - 1],
            first_rank_share=(0.8, 0.2, 0.0)[place - 1],
            contributions=parts,
            warnings=("The newest Python has a capped release.",) if place == 1 else (),
        )
        for place, (identifier, score, parts) in enumerate(rows, 1)
    )


RULED_OUT = RuledOut(
    framework="mxnet",
    gate="lifecycle",
    reason="Apache MXNet was retired and gets no fixes.",
    source="https://example.org/attic",
    as_of="2023-09",
    fix="Move to PyTorch; the plan says how.",
)
CONFLICT = ConflictFound(
    id="tpu_on_windows",
    answers={"training_hardware": "tpu", "os": "windows"},
    severity="impossible",
    question="You train on a TPU under Windows. Does the TPU machine run Linux?",
    reading="the TPU machine runs Linux.",
    set={"os": "linux"},
)
STACK = Stack(
    training=(),
    data=(),
    delivery=(
        Part(
            component="executorch",
            name="ExecuTorch",
            for_target="android",
            text="Export the model and lower it.",
            packages=("executorch",),
            warning="Younger than the others.",
            source="https://example.org/delivery",
            as_of="2026-09",
        ),
    ),
    serving=(),
    tracking=(),
    install=Install(
        command="pip install torch",
        note=None,
        source="https://example.org/install",
        as_of="2026-07",
        verified=False,
    ),
)
PLAN = Plan(
    phases=(PlanPhase(title="Prove it", text="Train on a week of data."),),
    migration=(
        PlanMigration(
            from_code="mxnet",
            to="pytorch",
            effort="medium",
            text="Blocks map onto modules.",
            first_steps=("Freeze the old environment.",),
            source="editorial",
            as_of="2026-11",
        ),
    ),
    risks=(PlanRisk(text="Releases are frequent.", source="https://example.org", as_of="2026-09"),),
    learning=(
        Resource(
            level="beginner",
            title="The basics",
            author="Makers",
            link="https://example.org/learn",
            as_of="2026-08",
        ),
    ),
    review_by="2027-05-21",
    review_when=("a new major release",),
)


@pytest.fixture
def recommend():
    """Gives a recommendation of a kind, with an exit, wishes or measured scores where wanted."""

    def recommend(kind="clear", leave=None, importance=None, measured=False):
        importance = importance or {}
        ranking = (
            () if kind == "none" else ranked(importance, "measured" if measured else "official")
        )
        leader = ranking[0].framework if ranking else None
        share = {"clear": 0.93, "close": 0.58, "insufficient": 0.58, "none": None}[kind]
        return Recommendation(
            schema=SCHEMA,
            made=Made(today="2026-11-21", seed=7, draws=10_000, versions={}),
            verdict=Verdict(
                framework=leave or leader,
                kind=kind,
                top_share=None if leave else share,
                reason=f"A {kind} verdict, in one sentence.",
            ),
            screen=Screen(
                exit=leave,
                reason="It is not needed." if leave else None,
                facts=("tables",) if leave else (),
            ),
            ranking=ranking,
            ruled_out=(RULED_OUT,),
            conflicts=(CONFLICT,) if kind == "close" else (),
            why=(fact(leader, "domain_fit").reason,) if leader else (),
            why_not=tuple(
                WhyNot(
                    framework=one.framework,
                    gap=ranking[0].score - one.score,
                    against=("domain_fit",),
                    in_favour=("ease",),
                    sentence=f"{NAMES[one.framework]} loses most on domain fit.",
                )
                for one in ranking[1:]
            ),
            stack=STACK if ranking else None,
            plan=PLAN if ranking else None,
            flips=(
                Flip(
                    criterion="ease",
                    challenger="keras",
                    weight=0.2,
                    flips_at=0.4,
                    sentence="With twice the weight on ease, Keras would be level.",
                ),
            )
            if ranking
            else (),
            open_questions={},
            answers=Answers(answers={"work": "scratch"}, importance=importance),
            knowledge=KnowledgeUsed(version="2026.11", hash="0" * 64, overridden=(), stale=()),
            machine=None,
        )

    return recommend


@pytest.fixture
def looked():
    """A machine that was looked at: two frameworks here, one in another environment."""
    return Machine(
        run_id="run",
        started_utc="2026-11-21T10:00:00Z",
        finished_utc="2026-11-21T10:00:01Z",
        seconds=0.1,
        tier=None,
        program_version="0.1.0",
        fingerprint="f" * 16,
        hardware=Hardware(
            cpu=Cpu(
                model="A Processor 9000",
                microarchitecture="x86-64-v4",
                flags=("avx512f",),
                physical_cores=2,
                logical_cores=4,
                usable_cores=2,
                quota_cores=2.0,
            ),
            memory_bytes=24 * 2**30,
            available_memory_bytes=20 * 2**30,
            accelerators=(),
            accelerator_notes=("No NVIDIA driver answers.",),
            os="linux",
            os_version="Debian 12",
            virtualised=True,
            on_battery=None,
            governor=None,
        ),
        environments=(
            Environment(
                python=PYTHON,
                python_version="3.11.8",
                kind="this",
                frameworks=(
                    InstalledFramework(
                        framework="pytorch",
                        distribution="torch",
                        version="2.13.0",
                        build="cpu",
                        location="/site",
                    ),
                    InstalledFramework(
                        framework="keras",
                        distribution="keras",
                        version="3.15.1",
                        build=None,
                        location="/site",
                    ),
                ),
            ),
            Environment(
                python="/opt/conda/envs/old/bin/python",
                python_version="3.9.18",
                kind="conda",
                frameworks=(
                    InstalledFramework(
                        framework="mxnet",
                        distribution="mxnet",
                        version="1.9.1",
                        build=None,
                        location="/old",
                    ),
                ),
            ),
        ),
        frameworks=(),
        measurements=(),
    )


def measurement(mode, seconds, status="valid", reasons=()):
    return Measurement(
        framework=mode.partition("/")[0],
        mode=mode,
        workload="mlp_train_step",
        workload_version="v1",
        purpose="training",
        device="cpu",
        python=PYTHON,
        median_seconds=seconds,
        ci95=(seconds * 0.9, seconds * 1.1),
        count=30,
        first_call_seconds=seconds * 50,
        equal_work=EqualWork(passed=status == "valid", max_rel_err=2.5e-6, tolerance=1e-4),
        verdict=MeasuredVerdict(status=status, reasons=reasons),
    )


@pytest.fixture
def measured(looked):
    """The same machine after a quick probe: one framework broken, one time not valid."""
    return msgspec.structs.replace(
        looked,
        tier="quick",
        seconds=61.5,
        frameworks=(
            FrameworkFinding(framework="pytorch", python=PYTHON, version="2.13.0", state="works"),
            FrameworkFinding(framework="keras", python=PYTHON, version="3.15.1", state="works"),
            FrameworkFinding(
                framework="mxnet",
                python="/opt/conda/envs/old/bin/python",
                version="1.9.1",
                state="broken",
                reason="numpy 1.24 removed numpy.bool, which this release asks for.",
                fix="pip install 'numpy<1.24'",
                detail="AttributeError: module 'numpy' has no attribute 'bool'",
            ),
        ),
        measurements=(
            measurement("pytorch/eager", 0.004),
            measurement("keras/torch", 0.012),
            measurement("keras/jax", 0.003, "unstable", ("another program was busy",)),
        ),
        comparisons=(
            Comparison(
                workload="mlp_train_step",
                device="cpu",
                first="pytorch/eager",
                second="keras/torch",
                ratio=3.0,
                verdict="first_faster",
            ),
        ),
    )


@pytest.fixture
def plan():
    """What a probe would do, as the use case tells it."""
    modes = ("pytorch/eager", "keras/torch", "keras/jax")
    return SimpleNamespace(
        items=tuple(
            SimpleNamespace(framework=mode.partition("/")[0], mode=mode, workload=workload)
            for mode in modes
            for workload in ("mlp_train_step", "matrix_product")
        ),
        estimated_seconds=60.0,
        refusals=("JAX is not installed here.",),
    )


@pytest.fixture
def session(state, knowledge, monkeypatch):
    """A state with the small knowledge that decides nothing by itself."""
    monkeypatch.setattr(state, "_reconsider", lambda: None)
    state.knowledge = knowledge
    return state


@pytest.fixture
def give(session):
    """Puts a recommendation into the session as if it had just been decided."""

    def give(recommendation, baseline=None):
        session.recommendation = recommendation
        session.importance_before = (baseline or recommendation).answers.importance
        session.recommendation_changed.emit()

    return give


@pytest.fixture(autouse=True)
def no_old_pages(qapp):
    """Let go of the pages of earlier tests: outside an event loop nobody else does, and each new
    theme would style them all again."""
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def at_rest(qapp):
    """Handle everything that is due: new widgets are shown and laid out only then."""

    def at_rest():
        for _ in range(5):
            qapp.processEvents()
            qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    return at_rest


@pytest.fixture
def shown(qtbot, at_rest):
    """Shows a page at a size and lets what it puts off be done."""

    def shown(page, width=1064, height=800):
        qtbot.addWidget(page)
        page.resize(width, height)
        page.show()
        qtbot.waitExposed(page)
        at_rest()
        return page

    return shown
