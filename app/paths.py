"""Where things lie: our own data files and the user's folders. The only module that knows."""

import errno
import os
from pathlib import Path

import platformdirs

ASSETS = Path(__file__).resolve().parents[1] / "assets"
NO_HOME = "there is none for this user; set HOME, or FRAMEWORK_ADVISOR_HOME to any folder"


def _user_folder(kind: str) -> Path:
    base = os.environ.get("FRAMEWORK_ADVISOR_HOME")
    if base:
        return Path(base) / kind
    dirs = platformdirs.PlatformDirs("framework-advisor", appauthor=False)
    try:
        return dirs.user_config_path if kind == "config" else dirs.user_data_path
    except RuntimeError:
        # A user without an entry among the system's users, as in a container, and without HOME.
        raise OSError(errno.ENOENT, NO_HOME, "home folder") from None


def typed_path(text: str) -> Path:
    """What a person typed: `~` is a home folder, and stays as it is where there is none."""
    return Path(os.path.expanduser(text.strip()))


def without_home(text: str) -> str:
    """The text with the home folder written `~`; as it is where there is none."""
    try:
        return text.replace(str(Path.home()), "~")
    except RuntimeError:
        return text


def config_folder() -> Path:
    """Settings. `FRAMEWORK_ADVISOR_HOME` moves it, for trials and tests. Raises OSError where there
    is no home folder, as do the others."""
    return _user_folder("config")


def data_folder() -> Path:
    """Sessions and history."""
    return _user_folder("data")


def history_folder() -> Path:
    """Machine files and reports that were kept."""
    return data_folder() / "history"
