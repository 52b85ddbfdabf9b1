"""What the system says about looks: dark or light, more contrast, less motion.

Everything is asked anew each time, so that a change while the window is open is followed.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.settings import Settings
from app.theme import ThemeName, choose_theme


def theme_name(settings: Settings) -> ThemeName:
    """The theme to show; where the system does not say, light in the standard colours."""
    hints = QGuiApplication.styleHints()
    contrast = hints.accessibility().contrastPreference()
    return choose_theme(
        settings.theme,
        settings.colours,
        system_is_dark=hints.colorScheme() == Qt.ColorScheme.Dark,
        system_wants_contrast=contrast == Qt.ContrastPreference.HighContrast,
    )


def wants_less_motion() -> bool:
    """Whether the system asks for it. Qt tells so from 6.12 on; before, it does not say."""
    motion = getattr(QGuiApplication.styleHints().accessibility(), "motionPreference", None)
    return motion is not None and motion().name != "NoPreference"


def follow(changed: Callable[[], None]) -> None:
    """Call `changed`, a QObject's method, when the system's ground or contrast becomes another.

    Connected as it is: Qt lets go of a method with its object, of a lambda never.
    """
    hints = QGuiApplication.styleHints()
    hints.colorSchemeChanged.connect(changed)
    hints.accessibility().contrastPreferenceChanged.connect(changed)
