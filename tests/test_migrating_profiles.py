"""A profile of an older schema is understood, and kept beside the new file when it is written in the form of today."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from failback import profiles
from failback.errors import ProfileError
from failback.profiles import migrating, reading, store, writing
from failback.profiles.migrating import STEPS, migrated
from failback.profiles.model import SCHEMA_VERSION
from wizard_steps.choices import Choices

BODY = """\
# of the site in Osaka
name = "osaka"

[vcenter]
host = "vc1" # the new one
username = "operator"

[azure]
subscription_id = "sub"

[vault]
resource_group = "rg"
name = "v"
"""
PICKED = Choices(machines=("web01",))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def written(text: str) -> Path:
    path = profiles.path_of("osaka")
    path.write_text(text)
    return path


def test_every_version_before_this_one_has_its_step() -> None:
    assert sorted(STEPS) == list(range(SCHEMA_VERSION))


@pytest.mark.parametrize("text", [BODY, "schema_version = 0\n" + BODY], ids=["no version", "version 0"])
def test_an_older_profile_is_migrated_when_it_is_saved_and_kept_beside_the_new_one(text: str) -> None:
    path = written(text)
    loaded = profiles.load("osaka")
    assert (loaded.vcenter.host, loaded.vault.name) == ("vc1", "v")
    assert path.read_text() == text, "looking changes no file"
    assert [one.name for one in path.parent.iterdir()] == ["osaka.toml"]

    profiles.save(loaded.with_choices(PICKED))
    assert f"schema_version = {SCHEMA_VERSION}" in path.read_text()
    assert profiles.load("osaka").choices == PICKED
    for kept in ("# of the site in Osaka", "# the new one"):
        assert kept in path.read_text()
    copy = path.with_name("osaka.toml.v0")
    assert copy.read_text() == text
    assert os.name != "posix" or stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert profiles.saved_profiles() == ["osaka"]

    profiles.save(profiles.load("osaka").with_choices(Choices()))
    assert {one.name for one in path.parent.iterdir()} == {"osaka.toml", "osaka.toml.v0"}, "one copy of one file"


def test_an_earlier_copy_is_not_overwritten() -> None:
    path = written(BODY)
    path.with_name("osaka.toml.v0").write_text("of last year")
    profiles.save(profiles.load("osaka").with_choices(PICKED))
    assert path.with_name("osaka.toml.v0").read_text() == "of last year"
    assert path.with_name("osaka.toml.v0-2").read_text() == BODY


def test_an_older_profile_is_left_alone_when_its_copy_cannot_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(BODY)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "create_private", full)
    with pytest.raises(ProfileError, match="No space left"):
        profiles.save(profiles.load("osaka").with_choices(PICKED))
    assert path.read_text() == BODY


@pytest.mark.parametrize("version", ["-1", "true", '"1"', "1.0"])
def test_what_cannot_be_a_version_is_refused_with_its_line(version: str) -> None:
    written(f"schema_version = {version}\n{BODY}")
    with pytest.raises(ProfileError, match=r"line 1.*schema_version"):
        profiles.load("osaka")


def test_a_mistake_in_an_older_profile_is_named_with_the_line_it_has_there() -> None:
    written(BODY.replace("username", "usrname"))
    with pytest.raises(ProfileError, match='line 6: the key "usrname"'):
        profiles.load("osaka")


# -- what a version 3 would find: each step once, in order, from wherever a file stands


def _second(document: dict[str, Any]) -> dict[str, Any]:
    document["vcenter"]["host"] = document["vcenter"].pop("address", "?")
    return {**document, "trail": [*document.get("trail", []), "1 to 2"]}


def _third(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "trail": [*document.get("trail", []), "2 to 3"]}


FUTURE = {**STEPS, 1: _second, 2: _third}


@pytest.mark.parametrize(
    ("version", "trail"),
    [(None, ["1 to 2", "2 to 3"]), (0, ["1 to 2", "2 to 3"]), (1, ["1 to 2", "2 to 3"]), (2, ["2 to 3"])],
)
def test_a_profile_of_any_version_goes_through_every_step_after_its_own(version: int | None, trail: list[str]) -> None:
    before: dict[str, Any] = {"vcenter": {"address": "vc1"}}
    if version is not None:
        before["schema_version"] = version
    after = migrated(before, FUTURE, 3)
    assert (after["schema_version"], after["trail"]) == (3, trail)
    assert before["vcenter"] == {"address": "vc1"}, "the document of the file stays as it was"


@pytest.mark.parametrize("version", [3, 4])
def test_a_profile_of_this_version_or_a_newer_one_goes_through_none(version: int) -> None:
    document = {"schema_version": version}
    assert migrated(document, FUTURE, 3) is document


def test_a_key_that_a_step_moves_is_written_in_its_new_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(document: dict[str, Any]) -> dict[str, Any]:
        document["vcenter"]["host"] = document["vcenter"].pop("address")
        return document

    def future(document: dict[str, Any]) -> dict[str, Any]:
        return migrated(document, {0: renamed}, 1)

    assert migrating.migrated is reading.migrated is writing.migrated
    monkeypatch.setattr(reading, "migrated", future)
    monkeypatch.setattr(writing, "migrated", future)
    path = written(BODY.replace("host =", "address ="))
    profiles.save(profiles.load("osaka").with_choices(PICKED))
    assert 'host = "vc1"' in path.read_text()
    assert "address" not in path.read_text()
    assert profiles.load("osaka").vcenter.host == "vc1"
