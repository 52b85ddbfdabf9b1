"""What differs between two versions of the knowledge: every entry, field by field, and for whom."""

from datetime import date

import msgspec
import pytest

from rules.difference import EntryChange, FieldChange, Outcome, PersonaChange, difference
from rules.model import Gate, InstallLine

TODAY = date(2026, 11, 21)
FEW = ("student_first_course", "keras2_estate")


@pytest.fixture(scope="module")
def base(knowledge):
    """The shipped knowledge with a few personas, since each is decided twice."""
    few = tuple(one for one in knowledge.personas if one.id in FEW) or knowledge.personas[:2]
    return msgspec.structs.replace(knowledge, personas=few, hash="before")


def with_framework(base, name, **changes):
    frameworks = tuple(
        msgspec.structs.replace(one, **changes) if one.id == name else one
        for one in base.frameworks
    )
    return msgspec.structs.replace(base, frameworks=frameworks, hash="after")


def framework(base, name):
    return next(one for one in base.frameworks if one.id == name)


def test_the_same_base_differs_in_nothing(base):
    found = difference(base, base, TODAY)
    assert (found.entries, found.reordered, found.personas) == ((), (), ())


def test_a_changed_fact_is_told_field_by_field(base):
    facts = list(framework(base, "mlx").facts)
    first = facts[0]
    facts[0] = msgspec.structs.replace(first, level=0, as_of="2020-01", when={"goal": "learn"})
    found = difference(base, with_framework(base, "mlx", facts=tuple(facts)), TODAY)
    (change,) = found.entries
    assert (change.list, change.name, change.how) == ("facts", first.id, "changed")
    assert change.fields == (
        FieldChange("level", str(first.level), "0"),
        FieldChange("when", None, "goal: learn"),
        FieldChange("as_of", first.as_of, "2020-01"),
    )


def test_added_and_removed_entries_say_what_they_are(base):
    facts = framework(base, "mlx").facts
    line = InstallLine(command="pip install ours", source="us", as_of="2026-10")
    after = with_framework(
        base, "mlx", facts=facts[1:], install=(*framework(base, "mlx").install, line)
    )
    install = [one for one in difference(base, after, TODAY).entries if one.list == "install"]
    removed = [one for one in difference(base, after, TODAY).entries if one.list == "facts"]
    assert [(one.name, one.how, one.gist) for one in removed] == [
        (facts[0].id, "removed", facts[0].reason)
    ]
    assert len(install) <= 1  # ours may have a line for everybody already


def test_the_other_way_round_swaps_added_and_removed(base):
    gate = Gate(
        id="house", name="H", kind="house_rule", frameworks=("jax",), owner="us",
        as_of="2026-10", reason="R.",
    )  # fmt: skip
    after = msgspec.structs.replace(base, gates=(*base.gates, gate), hash="after")
    (added,) = difference(base, after, TODAY).entries
    (removed,) = difference(after, base, TODAY).entries
    assert (added.how, removed.how) == ("added", "removed")
    assert msgspec.structs.replace(added, how="removed") == removed


def test_who_gets_another_advice_is_named_with_what_it_rests_on(base):
    """Ruling out each persona's winner changes each persona's advice, and the rule is why."""
    before = {one.id: one for one in base.personas}
    gate = Gate(
        id="house", name="H", kind="house_rule", owner="us", as_of="2026-10", reason="R.",
        frameworks=tuple(one.id for one in base.frameworks if one.id != "mlx"),
    )  # fmt: skip
    after = msgspec.structs.replace(base, gates=(gate, *base.gates), hash="after")
    found = difference(base, after, TODAY)
    assert found.personas_compared == len(before) == len(found.personas)
    for one in found.personas:
        assert isinstance(one, PersonaChange)
        assert one.who == before[one.id].who
        assert one.before.framework in before[one.id].expect.winner
        assert one.after.framework in ("mlx", None)
        assert one.before != one.after
    (entry,) = found.entries
    assert entry == EntryChange("gates", "gates: house", "added", "R.", (), entry.personas)
    assert set(entry.personas) == set(before)


def test_a_fact_that_moves_nobody_names_nobody(base):
    facts = tuple(
        msgspec.structs.replace(one, reason="In other words.")
        for one in framework(base, "jax").facts
    )
    found = difference(base, with_framework(base, "jax", facts=facts), TODAY)
    assert len(found.entries) == len(facts)
    assert found.personas == ()
    assert {one.personas for one in found.entries} == {()}
    assert {one.fields[0].field for one in found.entries} == {"reason"}


def test_another_order_is_told(base):
    after = msgspec.structs.replace(base, deliveries=base.deliveries[::-1], hash="after")
    found = difference(base, after, TODAY)
    assert found.entries == ()
    assert found.reordered == ("deliveries",)


def test_a_persona_whose_answers_the_other_base_lacks_is_left_out(base):
    persona = msgspec.structs.replace(base.personas[0], id="new", answers={"mood": "well"})
    after = msgspec.structs.replace(base, personas=(*base.personas, persona), hash="after")
    found = difference(base, after, TODAY)
    assert found.personas_compared == len(base.personas)
    assert [(one.name, one.how) for one in found.entries] == [("personas: new", "added")]


def test_an_outcome_is_a_framework_and_a_kind():
    assert Outcome("jax", "clear") != Outcome("jax", "close")
