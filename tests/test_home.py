from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from failback.errors import HomeError
from failback.home import create_private, home_folder, private_folder, read_private, replace_private

posix = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")


@posix
def test_the_home_is_made_private_whatever_the_umask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path / "a" / "b"))
    before = os.umask(0)
    try:
        assert stat.S_IMODE(home_folder().stat().st_mode) == 0o700
        create_private(tmp_path / "file", b"x")
        assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    finally:
        os.umask(before)


@posix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_write_to_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(HomeError, match=f"chmod 700 {folder}"):
        private_folder(folder)


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(HomeError, match="home"):
        private_folder(tmp_path / "home")


@posix
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = tmp_path.stat().st_uid or 4711
    os.chown(tmp_path, owner, -1) if os.geteuid() == 0 else None
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(HomeError, match="another user"):
        private_folder(tmp_path)


@posix
def test_a_pipe_or_a_folder_is_no_file_to_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(HomeError):
            read_private(tmp_path / name)


@posix
def test_a_new_file_follows_no_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "link", b"x")
    assert not (tmp_path / "target").exists()


def test_replacing_keeps_the_old_file_when_the_new_one_cannot_be_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    replace_private(path, b"old")

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(HomeError, match="No space left"):
        replace_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_what_a_killed_process_left_does_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / f".file.{os.getpid()}.new").write_bytes(b"half")
    replace_private(tmp_path / "file", b"whole")
    assert read_private(tmp_path / "file") == b"whole"
