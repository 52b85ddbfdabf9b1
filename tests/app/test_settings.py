"""Settings come back as they were saved, and a broken file is told and left alone."""

import json

import pytest

from app.settings import (
    MOST_RECENT,
    Settings,
    SettingsError,
    load_settings,
    save_changes,
    save_settings,
)


def test_without_a_file_the_defaults_hold():
    assert load_settings() == Settings()


def test_what_was_saved_comes_back():
    settings = Settings(theme="dark", reduced_motion=True, recent=("/a/b.yaml",))
    save_settings(settings)
    assert load_settings() == settings


def test_two_windows_take_no_settings_from_each_other():
    start = Settings(recent=("/old.json",))
    save_settings(start)
    save_changes(start, Settings(theme="dark", recent=("/first.json", "/old.json")))
    save_changes(start, Settings(geometry="left here", recent=("/second.json", "/old.json")))
    assert load_settings() == Settings(
        theme="dark",
        geometry="left here",
        recent=("/second.json", "/first.json", "/old.json"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"theme": "pink"}',
        '{"version": 1, "colour": "red"}',
        '{"version": 1, "reduced_motion": "yes"}',
        "[]",
    ],
)
def test_a_broken_file_is_named_and_left_as_it_is(text, fresh_home):
    save_settings(Settings())
    path = fresh_home / "config" / "settings.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"settings\.json"):
        load_settings()
    assert path.read_text(encoding="utf-8") == text


def test_a_file_from_a_newer_version_is_refused_with_its_reason(fresh_home):
    save_settings(Settings())
    path = fresh_home / "config" / "settings.json"
    path.write_text('{"version": 2, "theme": {"name": "dark"}}', encoding="utf-8")
    with pytest.raises(SettingsError, match="newer version"):
        load_settings()


def test_recent_files_are_few_and_the_last_one_is_first():
    settings = Settings()
    for number in range(MOST_RECENT + 3):
        settings = settings.with_recent(f"/{number}.yaml")
    settings = settings.with_recent("/5.yaml")
    assert settings.recent[0] == "/5.yaml"
    assert len(settings.recent) == len(set(settings.recent)) == MOST_RECENT


def test_a_file_as_it_is_written_waits_for_no_other_module(monkeypatch):
    """The first paint waits for it."""
    written = Settings(theme="dark", reduced_motion=True, recent=("/a.json", "/b.json"))
    save_settings(written)
    monkeypatch.setattr("app.settings._checked", lambda *_: pytest.fail("it is as written"))
    assert load_settings() == written


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("theme", "blue"),
        ("theme", ["dark"]),
        ("reduced_motion", 1),
        ("version", True),
        ("recent", [1]),
        ("recent", "a"),
        ("geometry", None),
    ],
    ids=str,
)
def test_a_value_of_another_kind_is_refused_by_its_name(field, value, fresh_home):
    save_settings(Settings())
    path = fresh_home / "config" / "settings.json"
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps({**content, field: value}))
    with pytest.raises(SettingsError, match=field if field != "version" else "int"):
        load_settings()


def test_a_newer_versions_file_is_left_as_it_is_whatever_is_changed(fresh_home):
    save_settings(Settings())
    path = fresh_home / "config" / "settings.json"
    path.write_text('{"version": 2, "theme": {"name": "dark"}}', encoding="utf-8")
    save_changes(Settings(), Settings(geometry="left here", theme="dark"))
    assert path.read_text(encoding="utf-8") == '{"version": 2, "theme": {"name": "dark"}}'


def test_a_broken_file_is_written_anew_by_a_change_of_a_person_and_not_by_closing(fresh_home):
    save_settings(Settings())
    path = fresh_home / "config" / "settings.json"
    path.write_text("{", encoding="utf-8")
    save_changes(Settings(), Settings(geometry="left here", recent=("/a.yaml",)))
    assert path.read_text(encoding="utf-8") == "{"
    save_changes(Settings(), Settings(theme="dark"))
    assert load_settings() == Settings(theme="dark")
