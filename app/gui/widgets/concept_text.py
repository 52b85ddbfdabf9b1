"""A text whose terms explain themselves: links that keyboard and mouse can follow."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCursor, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QLabel, QToolTip, QWidget

from app.gui.style import token
from app.gui.widgets.basic import Card, Text
from app.gui.widgets.evidence import show_below

if TYPE_CHECKING:
    from rules.model import Concept, Knowledge
    from rules.views import Span

LINKS = (
    Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
)


class ConceptPopup(Card):
    """What a term means and what it means for the choice; Escape or a click beside it closes it."""

    def __init__(self, concept: Concept, parent: QWidget) -> None:
        super().__init__(concept.name, parent=parent)
        self.setWindowFlag(Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("What {term} means").format(term=concept.name))
        self.setFixedWidth(min(440, parent.window().width() - 32))
        self.body.addWidget(Text(concept.text))
        self.body.addWidget(Text(self.tr("For the choice"), "strong"))
        self.body.addWidget(Text(concept.choice))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


class ConceptText(QLabel):
    """A wrapping label in one of the theme's roles; its text is never read as markup.

    A term opens what it means in a popup; with `opens_popup` False it is only said.
    Signals: `chosen(str)` with a concept's id.
    """

    chosen = Signal(str)

    def __init__(
        self,
        text: str = "",
        knowledge: Knowledge | None = None,
        role: str = "body",
        opens_popup: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        # A frame for the focus would otherwise push the text away from those above and below it.
        self.setIndent(0)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setProperty("role", role)
        self.setWordWrap(True)
        self._opens_popup = opens_popup
        self._knowledge: Knowledge | None = None
        self._plain = ""
        self._spans: list[Span] = []
        self.linkActivated.connect(self._on_activated)
        self.linkHovered.connect(self._on_hovered)
        self.set_text(text, knowledge)

    def plain(self) -> str:
        """The text as it is read."""
        return self._plain

    def concepts(self) -> tuple[str, ...]:
        """Ids of the concepts that the text speaks of, in order."""
        return self._concepts

    def set_text(self, text: str, knowledge: Knowledge | None, without: str = "") -> None:
        """`without` is a concept that is not linked, such as the one that is being explained."""
        from rules.views import concept_spans

        self._knowledge = knowledge
        self._plain = text
        found = concept_spans(knowledge, text) if knowledge is not None else ()
        self._spans = [one for one in found if one.concept != without]
        self._concepts = tuple(one.concept for one in self._spans)
        has_links = bool(self._spans)
        self._show()
        self.setAccessibleName(text)
        self.setTextInteractionFlags(
            LINKS if has_links else Qt.TextInteractionFlag.NoTextInteraction
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if has_links else Qt.FocusPolicy.NoFocus)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._spans:
            self._show()

    def _show(self) -> None:
        """Links with the theme's own colour: the label keeps the one it was first painted with."""
        text = self._plain
        colour = token(QGuiApplication.palette(), "accent").name()
        parts, end = [], 0
        for span in self._spans:
            term = html.escape(text[span.start : span.end])
            parts.append(html.escape(text[end : span.start]))
            target = html.escape(span.concept)
            parts.append(f'<a style="color: {colour}" href="{target}">{term}</a>')
            end = span.end
        parts.append(html.escape(text[end:]))
        self.setText("".join(parts))

    def _concept(self, name: str) -> Concept | None:
        from rules.views import concept

        return concept(self._knowledge, name) if self._knowledge is not None else None

    def _on_activated(self, name: str) -> None:
        concept = self._concept(name)
        if concept is None:
            return
        self.chosen.emit(name)
        if self._opens_popup:
            show_below(ConceptPopup(concept, self), self)

    def _on_hovered(self, name: str) -> None:
        concept = self._concept(name) if name else None
        if concept is not None:
            QToolTip.showText(QCursor.pos(), html.escape(concept.text), self)
