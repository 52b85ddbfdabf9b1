"""The folder that runs without Python: what lies in it, whose it is, and the main job with it."""

import ast
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

import app

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "packages"
ICONS = ROOT / "assets" / "application"
CORE = {
    "work", "domain", "goal", "lifetime", "existing_code", "train_where", "training_scale",
    "deployment", "team_experience", "team_background",
}  # fmt: skip
PATIENCE = 60.0


@pytest.fixture(scope="module")
def scripts():
    """The modules beside the recipe, by name; they import one another by name too."""
    sys.path.insert(0, str(PACKAGES))
    names = ("contents", "notices", "start")
    try:
        yield {name: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(str(PACKAGES))
        for name in names:
            sys.modules.pop(name, None)


def test_everything_that_is_needed_has_a_notice_with_its_licences_text(scripts):
    contents, notices = scripts["contents"], scripts["notices"]
    needed = contents.needed()
    assert {"pyside6-essentials", "shiboken6", "numpy", "pip", "pillow"} <= set(needed)
    assert not {"torch", "pytest", "pyinstaller"} & set(needed)
    files = [
        str(one.locate_file(next(file for file in one.files if file.suffix == ".py")))
        for one in needed.values()
    ]
    fonts = ROOT / "assets" / "fonts" / "NotoSans-Regular-subset.ttf"
    parts = notices.parts([*files, os.__file__, str(fonts), str(ROOT / "app" / "__init__.py")])
    by_name = {contents.normalised(one.name): one for one in parts}
    assert set(needed) | {"python", "pyinstaller"} <= set(by_name)
    assert all(max(map(len, one.texts)) > 400 for one in parts)
    assert "LESSER GENERAL PUBLIC LICENSE" in "".join(by_name["pyside6-essentials"].texts)
    text = notices.notices_text(parts)
    assert "SIL OPEN FONT LICENSE" in text.upper()
    assert "Redistribution and use in source and binary forms" in text


def test_what_belongs_to_nobody_or_has_no_licence_ends_the_build(scripts, tmp_path):
    notices = scripts["notices"]
    with pytest.raises(notices.NoticeError, match=r"stray\.bin: belongs to nothing that is known"):
        notices.parts([str(tmp_path / "stray.bin")])
    with pytest.raises(notices.NoticeError, match=r"libstray\.so\.1: belongs to nothing"):
        notices.parts([str(tmp_path / "libstray.so.1")])


def test_frameworks_and_tools_stay_out_and_what_others_run_stays_files(scripts):
    contents = scripts["contents"]
    out = set(contents.not_needed())
    assert {"torch", "tensorflow", "jax", "paddle", "pytest", "scipy"} <= out
    assert not {"app", "rules", "probes", "numpy", "PySide6", "pip", "yaml"} & out
    placed = {f"{folder}/{Path(source).name}" for source, folder in contents.files()}
    assert {
        "probes/worker/__main__.py",
        "probes/worker/adapters/pytorch.py",
        "app/installing/pip_runner.py",
        "pip/__init__.py",
        "./pynvml.py",
        "rules/knowledge/questions.yaml",
    } <= placed
    assert "app.cli.recommend" in contents.modules()
    assert not [one for one in contents.modules() if one.startswith("probes.worker")]


def test_a_plugin_that_is_left_out_takes_its_libraries_along(scripts):
    needs = {
        "/s/libqxcb.so": ["libxcb.so.1"],
        "/s/libqgtk3.so": ["libgtk-3.so.0", "libxcb.so.1"],
    }
    entries = [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/s/libqxcb.so", "BINARY"),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", "/s/libqgtk3.so", "BINARY"),
        ("libxcb.so.1", "/usr/lib/libxcb.so.1", "BINARY"),
        ("libgtk-3.so.0", "/usr/lib/libgtk-3.so.0", "BINARY"),
        ("libpython3.11.so.1.0", "/usr/lib/libpython3.11.so.1.0", "BINARY"),
    ]
    kept = scripts["contents"].kept(entries, lambda path: needs.get(path, []))
    assert [entry[0] for entry in kept] == [entries[at][0] for at in (0, 2, 4)]


def test_programs_that_a_bundle_starts_get_the_users_library_path(scripts, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle/_internal")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/users/own")
    monkeypatch.setenv("QT_PLUGIN_PATH", "/bundle/_internal/plugins")
    monkeypatch.setenv("_PYI_ARCHIVE_FILE", "/bundle/framework-advisor")
    scripts["start"].give_back_environment()
    assert os.environ["LD_LIBRARY_PATH"] == "/users/own"
    assert not {"LD_LIBRARY_PATH_ORIG", "QT_PLUGIN_PATH", "_PYI_ARCHIVE_FILE"} & set(os.environ)
    scripts["start"].give_back_environment()
    assert "LD_LIBRARY_PATH" not in os.environ


