"""Conditions against one another: entries that contradict, and entries that nothing can reach."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence, Set

from rules.checks.finding import Finding
from rules.conditions import Given, holds, wanted
from rules.entries import conditions_text, entries, key_of
from rules.model import Capability, Conditions, Conflict, Fact, Framework, Knowledge
from rules.screen import as_read, conflicts, exit_taken

MAX_ASSIGNMENTS = 20_000
"""Beyond so many combinations for one entry nothing is claimed."""
MAX_WORK = 1_000_000
"""Combinations and pairs for a whole base, some seconds: ours takes less than a hundredth, and a
pack that a stranger has blown up must not keep anybody waiting. Beyond it nothing is claimed."""
_READ_AS_GIVEN = ("conflicts", "questions")
"""Lists whose conditions are held against the answers as they were given, contradictions and all;
all others see the contradictions' default readings."""


class Space:
    """Which answers can be given together."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.questions = {question.id: question for question in knowledge.questions}
        self._work_left = MAX_WORK

    @property
    def is_exhausted(self) -> bool:
        return self._work_left <= 0

    def work(self, amount: int = 1) -> bool:
        """Take so much of the work that is allowed; false once it is used up."""
        self._work_left -= amount
        return self._work_left > 0

    def example(
        self,
        conditions: Sequence[Conditions],
        one_by_one: Set[str] = frozenset(),
        as_given: bool = False,
    ) -> Given | None:
        """Answers for which all the conditions hold; None if there are none.

        Of the questions in `one_by_one` only one option counts at a time. Where there are too many
        combinations to try, the first one stands for all.
        """
        asked = [*conditions, *self._asked_when(conditions)]
        choices = self._choices(asked, one_by_one)
        count = math.prod(map(len, choices.values()))
        for options in itertools.islice(itertools.product(*choices.values()), MAX_ASSIGNMENTS):
            given = dict(zip(choices, options, strict=True))
            if count > MAX_ASSIGNMENTS or not self.work(1 + len(self.knowledge.conflicts)):
                return given
            read = given if as_given else as_read(given, conflicts(self.knowledge, given))
            if all(holds(one, read) for one in asked):
                return given
        return None

    def _asked_when(self, conditions: Sequence[Conditions]) -> list[Conditions]:
        """The conditions under which the named questions are asked at all."""
        found: dict[str, Conditions] = {}
        names = {name for one in conditions for name in one}
        while names:
            name = names.pop()
            question = self.questions.get(name)
            if question is not None and question.ask_when and name not in found:
                found[name] = question.ask_when
                names |= set(question.ask_when)
        return list(found.values())

    def _choices(
        self, conditions: Sequence[Conditions], one_by_one: Set[str]
    ) -> dict[str, list[str | tuple[str, ...]]]:
        """Question -> the answers to it that could fit, one option where that is enough."""
        choices: dict[str, list[str | tuple[str, ...]]] = {}
        for name in sorted({name for one in conditions for name in one}):
            wishes = [wanted(one, name) for one in conditions if name in one]
            question = self.questions.get(name)
            if question is None or not question.multiple or name in one_by_one:
                common = set(wishes[0]).intersection(*wishes[1:])
                choices[name] = [option for option in wishes[0] if option in common]
            else:
                sets = {tuple(sorted(set(each))) for each in itertools.product(*wishes)}
                # `none` excludes every other option.
                choices[name] = sorted(each for each in sets if len(each) < 2 or "none" not in each)
        return choices


def contradictions(knowledge: Knowledge, space: Space) -> Iterator[Finding]:
    """Two entries that say different things for the same answers."""
    for framework in knowledge.frameworks:
        yield from _same_fact(framework)
        yield from _capabilities_at_odds(framework, space)
    yield from _readings_at_odds(knowledge, space)


def _same_fact(framework: Framework) -> Iterator[Finding]:
    first: dict[tuple[str, str], Fact] = {}
    for fact in framework.facts:
        before = first.setdefault((fact.criterion, conditions_text(fact.when)), fact)
        if before.level != fact.level:
            yield Finding(
                ("facts", fact.id),
                f"says level {fact.level} where {before.id} says level {before.level} "
                "under the same conditions",
                ("level",),
            )
        elif before is not fact and before.reason == fact.reason:
            yield Finding(("facts", fact.id), f"says the same as {before.id}")


def _capabilities_at_odds(framework: Framework, space: Space) -> Iterator[Finding]:
    """Of equally specific entries the worst would count, and nobody would see why."""
    over = {gate.capability: gate.over for gate in space.knowledge.gates if gate.capability}
    for one, other in itertools.combinations(framework.capabilities, 2):
        if not space.work():
            return
        if (
            one.capability == other.capability
            and one.state != other.state
            and len(one.when) == len(other.when)
        ):
            single = {name for name in (over.get(one.capability),) if name}
            example = space.example([one.when, other.when], single)
            if example is not None and not space.is_exhausted:
                yield Finding(
                    ("capabilities", other.id),
                    f"says {other.state} where {one.id} says {one.state}; both hold for "
                    f"{conditions_text(dict(example)) or 'all answers'}",
                    ("state",),
                )


def _readings_at_odds(knowledge: Knowledge, space: Space) -> Iterator[Finding]:
    for one, other in itertools.combinations(knowledge.conflicts, 2):
        if not space.work():
            return
        key = key_of("conflicts", other)
        if _implies(other.when, one.when) or _implies(one.when, other.when):
            yield Finding(key, f"concerns the same answers as {one.id}", ("when",))
        differing = [
            name for name in one.set if name in other.set and one.set[name] != other.set[name]
        ]
        example = differing and space.example([one.when, other.when], as_given=True)
        if example and not space.is_exhausted:
            message = f"reads {differing[0]} otherwise than {one.id}, and both can hold"
            yield Finding(key, message, ("set", differing[0]))
    for conflict in knowledge.conflicts:
        yield from _reading_that_repairs_nothing(conflict, knowledge, space)


def _implies(narrow: Conditions, wide: Conditions) -> bool:
    """Whether the wide conditions hold wherever the narrow ones do."""
    return all(
        name in narrow and set(wanted(narrow, name)) <= set(wanted(wide, name)) for name in wide
    )


def _reading_that_repairs_nothing(
    conflict: Conflict, knowledge: Knowledge, space: Space
) -> Iterator[Finding]:
    given = space.example([conflict.when], as_given=True) if conflict.set else None
    if given is None or not space.work(len(knowledge.conflicts)):
        return
    for left in conflicts(knowledge, as_read(given, conflicts(knowledge, given))):
        if left.set:
            message = f"its reading still leaves the contradiction {left.id}"
            yield Finding(key_of("conflicts", conflict), message, ("set",))


def unreachable(knowledge: Knowledge, space: Space) -> Iterator[Finding]:
    """Entries that no answers bring into play."""
    for key, entry in entries(knowledge):
        for field in ("when", "unless", "ask_when", "prefill_when"):
            conditions = getattr(entry, field, None)
            if conditions:
                as_given = key[0] in _READ_AS_GIVEN
                if space.example([conditions], as_given=as_given) is None:
                    message = f"{field}: no answers fit {conditions_text(conditions)}"
                    yield Finding(key, message, (field,))
    for framework in knowledge.frameworks:
        yield from _shadowed(framework, space)
        yield from _derived_instead(framework)
    yield from _exits_never_taken(knowledge, space)
    yield from _paths_never_proposed(knowledge)


def _shadowed(framework: Framework, space: Space) -> Iterator[Finding]:
    """Facts for whose every answer a more specific one counts. A fact without conditions is the
    fallback for what may be asked one day, so it may be covered."""
    for criterion in sorted({fact.criterion for fact in framework.facts}):
        facts = [fact for fact in framework.facts if fact.criterion == criterion]
        for fact in facts:
            if not space.work(len(facts)):
                return
            rivals = [one for one in facts if len(one.when) > len(fact.when)]
            if fact.when and rivals and not _counts_somewhere(fact, rivals, space):
                message = "never counts: for all its answers a more specific fact does"
                yield Finding(("facts", fact.id), message, ("when",))


def _counts_somewhere(fact: Fact, rivals: Iterable[Fact], space: Space) -> bool:
    """Whether some answers leave the fact the most specific; single options are enough to tell,
    since choosing more of them only makes more rivals hold."""
    relevant = [one for one in rivals if space.example([fact.when, one.when]) is not None]
    names = sorted({name for one in (fact, *relevant) for name in one.when})
    choices = [_options(name, fact, space) for name in names]
    if math.prod(map(len, choices)) > MAX_ASSIGNMENTS:
        return True
    for options in itertools.product(*choices):
        given = {name: option for name, option in zip(names, options, strict=True) if option}
        if not space.work(len(relevant)) or not any(holds(one.when, given) for one in relevant):
            return True
    return False


def _options(name: str, fact: Fact, space: Space) -> tuple[str, ...]:
    if name in fact.when:
        return wanted(fact.when, name)
    question = space.questions[name]
    options = tuple(option.id for option in question.options)
    # What everybody is asked is averaged over while it is open; what is not, may stay open.
    return (*options, "") if question.stage == "later" else options


def _derived_instead(framework: Framework) -> Iterator[Finding]:
    derived = {name for one in framework.derived for name in one.criteria}
    for fact in framework.facts:
        if fact.criterion in derived:
            message = f"never counts: {fact.criterion} is derived from other frameworks"
            yield Finding(("facts", fact.id), message, ("criterion",))


def _exits_never_taken(knowledge: Knowledge, space: Space) -> Iterator[Finding]:
    names = sorted({name for one in knowledge.exits for name in (*one.when, *one.unless)})
    choices = [("", *(option.id for option in space.questions[name].options)) for name in names]
    reached = set()
    if math.prod(map(len, choices)) > MAX_ASSIGNMENTS:
        return
    for options in itertools.product(*choices):
        if not space.work(1 + len(knowledge.conflicts)):
            return
        given = {name: option for name, option in zip(names, options, strict=True) if option}
        taken = exit_taken(knowledge, as_read(given, conflicts(knowledge, given)))
        if taken is not None:
            reached.add(taken.id)
    for way_out in knowledge.exits:
        if way_out.id not in reached:
            yield Finding(("exits", way_out.id), "is never taken: no answers lead to it", ("when",))


def _paths_never_proposed(knowledge: Knowledge) -> Iterator[Finding]:
    """Ways to a target that a gate says does not exist."""
    closed = {
        (framework.id, target): entry
        for framework in knowledge.frameworks
        for entry in framework.capabilities
        if entry.state == "none" and set(entry.when) == {"deployment"}
        for target in wanted(entry.when, "deployment")
        if _is_gated(entry, knowledge)
    }
    for path in knowledge.deliveries:
        entry = closed.get((path.framework, path.target))
        if entry is not None:
            message = f"is never proposed: {entry.id} says that there is no way"
            yield Finding(key_of("deliveries", path), message)


def _is_gated(entry: Capability, knowledge: Knowledge) -> bool:
    return any(
        gate.capability == entry.capability and gate.over == "deployment" and not gate.when
        for gate in knowledge.gates
    )
