"""The window's language: one mechanism for all that is seen.

The window's own texts, the sentences that `rules` and `app` make and the knowledge all go through
Qt's translators (contexts: the class, `rules` and `knowledge`, there with the text's id as the
comment). English is complete and needs none.

`FRAMEWORK_ADVISOR_LANGUAGE=pseudo` shows a made-up language of accents, about 40 % longer: what
stays plain is not translated, and what is cut off leaves too little room for other languages.
"""

import os
import re

from PySide6.QtCore import QCoreApplication, QTranslator

from rules.texts import speak

LANGUAGE = "FRAMEWORK_ADVISOR_LANGUAGE"
PSEUDO = "pseudo"

_ACCENTS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀçđéƒǧħíǰķłɱñóþɋřšţúṽŵẋýžÁƁÇĐÉƑǦĦÍǰĶŁṀÑÓÞɊŘŠŢÚṼŴẊÝŽ",
)
# These letters are half of English text, and each becomes two.
_DOUBLED = re.compile(r"([aeiounrAEIOUNR])")
# Values to put in, web addresses and names of code stay what they are, as for any translator.
_KEPT = re.compile(
    r"(\{[^{}]*\}|https?://\S+|\b[A-Za-z]\w*(?:[._]\w+)+\b|\b[A-Za-z]*[a-z][A-Z]\w*\b)"
)


def pseudo(text: str) -> str:
    """The text in the made-up language, letter by letter: what is part of another text still is."""
    parts = _KEPT.split(text)
    for at in range(0, len(parts), 2):
        parts[at] = _DOUBLED.sub(r"\1\1", parts[at]).translate(_ACCENTS)
    return "".join(parts)


class PseudoTranslator(QTranslator):
    """Translates everything into the made-up language."""

    def isEmpty(self) -> bool:
        return False

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        return pseudo(source)


def install(application: QCoreApplication) -> None:
    """Show the application in the language that the environment names; English without one."""
    if os.environ.get(LANGUAGE) == PSEUDO:
        application.installTranslator(PseudoTranslator(application))
        speak(translate)


def translate(text: str, identity: str) -> str:
    """For `rules.texts`: what has an id is knowledge, the rest are sentences made in code."""
    context = "knowledge" if identity else "rules"
    return QCoreApplication.translate(context, text, identity or None)
