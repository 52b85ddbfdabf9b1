"""A recommendation in words: how sure, grades and dates, where a claim comes from.

Pure functions over the knowledge and the recommendation; the only Qt here is its translation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from PySide6.QtCore import QCoreApplication

from app.gui.widgets.evidence import Statement
from rules.model import Criterion, Framework, Grade, Knowledge
from rules.recommendation import Contribution, Recommendation


def tr(text: str) -> str:
    return QCoreApplication.translate("recommendation", text)


@dataclass(frozen=True)
class Lookup:
    """The knowledge by id, built once."""

    frameworks: dict[str, Framework]
    criteria: dict[str, Criterion]
    names: dict[str, str]
    """Of frameworks, exits, groups, criteria, gates and components."""
    statements: dict[str, Statement]
    """Of facts, capabilities and the base's own statements."""
    grades: dict[str, Grade]
    """Of the same."""

    @classmethod
    def of(cls, knowledge: Knowledge) -> Self:
        statements: dict[str, Statement] = {}
        grades: dict[str, Grade] = {}
        for framework in knowledge.frameworks:
            grades |= {one.id: one.grade for one in framework.facts}
            grades |= {one.id: one.grade for one in framework.capabilities}
            for fact in framework.facts:
                statements[fact.id] = Statement(
                    fact.reason, _fact_grades(fact.grade, fact.step_grade), fact.source, fact.as_of
                )
            for capability in framework.capabilities:
                statements[capability.id] = Statement(
                    capability.reason,
                    grade_sentence(capability.grade),
                    capability.source,
                    capability.as_of,
                )
        for one in knowledge.statements:
            grades[one.id] = one.grade
            statements[one.id] = Statement(
                one.text, grade_sentence(one.grade), one.source, one.as_of
            )
        # A component may have a framework's id (Keras is both): the framework's name counts.
        names = {one.id: one.name for one in knowledge.components}
        # What existing code can be written with beside the frameworks: lines of old versions.
        codes = (one for one in knowledge.questions if one.id == "existing_code")
        names |= {option.id: option.text for one in codes for option in one.options}
        names |= {one.id: one.name for one in knowledge.gates}
        names |= {one.id: one.name for one in knowledge.criteria}
        names |= {one.id: one.name for one in knowledge.groups}
        names |= {one.id: one.name for one in knowledge.exits}
        names |= {one.id: one.name for one in knowledge.frameworks}
        return cls(
            frameworks={one.id: one for one in knowledge.frameworks},
            criteria={one.id: one for one in knowledge.criteria},
            names=names,
            statements=statements,
            grades=grades,
        )

    def name(self, identifier: str) -> str:
        return self.names.get(identifier, identifier)

    def behind(self, sentence: str) -> tuple[Grade, tuple[Statement, ...]]:
        """What a sentence was made from, found by the text that it holds; else nothing."""
        for name, one in self.statements.items():
            if one.text and one.text in sentence:
                return self.grades[name], (one,)
        return "unknown", ()

    def evidence(self, fact_ids: tuple[str, ...]) -> tuple[Statement, ...]:
        return tuple(self.statements[one] for one in fact_ids if one in self.statements)


def grade_word(grade: Grade) -> str:
    return {
        "measured": tr("measured here"),
        "official": tr("official"),
        "reported": tr("reported"),
        "judgement": tr("judgement"),
        "unknown": tr("not known"),
    }[grade]


def grade_sentence(grade: Grade) -> str:
    return {
        "measured": tr("Grade: measured on this machine."),
        "official": tr("Grade: official, from the makers themselves."),
        "reported": tr("Grade: reported by others; the makers have not said it."),
        "judgement": tr("Grade: judgement, no source settles it."),
        "unknown": tr("Grade: not known, so every value was tried."),
    }[grade]


def _fact_grades(fact: Grade, step: Grade) -> str:
    if fact == step:
        return grade_sentence(fact)
    return tr("{grade} How much it is worth here: {step}.").format(
        grade=grade_sentence(fact), step=grade_word(step)
    )


def badge_text(grade: Grade, statements: tuple[Statement, ...]) -> str:
    """`official, 2026-10`: the grade of the weakest fact and the month of the oldest."""
    months = sorted(one.as_of for one in statements if one.as_of)
    if grade == "measured" or not months:
        return grade_word(grade)
    return tr("{grade}, {month}").format(grade=grade_word(grade), month=months[0])


def contribution_statements(lookup: Lookup, one: Contribution) -> tuple[Statement, ...]:
    """What a contribution rests on; where no fact is named, that is said."""
    found = lookup.evidence(one.facts)
    if found:
        return found
    if one.grade == "measured":
        source = tr("the measurements on the machine page")
    else:
        source = tr("no fact is known")
    return (Statement(one.sentence, grade_sentence(one.grade), source, ""),)


def percent(share: float) -> str:
    """Whole percent; what is not all and not nothing never looks like it."""
    rounded = round(share * 100)
    if rounded >= 100 and share < 1:
        return tr("over 99 %")
    if rounded <= 0 and share > 0:
        return tr("under 1 %")
    return tr("{number} %").format(number=rounded)


def is_measured(recommendation: Recommendation) -> bool:
    """Measurements moved the scores: a machine that was only looked at does not count."""
    return any(
        one.grade == "measured" for ranked in recommendation.ranking for one in ranked.contributions
    )


def how_sure(recommendation: Recommendation) -> str:
    """One sentence for what the verdict rests on; with a share behind it, the decision's own."""
    verdict = recommendation.verdict
    if recommendation.screen.exit is not None:
        return tr(
            "This was decided before any score: it follows from your answers, not from points."
        )
    if verdict.framework is None:
        return tr("This follows from the requirements alone; no what-if would change it.")
    return verdict.reason


def how_made(recommendation: Recommendation) -> str:
    """The share itself and how it came about."""
    made, verdict = recommendation.made, recommendation.verdict
    if verdict.top_share is None:
        return ""
    count = round(verdict.top_share * made.draws)
    return tr(
        "In {count:,} of {draws:,} what-ifs ({share}) its score is within 0.02 of the best. "
        "Each what-if draws every fact anew inside its doubt (wider for judgements and for old "
        "facts) and every weight between half and twice its value. Facts counted as of {today}; "
        "the draws can be repeated with seed {seed}."
    ).format(
        count=count,
        draws=made.draws,
        share=percent(verdict.top_share),
        today=made.today,
        seed=made.seed,
    )


def moved_weights(recommendation: Recommendation, before: Mapping[str, int]) -> int:
    """How many weights differ from those that the answers came with."""
    now = recommendation.answers.importance
    return sum(before.get(key, 0) != now.get(key, 0) for key in {*before, *now})