@pytest.mark.parametrize("size", [16, 32, 48, 64, 128, 256])
def test_the_icon_has_every_size_that_systems_ask_for(size):
    image = QImage(str(ICONS / f"framework-advisor-{size}.png"))
    assert (image.width(), image.height()) == (size, size)
    assert image.pixelColor(0, 0).alpha() == 0
    assert image.pixelColor(size // 2, size // 8).name() == "#2563eb"


def test_the_menu_entry_and_its_description_are_valid():
    for tool, words, file in (
        ("desktop-file-validate", [], "framework-advisor.desktop"),
        ("appstreamcli", ["validate", "--no-net"], "framework-advisor.metainfo.xml"),
    ):
        text = (PACKAGES / file).read_text(encoding="utf-8")
        assert "framework-advisor" in text
        if shutil.which(tool) is None:
            continue
        asked = subprocess.run(
            [tool, *words, str(PACKAGES / file)], capture_output=True, text=True, check=False
        )
        said = [
            line for line in asked.stdout.splitlines() if re.match(r"[EWI]:|.*(error|warn):", line)
        ]
        # The project has no domain whose name could be reversed.
        assert [line for line in said if "cid-desktopapp-is-not-rdns" not in line] == []


def test_the_description_names_this_version():
    text = (PACKAGES / "framework-advisor.metainfo.xml").read_text(encoding="utf-8")
    assert re.findall(r'<release version="([^"]+)"', text)[0] == app.VERSION


# The bundle itself


@pytest.mark.by_hand  # builds 340 MB, and a busy machine makes the window's steps late
@pytest.mark.window
@pytest.mark.timeout(900)
@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the recipe is tried on Linux only"
)
def test_a_bundle_does_the_main_job_without_python_and_measures_in_anothers(display, tmp_path):
    pytest.importorskip("PyInstaller", reason="PyInstaller is not installed")
    folder = built(tmp_path)
    holds_what_it_should(folder)
    program = folder / "framework-advisor"
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    bare = {
        "HOME": str(tmp_path),
        "PATH": str(nowhere),
        "LANG": "C.UTF-8",
        "FRAMEWORK_ADVISOR_HOME": str(tmp_path / "home"),
    }

    def run(*words, **more):
        ended = subprocess.run(
            [program, *map(str, words)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**bare, **more},
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended

    assert run("--version").stdout == f"framework-advisor {app.VERSION}\n"
    answers = ROOT / "assets" / "examples" / "student.yaml"
    run("recommend", "--answers", answers, "--out", "r.json", "--out", "r.html", "--out", "r.pdf")
    assert json.loads((tmp_path / "r.json").read_bytes())["program_version"] == app.VERSION
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    assert "<svg" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "there is no Python on PATH to look into" in run("doctor").stderr
    run("starter", "--framework", "pytorch", "--task", "tabular", "project")
    assert (tmp_path / "project" / "train.py").is_file()

    there = os.pathsep.join([str(Path(sys.executable).parent), str(nowhere)])
    looked = run("doctor", "--frameworks", "jax", "--out", "doctor.json", PATH=there)
    assert "has no Python environment of its own: it looks into" in looked.stderr
    (found,) = json.loads((tmp_path / "doctor.json").read_bytes())["frameworks"]
    assert (found["framework"], found["state"]) == ("jax", "works")

    report = answered_in_the_window(program, tmp_path, {**bare, "DISPLAY": display})
    assert "<svg" in report.read_text(encoding="utf-8")


def built(tmp_path):
    """The bundle, in a folder of the test's own."""
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", str(PACKAGES / "framework-advisor.spec"),
         "--noconfirm", "--log-level", "ERROR", "--distpath", str(tmp_path / "dist"),
         "--workpath", str(tmp_path / "work")],
        cwd=ROOT,
        check=True,
    )  # fmt: skip
    shutil.rmtree(tmp_path / "work")
    return tmp_path / "dist" / "framework-advisor"


def holds_what_it_should(folder):
    inside = folder / "_internal"
    ast.parse((inside / "probes" / "worker" / "__main__.py").read_text(encoding="utf-8"))
    assert not list(inside.glob("torch*")) + list(inside.glob("libgtk*"))
    assert [one.name for one in inside.glob("framework_advisor-*/*")] == ["METADATA"]
    text = (folder / "THIRD-PARTY-NOTICES.txt").read_text(encoding="utf-8")
    assert {"PySide6", "numpy", "matplotlib", "typst"} <= {one.name for one in inside.iterdir()}
    for name in ("PySide6_Essentials", "numpy", "matplotlib", "typst", "Python", "Noto Sans"):
        assert f"\n- {name}" in text
    assert (folder / "LICENSE.txt").read_bytes() == (ROOT / "LICENSE").read_bytes()
    menus = folder / "share" / "applications" / "framework-advisor.desktop"
    assert "Exec=framework-advisor gui" in menus.read_text(encoding="utf-8")


def answered_in_the_window(program, tmp_path, environment):
    """The main job by the X server's keyboard, from outside: the window shows how far it is by the
    session that it keeps."""

    def keys(*names):
        for name in names:
            subprocess.run(["xdotool", "key", name], check=True, env=on_display)

    def answers():
        for path in (tmp_path / "home").rglob("sessions/*.json"):
            return set(json.loads(path.read_bytes())["answers"]["answers"])
        return set()

    def until(condition, patience=PATIENCE):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if (result := condition()) or window.poll() is not None:
                return result
            time.sleep(0.05)
        return None

    on_display = {**os.environ, "DISPLAY": environment["DISPLAY"]}
    window = subprocess.Popen([program, "gui"], cwd=tmp_path, env=environment)
    try:
        find = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Framework Advisor"]
        subprocess.run([*find, "windowfocus"], check=True, env=on_display, timeout=PATIENCE)
        for _ in range(20):  # the first ones may come before there are questions
            keys("ctrl+n", "1")
            if until(answers, 3.0):
                break
        while not answers() >= CORE:
            before = answers()
            keys("Return", "1")
            assert until(lambda seen=before: answers() - seen), f"no answer after {before}"
            if "python_version" in answers() - before:
                keys("3")
        keys("Return", "ctrl+6", "Return")
        report = tmp_path / "framework-advisor-report.html"
        assert until(report.exists), "no report was written"
        keys("ctrl+q")
        assert window.wait(PATIENCE) == 0
        return report
    finally:
        window.kill()
        window.wait()
