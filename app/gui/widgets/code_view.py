"""Source code to read and copy, highlighted by Pygments in the theme's colours."""

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token, _TokenType
from pygments.util import ClassNotFound
from PySide6.QtCore import QSize
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.theme import Theme

# Above this a preview is plain text: colouring it would hold up the window.
MOST_CHARACTERS = 200_000


def _lexer(name: str) -> Lexer:
    try:
        return get_lexer_for_filename(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False, ensurenl=False)


class _Highlighter(QSyntaxHighlighter):
    """Gives each block the formats that were computed for the whole text at once."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._spans: dict[int, list[tuple[int, int, QTextCharFormat]]] = {}

    def set_text(self, text: str, name: str, theme: Theme) -> None:
        self._spans = {}
        formats = _formats(theme)
        line, column = 0, 0
        for token, value in _lexer(name).get_tokens(text):
            look = next((one for kind, one in formats if _is_a(token, kind)), None)
            for number, part in enumerate(value.split("\n")):
                if number:
                    line, column = line + 1, 0
                if look is not None and part:
                    self._spans.setdefault(line, []).append((column, len(part), look))
                column += len(part)

    def highlightBlock(self, text: str) -> None:
        for start, length, look in self._spans.get(self.currentBlock().blockNumber(), ()):
            self.setFormat(start, length, look)


def _is_a(token: _TokenType, kind: _TokenType) -> bool:
    """Whether a token type is that kind or a part of it; Pygments' types are nested tuples."""
    return token[: len(kind)] == kind


def _formats(theme: Theme) -> list[tuple[_TokenType, QTextCharFormat]]:
    """From special to general: the first that holds a token counts."""
    tokens = theme.tokens
    colours = {
        Comment: tokens.muted,
        String: tokens.good,
        Number: tokens.warn,
        Keyword: tokens.accent,
        Operator.Word: tokens.accent,
        Name.Decorator: tokens.warn,
        Name.Function: tokens.text,
        Name.Class: tokens.text,
        Token.Generic.Heading: tokens.accent,
        Token.Generic.Subheading: tokens.muted,
        Token.Generic.Inserted: tokens.good,
        Token.Generic.Deleted: tokens.bad,
    }
    formats: list[tuple[_TokenType, QTextCharFormat]] = []
    for kind, colour in colours.items():
        look = QTextCharFormat()
        look.setForeground(QColor(colour))
        if kind in (Name.Function, Name.Class):
            look.setFontWeight(600)
        formats.append((kind, look))
    return formats


class CodeView(QPlainTextEdit):
    """A read-only file."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = "text.txt"
        self._highlighter = _Highlighter(self.document())
        self.setReadOnly(True)
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(13)
        self.setFont(font)
        self.setTabChangesFocus(True)
        self.setAccessibleName(self.tr("File content"))

    def set_file(self, name: str, text: str) -> None:
        self._name = name
        self.setAccessibleDescription(name)
        self._highlighter.set_text(text if len(text) <= MOST_CHARACTERS else "", name, self._theme)
        self.setPlainText(text)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.set_file(self._name, self.toPlainText())

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 160)
