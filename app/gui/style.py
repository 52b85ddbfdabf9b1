"""Turns the theme's tokens into a palette and a style sheet; the only place with sizes and colours.

The palette carries every token, so that whatever paints itself asks its own palette (`token`) and
hears of a new theme by the palette's change event.
"""

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from app.paths import ASSETS
from app.theme import Theme, Tokens

_Role = QPalette.ColorRole
# Qt has no roles for the last six; the ones borrowed here are painted by nothing that we use.
_ROLES: dict[str, QPalette.ColorRole] = {
    "background": _Role.Window,
    "surface": _Role.Base,
    "raised": _Role.Button,
    "line": _Role.Mid,
    "text": _Role.WindowText,
    "muted": _Role.PlaceholderText,
    "accent": _Role.Accent,
    "accent_text": _Role.HighlightedText,
    "strong_line": _Role.Dark,
    "track": _Role.Shadow,
    "accent_soft": _Role.AlternateBase,
    "good": _Role.LinkVisited,
    "warn": _Role.Midlight,
    "bad": _Role.BrightText,
}


def token(palette: QPalette, name: str) -> QColor:
    """The colour of a token (`muted`, `warn` ...) in the theme that this palette was made from."""
    return palette.color(_ROLES[name])


def palette_of(tokens: Tokens) -> QPalette:
    palette = QPalette(QColor(tokens.raised), QColor(tokens.background))
    for name, role in _ROLES.items():
        palette.setColor(role, QColor(getattr(tokens, name)))
    for role, colour in (
        (_Role.Text, tokens.text),
        (_Role.ButtonText, tokens.text),
        (_Role.Highlight, tokens.accent),
        (_Role.Link, tokens.accent),
        (_Role.Light, tokens.raised),
        (_Role.ToolTipBase, tokens.raised),
        (_Role.ToolTipText, tokens.text),
    ):
        palette.setColor(role, QColor(colour))
    for role in (_Role.Text, _Role.ButtonText, _Role.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.muted))
    return palette


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Give the whole application this theme; it must run on Fusion, which obeys a palette."""
    # Taken off first: from one sheet to the next Qt styles each widget anew for each of its
    # ancestors, which takes three times as long as off and on again.
    application.setStyleSheet("")
    application.setPalette(palette_of(theme.tokens))
    application.setStyleSheet(style_sheet(theme.tokens))


def style_sheet(tokens: Tokens) -> str:
    # A style sheet takes pictures from files only, and cannot recolour them.
    is_light = QColor(tokens.accent_text).lightness() > 127
    pictures = ASSETS / "icons" / "controls"
    sheet = _SHEET.replace("@tick", (pictures / f"tick-{_tone(is_light)}.svg").as_posix())
    sheet = sheet.replace("@chevron", (pictures / "chevron.svg").as_posix())
    for name in sorted(_ROLES, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", getattr(tokens, name))
    return sheet


def _tone(is_light: bool) -> str:
    return "light" if is_light else "dark"


# Widgets are styled by the dynamic property `role`; sizes are in device-independent pixels.
_SHEET = """
* { font-size: 14px; }
QToolTip { background: @raised; color: @text; border: 1px solid @strong_line; padding: 6px; }

QLabel { background: transparent; color: @text; }
QLabel[role="title"] { font-size: 24px; font-weight: 600; }
QLabel[role="heading"] { font-size: 16px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="note"] { font-size: 12px; color: @muted; }
QLabel[role="good"] { color: @good; }
QLabel[role="warn"] { color: @warn; }
QLabel[role="bad"] { color: @bad; }

QLabel[badge="neutral"], QLabel[badge="accent"], QLabel[badge="good"], QLabel[badge="warn"],
QLabel[badge="bad"] {
  font-size: 12px; padding: 1px 8px; border-radius: 8px; border: 1px solid @line;
  background: @surface; color: @muted;
}
QLabel[badge="accent"] { background: @accent_soft; border-color: @accent_soft; color: @text; }
QLabel[badge="good"] { border-color: @good; color: @good; }
QLabel[badge="warn"] { border-color: @warn; color: @warn; }
QLabel[badge="bad"] { border-color: @bad; color: @bad; }

