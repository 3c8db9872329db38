"""Profiles: private files that two wizards may write at once, and that nobody else can have written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from failback import profiles
from failback.errors import FailbackError, HomeError, ProfileError
from failback.opening import _save
from failback.profiles import AzureSettings, Profile, VaultSettings, VCenterSettings
from wizard_steps.choices import Attestation, Choices, LocationChoice

AT = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)
posix = pytest.mark.skipif(os.name != "posix", reason="symbolic links and modes of POSIX")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def site(name: str = "osaka") -> Profile:
    return Profile(name, VCenterSettings("vc1", "operator"), AzureSettings("sub"), VaultSettings("rg", "v"))


def vouched(requirement: str, subject: str = "MT01:R") -> Attestation:
    return Attestation(requirement, subject, "operator", AT)


@posix
def test_everything_in_the_folder_is_the_owners_alone(home: Path) -> None:
    os.umask(0o022)
    made = profiles.create(site())
    profiles.save(made.with_pinned_certificate("AB:" * 31 + "AB"))
    for one in [home, *home.rglob("*")]:
        assert stat.S_IMODE(one.stat().st_mode) == (0o700 if one.is_dir() else 0o600), one


@posix
def test_no_symbolic_link_is_followed_for_reading_or_writing(tmp_path: Path) -> None:
    made = profiles.create(site())
    assert made.path is not None
    target = tmp_path / "elsewhere.toml"
    made.path.rename(target)
    before = target.read_bytes()
    made.path.symlink_to(target)
    with pytest.raises(HomeError, match="symbolic link"):
        profiles.load("osaka")
    with pytest.raises(FailbackError):
        profiles.save(made.with_choices(Choices(machines=("web01",))))
    assert target.read_bytes() == before


@posix
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_profile_that_others_may_write_to_is_not_believed(mode: int) -> None:
    made = profiles.create(site())
    assert made.path is not None
    made.path.chmod(mode)
    with pytest.raises(HomeError, match="other users may write"):
        profiles.load("osaka")


def test_a_newer_schema_is_refused_in_a_clear_sentence_and_left_alone() -> None:
    made = profiles.create(site())
    assert made.path is not None
    text = made.path.read_text().replace("schema_version = 1", "schema_version = 2")
    made.path.write_text(text)
    with pytest.raises(ProfileError, match="written by a newer version of this program"):
        profiles.load("osaka")
    with pytest.raises(ProfileError):
        profiles.save(made.with_choices(Choices(machines=("web01",))))
    assert made.path.read_text() == text


def test_a_profile_that_would_not_be_valid_is_not_written(home: Path) -> None:
    wrong = replace(site(), azure=AzureSettings("sub", sign_in="client-secret"))
    with pytest.raises(ProfileError, match="tenant_id"):
        profiles.create(wrong)
    assert profiles.saved_profiles() == []
    made = profiles.create(site())
    with pytest.raises(ProfileError):
        profiles.save(replace(made, azure=wrong.azure))
    assert profiles.load("osaka").azure.sign_in == "azure-cli"


def test_two_wizards_lose_nothing_of_each_other() -> None:
    made = profiles.create(site())
    mine, theirs = profiles.load("osaka"), profiles.load("osaka")
    profiles.save(mine.with_attestations((vouched("ret-not-locked"),)))
    profiles.save(theirs.with_attestations((vouched("mt-lvm", "MT02"),)))
    profiles.save(theirs.with_choices(replace(theirs.choices, locations=(LocationChoice("db01", "alternate", "ds1"),))))
    mine = profiles.load("osaka")
    here, there = profiles.load("osaka"), profiles.load("osaka")
    kept = mine.choices.locations
    profiles.save(here.with_choices(replace(here.choices, locations=(*kept, LocationChoice("web01", "original")))))
    profiles.save(there.with_choices(replace(there.choices, locations=(*kept, LocationChoice("web02", "original")))))
    now = profiles.load("osaka")
    assert {one.requirement for one in now.attestations} == {"ret-not-locked", "mt-lvm"}
    assert {one.machine for one in now.choices.locations} == {"db01", "web01", "web02"}
    assert made.name == now.name


def test_what_is_taken_back_in_the_same_wizard_is_gone_from_the_file() -> None:
    here = _save(profiles.create(site()).with_choices(Choices(machines=("web01",))))
    assert profiles.load("osaka").choices.machines == ("web01",)
    here = _save(here.with_attestations((vouched("ret-not-locked"),)))
    here = _save(here.with_choices(Choices()))
    _save(here.with_attestations(()))
    now = profiles.load("osaka")
    assert (now.choices.machines, now.attestations) == ((), ())


WRITER = """\
import sys
from datetime import datetime, timezone
from failback import profiles
from wizard_steps.choices import Attestation
for number in range(8):
    here = profiles.load("osaka")
    mine = Attestation("ret-not-locked", f"{sys.argv[1]}-{number}", "operator", datetime.now(timezone.utc))
    profiles.save(here.with_attestations((*here.attestations, mine)))
"""


@pytest.mark.slow
def test_many_processes_write_at_once_and_every_word_of_theirs_is_there() -> None:
    profiles.create(site())
    root = Path(__file__).parents[2]
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(one)], cwd=root) for one in range(4)]
    assert [one.wait(50) for one in writers] == [0] * 4
    found = {one.subject for one in profiles.load("osaka").attestations}
    assert found == {f"{writer}-{number}" for writer in range(4) for number in range(8)}
