"""Sentences for people in the language of whoever shows them: what is made here, and the knowledge.

Everything is written in English. A front end in another language says so once, before it loads
anything (`speak`); from then on `say` puts the values into the translated sentence, and
`translated` gives the knowledge in that language. Each sentence is whole: none is glued together
from parts, since other languages put theirs in another order.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from rules.entries import element_types, key_of, shown
from rules.model import Knowledge

Translate = Callable[[str, str], str]
"""(English text, id of the text or empty) -> the text in another language."""

# Like gettext's, the language is one for the process: it is chosen at the start and never changes,
# and to pass it through every function of a decision would say so in two hundred places.
_translate: list[Translate] = []


def speak(translate: Translate | None) -> None:
    """From now on use this translation; None is English."""
    _translate[:] = [] if translate is None else [translate]


def say(sentence: str, /, **values: object) -> str:
    """A sentence with `{names}` in it, translated, then with the values put in."""
    if _translate:
        sentence = _translate[0](sentence, "")
    return sentence.format(**values) if values else sentence


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    most = words[0]
    for word in words[1:-1]:
        most = say("{most}, {next}", most=most, next=word)
    return say("{most} and {last}", most=most, last=words[-1])


# What of an entry is text for people; ids, names of products, commands, sources and dates are not.
TEXT_FIELDS = {
    "Framework": ("summary", "lifecycle_reason", "niche", "best_at", "worst_at"),
    "Fact": ("reason",),
    "Capability": ("reason", "fix"),
    "Derivation": ("reason",),
    "InstallLine": ("note",),
    "ExitInstall": ("note",),
    "Stated": ("text",),
    "Question": ("text", "help", "why", "topic"),
    "Option": ("text", "help"),
    "Group": ("name",),
    "Criterion": ("name", "phrase", "question", "levels"),
    "WeightRule": ("reason",),
    "Gate": ("name", "reason", "fix"),
    "Conflict": ("question", "reading"),
    "Exit": ("name", "reason"),
    "Statement": ("text",),
    "Component": ("summary", "move"),
    "CodeSign": ("text", "move"),
    "DeliveryPath": ("steps", "warning"),
    "StackRule": ("reason",),
    "Phase": ("title", "text"),
    "Migration": ("text", "first_steps"),
    "Risk": ("text",),
    "Article": ("title",),
    "Advice": ("leaf", "said"),
    "Claim": ("said", "now"),
    "StarRow": ("name",),
    "ToolRow": ("purpose",),
    "Signal": ("name", "unit", "note"),
    "Concept": ("name", "also", "text", "choice"),
    "CommonQuestion": ("question", "answer"),
    "Persona": ("who", "reason"),
    "SpeedScale": ("reason",),
}

_DATA = ("first_release", "last_release")
"""A version and its month, though it stands where a sentence could."""


def translated(knowledge: Knowledge) -> Knowledge:
    """The knowledge in the language that is spoken; each text goes by the id of its entry and its
    field, as in `pytorch.ease.general.reason`. What a decision computes does not change."""
    if not _translate:
        return knowledge
    lists = {
        name: tuple(
            _translated(entry, shown(key_of(name, entry))) for entry in getattr(knowledge, name)
        )
        for name in element_types()
    }
    return msgspec.structs.replace(knowledge, **lists)


def _translated(record: Any, identity: str) -> Any:
    changes: dict[str, Any] = {}
    texts = TEXT_FIELDS.get(type(record).__name__, ())
    for field in record.__struct_fields__:
        value, name = getattr(record, field), f"{identity}.{field}"
        if field in texts:
            changes[field] = _text(value, name)
        elif isinstance(value, msgspec.Struct) and field not in _DATA:
            changes[field] = _translated(value, name)
        elif isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
            changes[field] = tuple(
                _translated(one, str(getattr(one, "id", None) or f"{name}.{at}"))
                for at, one in enumerate(value)
            )
    return msgspec.structs.replace(record, **changes) if changes else record


def _text(value: Any, identity: str) -> Any:
    if not value:
        return value
    if isinstance(value, tuple):
        return tuple(_translate[0](one, f"{identity}.{at}") for at, one in enumerate(value))
    return _translate[0](value, identity)
