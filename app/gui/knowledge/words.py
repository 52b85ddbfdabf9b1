"""The base in words for the browser: entries as rows, grades, states and conditions."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox

from app.gui.recommendation.words import grade_sentence
from app.gui.widgets.evidence import Statement

if TYPE_CHECKING:
    from rules.model import Conditions, Framework, Grade, Knowledge, ShelfLife
    from rules.views import Sourced

LIFECYCLE_KINDS = {"active": "good", "maintenance": "neutral", "stalled": "warn", "retired": "bad"}
_LONG = re.compile(r"\S{15,}")
_JOINT = re.compile(r"(?<=[._/=(])(?=\w)|(?<=[a-z])(?=[A-Z])")
GRADES = ("measured", "official", "reported", "judgement", "unknown")


class Entry(NamedTuple):
    """One sourced sentence of the base, as the table and the card beside it show it."""

    id: str
    framework: str
    """Id; empty for what belongs to none."""
    framework_name: str
    subject: str
    """Criterion or capability, in words."""
    worth: str
    """The level or state in words."""
    reason: str
    grade: str
    source: str
    as_of: str
    when: str
    """The answers for which it holds, in words; empty for all."""
    fix: str | None
    level: int | None = None
    """Of a fact; what is no fact has none."""
    levels: tuple[str, ...] = ()
    """The sentence of each level of its criterion."""
    shelf_life: ShelfLife = "state"


def entries(knowledge: Knowledge) -> list[Entry]:
    """Every sourced sentence of the base, by framework and subject."""
    criteria = {one.id: one for one in knowledge.criteria}
    found = []
    for framework in by_state(knowledge):
        for fact in framework.facts:
            criterion = criteria[fact.criterion]
            found.append(
                Entry(
                    fact.id,
                    framework.id,
                    framework.name,
                    criterion.name,
                    _tr("Level {level} of 4: {sentence}").format(
                        level=fact.level, sentence=criterion.levels[fact.level]
                    ),
                    fact.reason,
                    fact.grade,
                    fact.source,
                    fact.as_of,
                    condition_words(knowledge, fact.when),
                    None,
                    fact.level,
                    tuple(criterion.levels),
                    fact.shelf_life,
                )
            )
        for one in framework.capabilities:
            found.append(
                Entry(
                    one.id,
                    framework.id,
                    framework.name,
                    _tr(one.capability.replace("_", " ").capitalize()),
                    capability_words(one.state),
                    one.reason,
                    one.grade,
                    one.source,
                    one.as_of,
                    condition_words(knowledge, one.when),
                    one.fix,
                    shelf_life=one.shelf_life,
                )
            )
    for statement in knowledge.statements:
        found.append(
            Entry(
                statement.id,
                "",
                "",
                _tr("General"),
                "",
                statement.text,
                statement.grade,
                statement.source,
                statement.as_of,
                "",
                None,
            )
        )
    return found


def is_due(entry: Entry, today: date) -> bool:
    """Past its shelf life, so that its doubt has grown."""
    from rules.ages import months_past

    return months_past(entry.as_of, entry.shelf_life, today) > 0


def months_old(entry: Entry, today: date) -> int:
    year, month = (int(part) for part in entry.as_of.split("-"))
    return (today.year - year) * 12 + today.month - month


def by_state(knowledge: Knowledge) -> list[Framework]:
    """Those that are alive first, then by name."""
    order = list(LIFECYCLE_KINDS)
    return sorted(
        knowledge.frameworks, key=lambda one: (order.index(one.lifecycle), one.name.casefold())
    )


def condition_words(knowledge: Knowledge, when: Conditions) -> str:
    """Topic and option texts instead of ids."""
    questions = {one.id: one for one in knowledge.questions}
    parts = []
    for key, value in when.items():
        question = questions.get(key)
        texts = {one.id: one.text for one in question.options} if question else {}
        chosen = (value,) if isinstance(value, str) else value
        topic = question.topic if question else key
        parts.append(f"{topic}: {', '.join(texts.get(one, one) for one in chosen)}")
    return "; ".join(parts)


def capability_words(state: str) -> str:
    return {
        "current": _tr("Works with current releases"),
        "capped": _tr("Works with an older release that is still under a year old"),
        "none": _tr("Does not work"),
    }.get(state, state)


def grade_words(grade: str) -> str:
    return {
        "measured": _tr("measured"),
        "official": _tr("official"),
        "reported": _tr("reported"),
        "judgement": _tr("judgement"),
        "unknown": _tr("unknown"),
    }.get(grade, grade)


def lifecycle_words(lifecycle: str) -> str:
    return {
        "active": _tr("active"),
        "maintenance": _tr("maintenance"),
        "stalled": _tr("stalled"),
        "retired": _tr("retired"),
    }.get(lifecycle, lifecycle)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Knowledge", text)


def breakable_words(text: str) -> str:
    """Long names of code, to be broken at their dots, underscores and capitals."""
    return _LONG.sub(lambda match: _JOINT.sub("\u200b", match[0]), text)


def breakable(address: str) -> str:
    """An address that a label may break at its slashes."""
    return address.replace("/", "/\u200b")


def statement(text: str, grade: Grade, source: str, as_of: str) -> Statement:
    return Statement(text, grade_sentence(grade), source, as_of)


def statement_of(one: Sourced) -> Statement:
    return statement(one.text, one.grade, one.source, one.as_of)


def badge_words(grade: str, as_of: str) -> str:
    return _tr("{grade}, {month}").format(grade=grade_words(grade), month=as_of)


def set_items(box: QComboBox, items: list[tuple[str, str]]) -> None:
    """All items behind the first, keeping what was chosen."""
    chosen = box.currentData()
    box.blockSignals(True)
    while box.count() > 1:
        box.removeItem(1)
    for text, value in items:
        box.addItem(text, value)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(False)
