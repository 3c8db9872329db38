"""A clock that was set back makes nothing young again: what was read is read once more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from failback.changes import Change, Confirmation, Word, apply_plan
from tests.changes.stage import yes
from tests.changes.test_apply import stage_of
from tests.promises.a_site import ASite


def test_a_question_under_which_the_clock_is_set_back_is_followed_by_another_look(tmp_path: Path) -> None:
    stage, one = stage_of("renew-certificate", tmp_path)

    def slowly(shown: Change) -> Confirmation:
        stage.clock.at -= timedelta(hours=1)
        stage.events.append("answered")
        return yes(shown)

    [outcome] = apply_plan(stage.plan(one), stage.world(), slowly)

    assert outcome.word is Word.VERIFIED
    after = stage.events[stage.events.index("answered") :]
    assert "look" in after[: after.index("journal intent")]


def test_a_look_from_the_future_is_as_good_as_none(tmp_path: Path) -> None:
    site = ASite()
    clock: Any = _Shifted(site.site.clock)
    engine = site.engine(tmp_path / "home", clock=clock)
    site.site.arm.requests.clear()

    engine.look_again(frozenset({"vcenter"}))
    assert site.site.arm.requests == []
    clock.shift = timedelta(hours=-1)
    engine.look_again(frozenset({"vcenter"}))

    assert site.site.arm.requests != []


class _Shifted:
    """A clock that somebody sets."""

    def __init__(self, clock: Any) -> None:
        self.clock, self.shift = clock, timedelta(0)

    def now(self) -> Any:
        return self.clock.now() + self.shift

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