/* Text with links takes the focus as a whole. */
ConceptText { border: 1px solid transparent; border-radius: 4px; }
ConceptText:focus { border-color: @accent; }

QFrame[role="card"] { background: @surface; border: 1px solid @line; border-radius: 12px; }
QFrame[role="notice-warn"], QFrame[role="notice-bad"], QFrame[role="notice-info"] {
  background: @surface; border: 1px solid @warn; border-radius: 12px;
}
QFrame[role="notice-bad"] { border-color: @bad; }
QFrame[role="notice-info"] { border-color: @accent; background: @accent_soft; }
QFrame[role="line"] { background: @line; border: none; }

QPushButton {
  background: @raised; color: @text; border: 1px solid @line; border-radius: 8px;
  padding: 8px 16px; min-height: 20px;
}
QPushButton:hover { border-color: @strong_line; }
QPushButton:pressed, QPushButton:checked { background: @accent_soft; border-color: @accent; }
QPushButton:focus { border: 2px solid @accent; padding: 7px 15px; }
QPushButton:disabled { color: @muted; background: @background; }
QPushButton[role="primary"] {
  background: @accent; color: @accent_text; border-color: @accent; font-weight: 600;
}
QPushButton[role="primary"]:hover { border-color: @text; }
/* Two thin lines: one colour would be too near to the button's own, inside or outside of it. */
QPushButton[role="primary"]:focus { border: 4px double @accent_text; padding: 5px 13px; }
QPushButton[role="primary"]:disabled {
  background: @track; color: @muted; border-color: @line;
}
QPushButton[role="quiet"] {
  background: transparent; border: 1px solid transparent; color: @accent; padding: 4px 8px;
}
QPushButton[role="quiet"]:hover { background: @accent_soft; color: @text; }
QPushButton[role="quiet"]:checked { background: @accent_soft; color: @text; }
QPushButton[role="quiet"]:focus { border: 2px solid @accent; padding: 3px 7px; }
QPushButton[role="quiet"][lead="text"] { padding-left: 0px; }
QPushButton[role="quiet"][lead="icon"] { padding-right: 0px; }
QPushButton[role="quiet"]:disabled { color: @muted; }

QPushButton[role="row"], QPushButton[role="tile"] {
  text-align: left; background: transparent; border: 1px solid transparent; padding: 0px;
  border-radius: 8px;
}
QPushButton[role="tile"] {
  background: @surface; border: 1px solid @line; border-radius: 12px;
}
QPushButton[role="row"]:hover { background: @accent_soft; }
QPushButton[role="tile"]:hover { border-color: @strong_line; }
QPushButton[role="row"]:focus, QPushButton[role="tile"]:focus { border: 2px solid @accent; }
QPushButton[role="row"]:checked { background: @accent_soft; }

QCheckBox[role="option"], QRadioButton[role="option"] {
  background: @raised; border: 1px solid @line; border-radius: 10px;
}
QCheckBox[role="option"]:hover, QRadioButton[role="option"]:hover { border-color: @strong_line; }
QCheckBox[role="option"]:checked, QRadioButton[role="option"]:checked {
  background: @accent_soft; border: 2px solid @accent;
}
QCheckBox[role="option"]:focus, QRadioButton[role="option"]:focus {
  border: 2px solid @strong_line;
}
QCheckBox[role="option"]:checked:focus, QRadioButton[role="option"]:checked:focus {
  border: 4px double @text;
}

