"""The program's folder: a link of ours on the way to it is followed once, everything below it is a plain folder of ours."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from failback import profiles
from failback.crash import keep_crash
from failback.errors import HomeError, InputError, ProfileError
from failback.home import home_folder, private_folder, trusted_file
from failback.vcenter.trust import trusted_context

pytestmark = pytest.mark.skipif(os.name != "posix", reason="symbolic links and modes of POSIX")


def named(monkeypatch: pytest.MonkeyPatch, path: Path | str) -> None:
    monkeypatch.setenv("FAILBACK_HOME", str(path))


@pytest.fixture
def linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return a link that FAILBACK_HOME names, and the folder it leads to."""
    real, link = tmp_path / "other disk" / "failback", tmp_path / "home"
    real.mkdir(parents=True, mode=0o700)
    link.symlink_to(real)
    named(monkeypatch, link)
    return link, real


def test_a_home_behind_a_link_of_ours_is_the_real_folder(linked: tuple[Path, Path], tmp_path: Path) -> None:
    link, real = linked
    assert home_folder() == real.resolve()
    folder = profiles.profile_folder()
    link.unlink()
    link.symlink_to(tmp_path)
    assert folder == real.resolve() / "profiles", "a link that is turned round later leads nothing astray"


def test_the_real_folder_behind_the_link_is_what_is_checked(linked: tuple[Path, Path]) -> None:
    _link, real = linked
    real.chmod(0o770)
    with pytest.raises(HomeError, match=f"chmod 700 {real}"):
        home_folder()


def test_a_link_that_somebody_else_made_is_not_followed(
    linked: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    link, _real = linked
    owner = link.lstat().st_uid or 4711
    if os.geteuid() == 0:
        os.lchown(link, owner, -1)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(HomeError, match="link that another user made"):
        home_folder()


def test_a_link_to_a_folder_of_somebody_else_is_refused(
    linked: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _link, real = linked
    if os.geteuid() != 0:
        pytest.skip("NOT RUN: only root can give a folder away")
    os.chown(real, 4711, -1)
    with pytest.raises(HomeError, match="another user"):
        home_folder()


@pytest.mark.parametrize("name", ["profiles", "crashes"])
def test_a_folder_below_the_home_that_is_a_link_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    named(monkeypatch, tmp_path / "home")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (home_folder() / name).symlink_to(elsewhere)
    with pytest.raises(HomeError, match="symbolic link"):
        private_folder(home_folder() / name)
    if name == "crashes":
        assert "no crash file could be written" in keep_crash(RuntimeError()).message()
    else:
        with pytest.raises(HomeError, match="symbolic link"):
            profiles.saved_profiles()
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("home", ["a circle", "~nobody-of-that-name/failback", "a dangling link"])
def test_a_home_that_leads_nowhere_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    if home == "a circle":
        (tmp_path / "a").symlink_to(tmp_path / "b")
        (tmp_path / "b").symlink_to(tmp_path / "a")
        named(monkeypatch, tmp_path / "a")
    elif home == "a dangling link":
        (tmp_path / "a").symlink_to(tmp_path / "missing" / "b")
        named(monkeypatch, tmp_path / "a")
        assert home_folder() == (tmp_path / "missing" / "b").resolve(), "it is made where the link of ours leads"
        return
    else:
        named(monkeypatch, home)
    with pytest.raises(HomeError) as refused:
        home_folder()
    assert refused.value.exit_code == 2


def test_a_home_that_is_named_relative_stays_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    named(monkeypatch, "home")
    home = home_folder()
    assert home.is_absolute()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


# -- files that decide whom we trust


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_an_authority_that_others_could_have_written_is_not_trusted(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("-----BEGIN CERTIFICATE-----")
    path.chmod(mode)
    with pytest.raises(HomeError, match="other users may write"):
        trusted_context("127.0.0.2", 1, ca_file=path)
    path.chmod(0o644)
    with pytest.raises(InputError, match="cannot be read as certificates"):
        trusted_context("127.0.0.2", 1, ca_file=path)


def test_an_authority_behind_a_link_is_checked_where_it_really_is(tmp_path: Path) -> None:
    real, link = tmp_path / "real.pem", tmp_path / "ca.pem"
    real.write_text("x")
    link.symlink_to(real)
    assert trusted_file(link) == real.resolve()
    real.chmod(0o666)
    with pytest.raises(HomeError, match="other users may write"):
        trusted_file(link)


PROFILE = """\
schema_version = 1
[vcenter]
host = "vc1"
username = "u"
[azure]
subscription_id = "s"
{line}
[vault]
resource_group = "rg"
name = "v"
"""


@pytest.mark.parametrize("key", ["proxy", "authority", "resource_manager"])
@pytest.mark.parametrize("address", ["http://operator:canary-9f@proxy:3128", "https://canary-9f@host/path"])
def test_a_profile_takes_no_password_inside_of_an_address(key: str, address: str) -> None:
    with pytest.raises(ProfileError, match="holds no secret") as refused:
        profiles.parse(PROFILE.format(line=f'{key} = "{address}"'), Path("site.toml"))
    assert "line 7" in refused.value.message()
    assert "canary" not in refused.value.message()
