"""Only the book's own repository names its commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from relupool.experiments.commit import commit

NONE = {"commit": None, "clean": None}


def git(folder: Path, *words: str) -> None:
    told = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *told, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):  # a hook may have started these tests
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "a b\u00e9"
    (root / "lib").mkdir(parents=True)
    (root / "lib/a.py").write_text("1")
    git(root, "init")
    git(root, "add", ".")
    git(root, "commit", "--message", "x")
    return root


def test_what_is_checked_out_and_whether_all_is_committed(repository: Path):
    found = commit(repository)
    assert len(found["commit"]) == 40 and found["clean"] is True
    git(repository, "config", "status.showUntrackedFiles", "no")
    (repository / "new").write_text("1")
    assert commit(repository) == found | {"clean": False}
    assert commit(repository, "lib") == found
    (repository / "lib/a.py").write_text("2")
    assert commit(repository, "lib") == found | {"clean": False}


def test_a_book_that_lies_in_another_repository_has_no_commit(repository: Path, tmp_path: Path):
    assert commit(repository / "lib") == NONE
    assert commit(tmp_path) == NONE
    assert commit(tmp_path / "nowhere") == NONE


def test_what_a_hook_says_of_repositories_is_not_heard(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    found = commit(repository)
    for name, value in {"GIT_DIR": repository / ".git", "GIT_WORK_TREE": tmp_path, "GIT_INDEX_FILE": "x"}.items():
        monkeypatch.setenv(name, str(value))
    assert commit(tmp_path) == NONE
    assert commit(repository) == found


def test_without_git_there_is_none(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert commit(repository) == NONE


def test_where_no_repository_is_it_may_be_told(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    found, digits = commit(repository), "0123456789" * 4
    for told, clean in ((digits, True), (digits + "+", False)):
        monkeypatch.setenv("RELUPOOL_COMMIT", told)
        assert commit(tmp_path) == {"commit": digits, "clean": clean}
        assert commit(repository) == found
    monkeypatch.setenv("RELUPOOL_COMMIT", "main")
    with pytest.raises(ValueError, match="RELUPOOL_COMMIT is 'main', but must be the 40 hexadecimal digits"):
        commit(tmp_path)
