"""What a person has set for the program as a whole: one small typed file, written atomically.

A dataclass and not a msgspec struct, and msgspec only where there is something to say about the
file: it is read before the first paint, which would wait a twentieth longer for that import.
"""

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import get_args

from app.files import read_at_most, write_atomically
from app.paths import config_folder
from app.theme import Colours, Ground

VERSION = 1
FILE_NAME = "settings.json"
MOST_RECENT = 8
LARGEST_BYTES = 1_000_000


@dataclass(frozen=True)
class Settings:
    """All have a default, so that an older file stays readable; `version` rises when one changes
    its meaning."""

    version: int = VERSION
    theme: Ground = "system"
    colours: Colours = "system"
    reduced_motion: bool = False
    """Nothing moves, also where the system does not ask for it."""
    recent: tuple[str, ...] = ()
    """Paths of sessions and answers opened or saved last, newest first."""
    keep_history: bool = True
    """Machine files of measurements and reports that were exported are kept in the history."""
    geometry: str = ""
    """Qt's own saved window geometry, base64."""

    def with_recent(self, path: str) -> "Settings":
        others = tuple(one for one in self.recent if one != path)
        return replace(self, recent=(path, *others)[:MOST_RECENT])


class SettingsError(ValueError):
    """Settings that cannot be read; the text names the file and what to do."""


class NewerSettingsError(SettingsError):
    """Settings of a newer version, which this one leaves as they are."""


def load_settings() -> Settings:
    """The saved settings, or the defaults where none have been saved.

    Raises SettingsError for a file that cannot be read or was made by a newer version.
    """
    path = config_folder() / FILE_NAME
    try:
        data = read_at_most(path, LARGEST_BYTES)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    return _as_written(data) or _checked(data, path)


def _as_written(data: bytes) -> Settings | None:
    """A file as this version writes it; None for any other, which is for `_checked` to judge."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("version") != VERSION:
        return None
    recent = content.get("recent")
    if not isinstance(recent, list) or not all(type(one) is str for one in recent):
        return None
    content["recent"] = tuple(recent)
    defaults = asdict(Settings())
    if content.keys() != defaults.keys():
        return None
    if any(type(value) is not type(defaults[name]) for name, value in content.items()):
        return None
    if content["theme"] not in get_args(Ground) or content["colours"] not in get_args(Colours):
        return None
    return Settings(**content)


def _checked(data: bytes, path: Path) -> Settings:
    import msgspec

    from rules.errors import one_line

    try:
        content = msgspec.json.decode(data, type=dict[str, object])
        version = msgspec.convert(content.get("version", VERSION), int)
        if version > VERSION:
            raise NewerSettingsError(
                f"{path}: was written by a newer version of this program (format {version}, "
                f"this one knows {VERSION}); the defaults are used and the file is left alone"
            )
        unknown = sorted(content.keys() - {field.name for field in fields(Settings)})
        if unknown:
            raise msgspec.ValidationError(f"{unknown[0]!r} is no setting")
        return msgspec.convert(content, Settings)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(
            f"{path}: {one_line(str(error))}; the defaults are used until you change a setting"
        ) from error


def save_settings(settings: Settings) -> None:
    """Raises OSError as the file system gives it."""
    import msgspec

    folder = config_folder()
    folder.mkdir(parents=True, exist_ok=True)
    data = msgspec.json.format(msgspec.json.encode(settings), indent=1)
    write_atomically(folder / FILE_NAME, data + b"\n")


def save_changes(before: Settings, after: Settings) -> None:
    """Write what was changed into the file as it is by now: another window may have written other
    settings meanwhile. A file that cannot be read is written anew once a person has changed a
    setting; a newer version's is left as it is. Raises OSError."""
    changed = {
        name: value for name, value in asdict(after).items() if value != getattr(before, name)
    }
    try:
        now = load_settings()
    except NewerSettingsError:
        return
    except SettingsError:
        if changed.keys() <= {"geometry", "recent"}:
            return
        now = before
    if opened := changed.pop("recent", ()):
        for path in reversed(opened):
            if path not in before.recent or path == opened[0]:
                now = now.with_recent(path)
    save_settings(replace(now, **changed))
