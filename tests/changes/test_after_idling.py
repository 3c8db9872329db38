"""An operator who idled: what was seen is as old as it was then, and only the verdict's expiry says that time passed."""

from __future__ import annotations

from pathlib import Path

import pytest

from failback.engine import Engine
from failback.rehearsal.clock import RehearsalClock
from tests.promises.a_site import ASite
from wizard_steps.case import Case

_AZURE, _VCENTER = frozenset({"azure"}), frozenset({"vcenter"})


def _troubles(engine: Engine, case: Case) -> list[tuple[str, str, str]]:
    return [
        (one.requirement.id, one.subject.name, one.status.value)
        for one in engine.judge(case).findings
        if one.status.value in ("fail", "pending", "unknown", "warn")
    ]


def _site(tmp_path: Path) -> tuple[Engine, RehearsalClock]:
    site = ASite()
    return site.engine(tmp_path / "home"), site.site.clock


@pytest.mark.parametrize("minutes", [19, 600])
def test_vouching_on_an_old_look_ages_no_heartbeat(tmp_path: Path, minutes: int) -> None:
    engine, clock = _site(tmp_path)
    before = _troubles(engine, engine.look())

    clock.advance(minutes * 60)

    assert _troubles(engine, engine.attest("mt-no-storage-vmotion", "MT01", "ops")) == before


@pytest.mark.parametrize("again", [_AZURE, _VCENTER])
def test_looking_again_on_one_side_ages_each_side_to_its_own_look(tmp_path: Path, again: frozenset[str]) -> None:
    engine, clock = _site(tmp_path)
    before = _troubles(engine, engine.look())

    clock.advance(8 * 60)
    assert _troubles(engine, engine.look_again(again)) == before
    clock.advance(11 * 60)
    assert _troubles(engine, engine.case()) == before
