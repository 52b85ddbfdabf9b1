"""What a child inherits of the shell that the program was started from."""

import sys

from app.processes import child_environment, run_child


def test_a_project_finds_its_own_files_whatever_the_shell_has_set(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    (tmp_path / "config.py").write_text("WORD = 'found'\n")
    (tmp_path / "train.py").write_text("import config\nprint(config.WORD)\n")
    command = [sys.executable, str(tmp_path / "train.py")]
    ended = run_child(command, tmp_path, child_environment(), most_lines=1)
    assert (ended.returncode, ended.lines) == (0, ("found",))