QCheckBox, QRadioButton { spacing: 10px; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QCheckBox, QRadioButton { border: 2px solid transparent; border-radius: 6px; padding: 1px 4px; }
QCheckBox[role="option"], QRadioButton[role="option"] { padding: 0px; }
QCheckBox::indicator, QRadioButton::indicator {
  width: 16px; height: 16px; border: 1px solid @strong_line; border-radius: 4px;
  background: @raised;
}
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked {
  background: @accent; border-color: @accent; image: url(@tick);
}
QRadioButton::indicator:checked {
  image: none; border: 5px solid @accent; width: 8px; height: 8px; background: @accent_text;
}
QCheckBox:focus, QRadioButton:focus { border-color: @accent; }
QCheckBox:disabled, QRadioButton:disabled { color: @muted; }
QCheckBox[role="option"]::indicator, QRadioButton[role="option"]::indicator {
  width: 0px; height: 0px; border: none; image: none; background: transparent;
}

QFrame[role="rail"] { background: @surface; border: none; border-right: 1px solid @line; }
QPushButton[role="step"] {
  text-align: left; background: transparent; border: 1px solid transparent; border-radius: 8px;
  padding: 0px;
}
QPushButton[role="step"] { min-height: 44px; }
QPushButton[role="step"][aside="true"] { min-height: 34px; }
QPushButton[role="step"]:hover { background: @background; }
QPushButton[role="step"]:checked { background: @accent_soft; border-color: @accent_soft; }
QPushButton[role="step"]:focus { border: 2px solid @accent; }

QScrollArea, QScrollArea > QWidget > QWidget[role="scroll"] {
  background: transparent; border: none;
}
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @strong_line; border-radius: 2px; margin: 3px; }
QScrollBar::handle:hover { border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QLineEdit, QComboBox, QSpinBox {
  background: @raised; color: @text; border: 1px solid @strong_line; border-radius: 8px;
  padding: 6px 10px; min-height: 20px; placeholder-text-color: @muted;
  selection-background-color: @accent; selection-color: @accent_text;
}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus { border: 2px solid @accent; padding: 5px 9px; }
QComboBox::drop-down { border: none; width: 28px; }
QComboBox::down-arrow { image: url(@chevron); width: 18px; height: 18px; }
QComboBox QAbstractItemView {
  background: @raised; color: @text; border: 1px solid @strong_line;
  selection-background-color: @accent_soft; selection-color: @text; outline: none;
}
QPlainTextEdit, QTextEdit, QTextBrowser, QTreeView, QListView, QTableView {
  background: @surface; color: @text; border: 1px solid @line; border-radius: 8px;
  selection-background-color: @accent_soft; selection-color: @text;
}
QPlainTextEdit:focus, QTextEdit:focus, QTextBrowser:focus, QTreeView:focus, QListView:focus,
QTableView:focus { border: 2px solid @accent; }
QTreeView::item, QListView::item { padding: 3px 4px; }
QTableView { gridline-color: @line; }
/* The table's own ground and round corners show through. */
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
  background: transparent; color: @muted; border: none; border-bottom: 1px solid @line;
  padding: 6px 8px; font-size: 12px; font-weight: 600;
}
QTableView QTableCornerButton::section { background: @surface; border: none; }
QProgressBar {
  background: @track; border: none; border-radius: 4px; max-height: 8px; text-align: center;
}
QProgressBar::chunk { background: @accent; border-radius: 4px; }
QSlider::groove:horizontal { background: @track; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal {
  background: @raised; border: 2px solid @accent; width: 14px; height: 14px; margin: -7px 0;
  border-radius: 9px;
}
QSlider::handle:horizontal:focus { background: @accent; border-color: @text; }
QMenuBar { background: @surface; color: @text; }
QMenuBar::item { padding: 4px 10px; background: transparent; }
QMenuBar::item:selected { background: @accent_soft; }
QMenu { background: @raised; color: @text; border: 1px solid @strong_line; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 16px; border-radius: 6px; }
QMenu::item:selected { background: @accent_soft; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
"""
