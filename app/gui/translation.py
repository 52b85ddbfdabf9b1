"""The window's language: one mechanism for all that is seen.

The window's own texts, the sentences that `rules` and `app` make and the knowledge all go through
Qt's translators (contexts: the class, `rules` and `knowledge`, there with the text's id as the
comment). English is complete and needs none.

A language is one file, `assets/languages/ID.json`, that `FRAMEWORK_ADVISOR_LANGUAGE=ID` chooses.
`pseudo` is a made-up one of accents, about 40 % longer: what stays plain is not translated, and
what is cut off leaves too little room for other languages.
"""

import functools
import os
import re
from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, QTranslator

from app.files import write_atomically
from app.paths import ASSETS
from rules.errors import InputError, suggestion
from rules.texts import speak

LANGUAGES = ASSETS / "languages"
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


@functools.cache
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


class FileTranslator(QTranslator):
    """Translates what a language's file holds, and keeps in mind what it was asked in vain."""

    def __init__(self, texts: dict[str, str], parent: QCoreApplication) -> None:
        super().__init__(parent)
        self._texts = texts
        self.untranslated: dict[str, str] = {}
        """In the file's form, with the English text in the translation's place."""

    def isEmpty(self) -> bool:
        return False

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        key = disambiguation if context == "knowledge" and disambiguation else source
        found = self._texts.get(key, "")
        if not found:
            self.untranslated[key] = source
        return found or source  # Qt would show an empty text as it is


def install(application: QCoreApplication) -> None:
    """Show the application in the language that the environment names; English without one.

    Raises InputError for a language that there is not, or whose file cannot be read.
    """
    language = os.environ.get(LANGUAGE)
    if not language:
        return
    translator: QTranslator
    if language == PSEUDO:
        translator = PseudoTranslator(application)
    else:
        translator = FileTranslator(_texts(language), application)
    application.installTranslator(translator)
    speak(translate)


def _texts(language: str) -> dict[str, str]:
    known = {PSEUDO, *(path.stem for path in LANGUAGES.glob("*.json"))}
    if language not in known:
        message = f"there is no language {language!r}{suggestion(language, known)}"
        raise InputError(message, LANGUAGE)
    file = LANGUAGES / f"{language}.json"
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except msgspec.DecodeError as error:
        raise InputError(str(error), str(file)) from error


def write_untranslated(application: QCoreApplication, folder: Path) -> None:
    """Beside the pictures of all pages: what was shown in English for want of a translation."""
    for translator in application.findChildren(FileTranslator):
        lines = msgspec.json.encode(translator.untranslated, order="sorted")
        write_atomically(folder / "untranslated.json", msgspec.json.format(lines, indent=1) + b"\n")


def translate(text: str, identity: str) -> str:
    """For `rules.texts`: what has an id is knowledge, the rest are sentences made in code."""
    context = "knowledge" if identity else "rules"
    return QCoreApplication.translate(context, text, identity or None)
