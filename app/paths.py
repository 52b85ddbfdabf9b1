"""Where things lie: our own data files and the user's folders. The only module that knows."""

import os
from pathlib import Path

import platformdirs

ASSETS = Path(__file__).resolve().parents[1] / "assets"


def _user_folder(kind: str) -> Path:
    base = os.environ.get("FRAMEWORK_ADVISOR_HOME")
    if base:
        return Path(base) / kind
    dirs = platformdirs.PlatformDirs("framework-advisor", appauthor=False)
    return {"config": dirs.user_config_path, "data": dirs.user_data_path}[kind]


def config_folder() -> Path:
    """Settings. `FRAMEWORK_ADVISOR_HOME` moves it, for trials and tests."""
    return _user_folder("config")


def data_folder() -> Path:
    """Sessions and history."""
    return _user_folder("data")


def history_folder() -> Path:
    """Machine files and reports that were kept."""
    return data_folder() / "history"
