"""Wheel and sdist: complete, the same either way, and at work outside the checkout."""

import importlib.metadata
import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import app

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "rules", "probes", "assets")
METADATA = f"framework_advisor-{app.VERSION}.dist-info/METADATA"


def build(source, target, *kinds):
    """What pip would build there, with the build backend that is installed."""
    options = [word for kind in kinds for word in ("-t", kind)]
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", *options, "-d", str(target)],
        cwd=source,
        stdout=subprocess.DEVNULL,
        check=True,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A wheel and an sdist of the checkout."""
    folder = tmp_path_factory.mktemp("built")
    build(ROOT, folder, "sdist", "wheel")
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def contents(wheel):
    """The files of a wheel but its own list of them, by name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tracked():
    """The files of the four packages that belong to the project."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *PACKAGES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("this is no checkout")
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


def test_the_wheel_holds_every_file_of_the_program_and_no_other(built):
    names = set(contents(built[0]))
    beside = {name for name in names if ".dist-info/" in name}
    assert names - beside == tracked()
    assert METADATA.replace("METADATA", "licenses/LICENSE") in beside
    assert {
        "assets/themes/tokens.toml",
        "assets/fonts/LICENSE.txt",
        "assets/application/framework-advisor.svg",
        "rules/knowledge/questions.yaml",
        "probes/frameworks.yaml",
        "probes/worker/__main__.py",
    } <= names


def test_its_metadata_are_valid_and_its_version_is_the_programs(built):
    said = contents(built[0])[METADATA]
    metadata = Metadata.from_email(said, validate=True)
    assert str(metadata.version) == app.VERSION
    assert metadata.license_expression == "Apache-2.0"
    assert BytesParser().parsebytes(said)["Description-Content-Type"] == "text/markdown"


def test_the_sdist_makes_the_same_wheel(built, tmp_path):
    wheel, sdist = built
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    assert {"tests", "packages", "LICENSE", "README.md"} <= {one.name for one in source.iterdir()}
    build(source, tmp_path / "again", "wheel")
    (again,) = (tmp_path / "again").glob("*.whl")
    assert contents(again) == contents(wheel)


def required(name, found):
    """A distribution that is installed here, and all that it requires, into `found`."""
    key = canonicalize_name(name)
    if key not in found:
        found[key] = importlib.metadata.distribution(name)
        for line in found[key].requires or ():
            one = Requirement(line)
            if one.marker is None or one.marker.evaluate({"extra": ""}):
                required(one.name, found)


@pytest.fixture
def installed(built, tmp_path):
    """An environment of the wheel and of what its metadata require and nothing else; these are
    linked to from here, where pip would fetch a quarter of a gigabyte."""
    venv.create(tmp_path / "venv")
    binaries = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", binaries / "python", "install", "-q"]
    subprocess.run([*pip, "--no-deps", "--no-index", built[0]], check=True)
    asked = [binaries / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    found = {}
    metadata = Metadata.from_email(contents(built[0])[METADATA], validate=True)
    for one in metadata.requires_dist:
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            required(one.name, found)
    for distribution in found.values():
        for top in {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(distribution.locate_file(top)))
    return binaries / "framework-advisor"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own")
def test_works_when_installed_in_an_environment_of_what_it_requires(installed, tmp_path):
    def run(*words):
        ended = subprocess.run(
            [str(installed), *words],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": "", "FRAMEWORK_ADVISOR_HOME": str(tmp_path)},
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    assert "usage: framework-advisor" in run("--help")
    assert run("--version") == f"framework-advisor {app.VERSION}\n"
    assert "no mistake" in run("knowledge", "check")
    answers = tmp_path / "answers.yaml"
    answers.write_bytes((ROOT / "assets" / "examples" / "student.yaml").read_bytes())
    document = json.loads(run("recommend", "--answers", str(answers), "--format", "json"))
    assert document["schema"] == "framework-advisor/recommendation/1"
    assert document["verdict"]["framework"] is not None
    run("recommend", "--answers", str(answers), "--out", "report.html", "--out", "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    run("starter", "--framework", "pytorch", "--task", "tabular", "project")
    assert (tmp_path / "project" / "train.py").is_file()
