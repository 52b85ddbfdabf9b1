"""What is handed to the system to be opened: web addresses, and files and folders of our own.

An address may come from a stranger's facts. The system would start a program for nearly any kind
of address, `file:` among them, so nothing but the web is passed on.
"""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def is_web_address(text: str) -> bool:
    """Whether it can be opened in a browser."""
    return QUrl(text).scheme() in ("http", "https")


def open_web_address(text: str) -> None:
    """In the browser; anything but a web address is left alone."""
    if is_web_address(text):
        QDesktopServices.openUrl(QUrl(text))


def open_own(path: str) -> None:
    """A file that was just written here, or a folder of this program's."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(path))
