"""What a knowledge base may not say, whoever wrote it: each mistake with its file and line."""

from datetime import date

import msgspec
import pytest

from rules.checking import check, findings
from rules.checks import conditions, effects
from rules.loading import load_base
from rules.model import Answers, Derivation, Fact

TODAY = date(2026, 11, 21)
FACT = (
    "  - {{id: {id}, criterion: {criterion}, level: {level}, when: {{{when}}}, grade: reported,"
    " reason: {reason}, source: our trial, as_of: {as_of}}}\n"
)
CAPABILITY = (
    "  - {{id: {id}, capability: {capability}, state: {state}, when: {{{when}}}, grade: reported,"
    " reason: We tried it., source: our trial, as_of: 2026-10}}\n"
)
CONFLICT = (
    "  - {{id: {id}, when: {{{when}}}, severity: odd, question: Is it so?, reading: Read so.,"
    " set: {{{set}}}}}\n"
)
LONG = CONFLICT.replace("{{{when}}}", "{{lifetime: five_years, {when}}}").replace(
    "{{{set}}}", "{{lifetime: {set}}}"
)


def fact(**changes):
    given = {
        "id": "tinygrad.tooling.x",
        "criterion": "tooling",
        "level": 2,
        "when": "os: linux",
        "reason": "We tried it.",
        "as_of": "2026-10",
    }
    return FACT.format(**{**given, **changes})


def capability(**changes):
    given = {
        "id": "jax.deployment.x",
        "capability": "deployment",
        "state": "current",
        "when": "deployment: server",
    }
    return CAPABILITY.format(**{**given, **changes})


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What the check says of a pack with this text, file and line first; without the personas,
    which take most of its time and have a test of their own."""
    monkeypatch.setattr(effects, "first_nowhere", lambda knowledge, today: ())

    def _told(text):
        folder = tmp_path / "house"
        folder.mkdir()
        (folder / "rules.yaml").write_text(text)
        checked = check(load_base([folder]), TODAY)
        return [str(one).removeprefix(f"{folder}/") for one in checked.mistakes]

    return _told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # Names of nothing, each kind once.
        ("facts:\n" + fact(criterion="eas"),
         "rules.yaml:2: tinygrad.tooling.x: criterion: 'eas' is no criterion; did you mean"),
        ("facts:\n" + fact(when="gaol: learn"),
         "rules.yaml:2: tinygrad.tooling.x: when.gaol is no question; did you mean 'goal'?"),
        ("facts:\n" + fact(when="goal: [learn, lern]"),
         "rules.yaml:2: tinygrad.tooling.x: when.goal: 'lern' is no option; did you mean 'learn'?"),
        ("facts:\n" + fact(when="goal: []"),
         "rules.yaml:2: tinygrad.tooling.x: when.goal: names no option, so it never holds"),
        ("criteria:\n  - id: x\n    group: fti\n    name: X\n    question: Q?\n    weight: 1\n"
         "    over: domain\n    levels: [a, b, c, d, e]\n",
         "rules.yaml:3: criteria: x: group: 'fti' is no group; did you mean 'fit'?"),
        ("conflicts:\n" + CONFLICT.format(id="x", when="os: linux, goal: learn", set="os: linus"),
         "rules.yaml:2: conflicts: x: set.os: 'linus' is no option; did you mean 'linux'?"),
        ("components:\n  - {id: x, name: X, kind: library, lifecycle: active, frameworks: [jaxx],"
         " summary: S, source: us, as_of: 2026-10}\n",
         "rules.yaml:2: components: x: frameworks[0]: 'jaxx' is no framework; did you mean 'jax'?"),
        ("migrations:\n  - {from_code: theana, to: jax, effort: small, text: T, first_steps: [],"
         " source: us, as_of: 2026-10}\n",
         "rules.yaml:2: migrations: theana, jax: from_code: 'theana' is no option of existing_code"
         " or `any`; did you mean 'theano'?"),
        ("migrations:\n  - {from_code: theano, to: jaxx, effort: small, text: T, first_steps: [],"
         " source: us, as_of: 2026-10}\n",
         "rules.yaml:2: migrations: theano, jaxx: to: 'jaxx' is no framework, exit or `any`; did"
         " you mean 'jax'?"),
        ("risks:\n  - {framework: jaxx, text: T, source: us, as_of: 2026-10}\n",
         "rules.yaml:2: risks: jaxx, T: framework: 'jaxx' is no framework or exit; did you mean"
         " 'jax'?"),
        ("learning:\n  - {framework: jaxx, level: expert, title: T, author: A, link: L,"
         " as_of: 2026-10}\n",
         "rules.yaml:2: learning: jaxx, expert, T: framework: 'jaxx' is no framework or exit; did"
         " you mean 'jax'?"),
        ("deliveries:\n  - {framework: jax, target: sever, delivery: onnxruntime, steps: S,"
         " grade: reported, source: us, as_of: 2026-10}\n",
         "rules.yaml:2: deliveries: jax, sever, onnxruntime: target: 'sever' is no option of"
         " deployment; did you mean 'server'?"),
        ("stack_rules:\n  - {id: x, part: tracking, component: wandbb, reason: R}\n",
         "rules.yaml:2: stack_rules: x: component: 'wandbb' is no component; did you mean"),
        ("exits:\n  - {id: runtime, name: N, when: {work: run_only}, reason: R,"
         " facts: [statement.x]}\n",
         "rules.yaml:2: exits: runtime: facts[0]: 'statement.x' is no statement; did you mean"),
        ("personas:\n  - id: x\n    who: W\n    answers: {goal: learn, work: scartch}\n"
         "    expect: {winner: [jax]}\n    reason: R\n",
         "rules.yaml:4: personas: x: answers.work: 'scartch' is no option; did you mean"),
        ("personas:\n  - id: x\n    who: W\n    answers: {}\n    expect:\n      winner: [jaxx]\n"
         "    reason: R\n",
         "rules.yaml:6: personas: x: expect.winner[0]: 'jaxx' is no framework or exit; did you mean"
         " 'jax'?"),
        ("personas:\n  - {id: x, who: W, answers: {}, importance: {eas: 1}, expect: {winner: []},"
         " reason: R}\n",
         "rules.yaml:2: personas: x: importance.eas: 'eas' is no group or criterion; did you mean"
         " 'ease'?"),
        ("gates:\n  - {id: x, name: X, kind: house_rule, frameworks: [jaxx], owner: us,"
         " as_of: 2026-10, reason: R}\n",
         "rules.yaml:2: gates: x: frameworks[0]: 'jaxx' is no framework; did you mean 'jax'?"),
        ("weight_rules:\n  - {id: x, when: {goal: learn}, target: fot, factor: 2, reason: R}\n",
         "rules.yaml:2: weight_rules: x: target: 'fot' is no group or criterion; did you mean"
         " 'fit'?"),
        # Sources, months, numbers, ids.
        ("facts:\n" + fact(as_of="2026-1"),
         "rules.yaml:2: tinygrad.tooling.x: as_of is '2026-1'; write YYYY-MM"),
        ("facts:\n" + fact(as_of="2026-12"),
         "rules.yaml:2: tinygrad.tooling.x: as_of is 2026-12, which is yet to come"),
        ("facts:\n" + fact().replace("our trial", "' '"),
         "rules.yaml:2: tinygrad.tooling.x: source is empty"),
        ("learning:\n  - {framework: jax, level: expert, title: T, author: A, link: '',"
         " as_of: 2026-10}\n",
         "rules.yaml:2: learning: jax, expert, T: link is empty"),
        ("install:\n  - {framework: jax, command: pip, source: us, as_of: soon}\n",
         "rules.yaml:2: install: jax: as_of is 'soon'; write YYYY-MM"),
        ("gates:\n  - {id: x, name: X, kind: house_rule, frameworks: [jax], as_of: 2026-10,"
         " reason: R}\n",
         "rules.yaml:2: gates: x: a house rule needs `owner`"),
        ("capabilities:\n" + capability(state="none").replace("reported", "judgement"),
         "rules.yaml:2: jax.deployment.x: state none needs a source; its grade is judgement"),
        ("weight_rules:\n  - {id: x, when: {domain: llm}, target: fit, factor: 2, reason: R}\n",
         "rules.yaml:2: weight_rules: x: domain moves the weight of domain_fit and selects its"
         " facts; it may do one of the two"),
        # Entries that say different things at once.
        ("facts:\n" + fact(level=1) + fact(id="tinygrad.tooling.y", level=3),
         "rules.yaml:3: tinygrad.tooling.y: says level 3 where tinygrad.tooling.x says level 1"
         " under the same conditions"),
        ("facts:\n" + fact() + fact(id="tinygrad.tooling.y"),
         "rules.yaml:3: tinygrad.tooling.y: says the same as tinygrad.tooling.x"),
        ("capabilities:\n" + capability(when="deployment: [server, desktop]")
         + capability(id="jax.deployment.y", state="none", when="deployment: [desktop, browser]"),
         "rules.yaml:3: jax.deployment.y: says none where jax.deployment.x says current; both hold"
         " for deployment: desktop"),
        ("conflicts:\n"
         + LONG.format(id="x", when="goal: learn", set="one_year")
         + LONG.format(id="y", when="os: linux", set="throwaway"),
         "rules.yaml:3: conflicts: y: reads lifetime otherwise than x, and both can hold"),
        ("conflicts:\n" + CONFLICT.format(id="x", when="os: linux, goal: learn", set="")
         + CONFLICT.format(id="y", when="os: linux, goal: [learn, research]", set=""),
         "rules.yaml:3: conflicts: y: concerns the same answers as x"),
        ("conflicts:\n" + CONFLICT.format(id="x", when="os: linux, goal: learn", set="goal: learn"),
         "rules.yaml:2: conflicts: x: its reading still leaves the contradiction x"),
        ("facts:\n" + fact() + fact(id="tinygrad.ease.x", criterion="ease", when="os: linux"),
         "rules.yaml:3: tinygrad.ease.x: feeds ease with what tinygrad.tooling.x feeds"),
        # Entries that nothing reaches, and options that change nothing.
        ("phases:\n  - {id: x, title: T, text: T, when: {training_hardware: tpu, os: windows}}\n",
         "rules.yaml:2: phases: x: when: no answers fit os: windows; training_hardware: tpu"),
        ("facts:\n" + fact() + "".join(
            fact(id=f"tinygrad.tooling.{scale}", level=1,
                 when=f"os: linux, training_scale: {scale}", reason=scale)
            for scale in ("single_device", "multi_device", "cluster")),
         "rules.yaml:2: tinygrad.tooling.x: never counts: for all its answers a more specific fact"
         " does"),
        ("exits:\n  - {id: classical, name: N, when: {work: run_only, domain: tabular}, reason: R,"
         " facts: [statement.trees]}\n",
         "rules.yaml:2: exits: classical: is never taken: no answers lead to it"),
        ("deliveries:\n  - {framework: tinygrad, target: server, delivery: onnxruntime, steps: S,"
         " grade: reported, source: us, as_of: 2026-10}\n"
         "capabilities:\n" + capability(id="tinygrad.deployment.server", state="none"),
         "rules.yaml:2: deliveries: tinygrad, server, onnxruntime: is never proposed:"
         " tinygrad.deployment.server says that there is no"),
        ("questions:\n  - id: mood\n    stage: later\n    text: How are you?\n    help: H\n"
         "    why: W\n    topic: T\n    options:\n      - {id: well, text: W}\n"
         "      - {id: none, text: N}\n",
         "rules.yaml:9: questions: mood: option well changes nothing: no entry reads it"),
        ("questions:\n  - id: mood\n    stage: later\n    text: T\n    help: H\n    why: W\n"
         "    topic: T\n    ask_when: {work: scratch}\n    options: [{id: well, text: W}]\n"
         "phases:\n  - {id: x, title: T, text: T, when: {mood: well, work: run_only}}\n",
         "rules.yaml:11: phases: x: when: no answers fit mood: well; work: run_only"),
        ("capabilities:\n" + capability(id="jax.charm.x", capability="charm"),
         "rules.yaml:2: jax.charm.x: changes nothing: no gate reads the capability charm"),
        ("gates:\n  - {id: x, name: X, kind: capability, capability: charm, reason: R}\n",
         "rules.yaml:2: gates: x: never closes: no framework has an entry for charm"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_and_line(told, text, said):
    found = told(text)
    assert [one for one in found if one.startswith(said)], found
    # Nothing else in the pack's file is called wrong.
    assert {one.partition(" ")[0] for one in found if one.startswith("rules.yaml")} == {
        said.partition(" ")[0]
    }


def test_the_shipped_knowledge_has_no_mistake():
    checked = check(load_base(), TODAY)
    assert [str(one) for one in checked.mistakes] == []
    assert checked.is_complete


def test_a_house_that_has_one_rule_and_one_fact_has_no_mistake(told):
    assert told(
        "gates:\n  - {id: house, name: Ours, kind: house_rule, frameworks: [pytorch, keras],"
        " owner: us, as_of: 2026-10, reason: R}\nfacts:\n" + fact()
    ) == []  # fmt: skip


def test_what_has_aged_is_told_and_is_no_mistake(tmp_path, monkeypatch):
    monkeypatch.setattr(effects, "first_nowhere", lambda knowledge, today: ())
    (tmp_path / "rules.yaml").write_text("facts:\n" + fact(as_of="2025-10"))
    checked = check(load_base([tmp_path]), TODAY)
    assert checked.mistakes == ()
    assert [str(one) for one in checked.due if "rules.yaml" in str(one)] == [
        f"{tmp_path}/rules.yaml:2: tinygrad.tooling.x: due for a recheck: of 2025-10, "
        "1 month past its shelf life (our trial)"
    ]


def test_a_framework_that_nobody_would_be_told_to_take_is_named(knowledge):
    """With three personas, whoever is first for none of them, is live and gives no reason."""
    few = msgspec.structs.replace(knowledge, personas=knowledge.personas[:3])
    first = {one for persona in few.personas for one in persona.expect.winner}
    named = {one.key[1] for one in effects.first_nowhere(few, TODAY)}
    wanted = {
        one.id
        for one in knowledge.frameworks
        if one.lifecycle in ("active", "maintenance") and one.niche is None
    }
    assert named <= wanted
    assert wanted - named <= first
    assert {"keras", "jax"} & named


def test_a_condition_is_only_called_unreachable_when_no_answers_fit(knowledge):
    """Every example that the check finds really makes its conditions hold, as a decision reads."""
    space = conditions.Space(knowledge)
    from rules.conditions import holds
    from rules.loading import check_answers
    from rules.screen import as_read
    from rules.screen import conflicts as conflicts_of

    for framework in knowledge.frameworks:
        for entry in (*framework.facts, *framework.capabilities, *framework.install):
            given = space.example([entry.when])
            assert given is not None
            check_answers(Answers(answers=dict(given)), knowledge)
            assert holds(entry.when, as_read(given, conflicts_of(knowledge, given)))


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ({"goal": "learn"}, {"goal": ("learn", "research")}, True),
        ({"goal": "learn"}, {"goal": "research"}, False),
        ({"existing_code": "jax"}, {"existing_code": "pytorch"}, True),
        ({"existing_code": "none"}, {"existing_code": "pytorch"}, False),
        ({"training_hardware": "tpu"}, {"os": "linux"}, True),
        ({"training_hardware": "tpu"}, {"os": "windows"}, False),  # read as Linux
    ],
)
def test_what_can_be_answered_together(knowledge, one, other, together):
    space = conditions.Space(knowledge)
    assert (space.example([one, other]) is not None) == together
    assert (space.example([other, one]) is not None) == together


# A judgement alone rules nobody out, whichever entry it is.


def test_a_fact_beside_a_derived_criterion_is_named(knowledge):
    derived = Derivation(criteria=("ease",), from_frameworks=("jax",), reason="R.")
    frameworks = tuple(
        msgspec.structs.replace(one, derived=(derived,)) if one.id == "keras" else one
        for one in knowledge.frameworks
    )
    base = msgspec.structs.replace(knowledge, frameworks=frameworks)
    (framework,) = (one for one in frameworks if one.id == "keras")
    assert [
        (one.key[1], one.message) for one in conditions.unreachable(base, conditions.Space(base))
    ] == [
        (fact.id, "never counts: ease is derived from other frameworks")
        for fact in framework.facts
        if fact.criterion == "ease"
    ]


@pytest.fixture
def with_grade(knowledge):
    """The base with the first capability that closes a gate given another grade."""

    def _with_grade(grade):
        frameworks, changed = [], None
        for framework in knowledge.frameworks:
            capabilities = []
            for entry in framework.capabilities:
                if changed is None and entry.state == "none":
                    entry, changed = msgspec.structs.replace(entry, grade=grade), entry.id
                capabilities.append(entry)
            frameworks.append(msgspec.structs.replace(framework, capabilities=tuple(capabilities)))
        return msgspec.structs.replace(knowledge, frameworks=tuple(frameworks)), changed

    return _with_grade


@pytest.mark.parametrize("grade", ["judgement", "unknown"])
def test_a_judgement_alone_rules_nobody_out(with_grade, grade):
    base, changed = with_grade(grade)
    assert [(one.key[1], one.message) for one in findings(base)] == [
        (changed, f"state none needs a source; its grade is {grade}")
    ]


def test_what_is_reported_may(with_grade):
    base, _ = with_grade("reported")
    assert list(findings(base)) == []


def test_two_frameworks_cannot_share_a_facts_id(knowledge):
    stolen = Fact(
        id="jax.ease.general", criterion="ease", level=4, grade="reported", reason="R.",
        source="us", as_of="2026-10",
    )  # fmt: skip
    frameworks = tuple(
        msgspec.structs.replace(one, facts=(*one.facts, stolen)) if one.id == "keras" else one
        for one in knowledge.frameworks
    )
    base = msgspec.structs.replace(knowledge, frameworks=frameworks)
    assert [one.message for one in findings(base)] == [
        "this id stands twice",
        "the id of what belongs to keras begins with keras",
    ]
