"""Promise 5: killed at any step, nothing is forgotten: the next start tells done from not done, and sends nothing twice.

A real process carries a change out over the two wires of a site that lives on in this one. It kills itself at the
n-th step around intent, act and result, for every n until the change is through.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from failback.azure.allowed import SENT, on_the_list
from failback.changes import Change, Finding
from failback.engine import Engine
from failback.vcenter.allowed import CHANGES
from tests.changes.stage import yes
from tests.peers.rehearsal_loopback import Loopback, LoopbackClock, LoopbackSessions
from tests.promises.a_site import ASite

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL"),
    pytest.mark.timeout(240),
]

CHANGING = CHANGES | {"POST", "PUT", "DELETE"}


class Killer:
    """Counts the steps of a process, and ends it, without any goodbye, at the one that is asked for."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_the_way(self, _where: str, what: str) -> None:
        """Step before a changing request, when it was sent, and when its answer arrived."""
        if what in CHANGING:
            self.step()

    @contextmanager
    def at_the_disk(self) -> Iterator[None]:
        """Step before and after every write to the journal, and after it was seen on the disk."""
        write, fsync = os.write, os.fsync

        def stepping_write(descriptor: int, data: Any) -> int:
            self.step()
            half = memoryview(data)[: max(1, len(data) // 2)]
            done = write(descriptor, half)  # a torn line, if it ends here
            self.step()
            return done + write(descriptor, memoryview(data)[done:])

        def stepping_fsync(descriptor: int) -> None:
            fsync(descriptor)
            self.step()

        os.write, os.fsync = stepping_write, stepping_fsync  # type: ignore[assignment]
        try:
            yield
        finally:
            os.write, os.fsync = write, fsync


def killed_at(place: int, site: ASite, home: Path, change: Change) -> bool:
    """Carry out a change in a process that ends at its n-th step; tell whether it got that far."""
    home.mkdir(mode=0o700)
    with Loopback(site.site) as loopback:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads that only serve
            child = os.fork()
        if child == 0:
            _in_the_child(place, site, home, change, loopback.address)
        _pid, status = os.waitpid(child, 0)
        loopback.settle()
    if os.WIFSIGNALED(status):
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the process failed by itself"
    return False


def _in_the_child(place: int, site: ASite, home: Path, change: Change, address: Any) -> None:
    try:
        killer = Killer(place)
        sessions = LoopbackSessions(address, killer.on_the_way)
        engine = site.engine(home, sessions, LoopbackClock(address))
        with killer.at_the_disk():
            [outcome] = site.apply(engine, change)
        os._exit(0 if outcome.word.value == "verified" else 3)
    except BaseException:  # noqa: BLE001 -- nothing of this may reach the test runner it was forked from
        import traceback

        traceback.print_exc()
        os._exit(4)


def is_done(site: ASite, engine: Engine, change: Change) -> bool:
    """Tell by the site itself whether the change took effect, once everything that was under way has ended."""
    from failback.changes.remedies import CARRIED_OUT

    site.site.clock.advance(300)
    return CARRIED_OUT[change.remedy].verify(change, engine.look_again(frozenset({"vcenter", "azure"}))).holds


def count_of(site: ASite, change: Change) -> list[int]:
    """Return how often each of the change's calls arrived."""
    if change.target.system == "azure":
        paths = [path for path in site.posted() if on_the_list(SENT, "POST", path)]
        return [paths.count(str(call.args["path"]).lower()) for call in change.calls]
    names = [name for name, _ref in site.sent()]
    return [names.count(call.method) for call in change.calls]


REMEDIES = {"set-enable-uuid": 4, "remove-snapshots": 4, "power-cycle": 4, "start-azure-vm": 3}
"""What is carried out, and in how many parts its kill points are tried: each part every so many steps."""

PARTS = [(remedy, part, parts) for remedy, parts in REMEDIES.items() for part in range(parts)]
MAY_NOT_BE_TOLD = {"power-cycle"}
"""A guest's shutdown leaves no trace: killed around it, only a person can tell."""


@pytest.mark.parametrize(("remedy", "part", "parts"), PARTS)
def test_killed_at_any_step_the_next_start_knows_what_became_of_it(
    remedy: str, part: int, parts: int, tmp_path: Path
) -> None:
    place, tried = part + 1, 0
    while True:
        site = ASite()
        change = site.change(remedy)
        home = tmp_path / str(place)
        if not killed_at(place, site, home, change):
            break
        tried += 1
        place += parts
        _check(site, change, home)
    assert tried >= 20 // parts


def _check(site: ASite, change: Change, home: Path) -> None:
    engine = site.engine(home)
    before = engine.in_flight()
    found = engine.recover()
    assert len(found) == len(before) <= 1
    arrived = count_of(site, change)
    assert all(count <= 1 for count in arrived), "nothing is sent twice"
    told = engine.journal.history()
    done = is_done(site, engine, change)
    if not told:
        assert arrived == [0] * len(arrived), "nothing leaves before its intent is written down"
    elif found:
        _agrees(found[0].word, done, change)
        assert engine.in_flight() == ()
        assert engine.recover() == ()
    else:
        assert [one.outcome for one in told] == ["verified"]
        assert done
    _goes_on(site, engine, change, done=done)


def _agrees(word: Finding, done: bool, change: Change) -> None:
    if word is Finding.DONE:
        assert done, "nothing is called done that is not"
    elif word is Finding.NOT_DONE:
        assert not done, "nothing is called not done that is"
    else:
        assert change.remedy in MAY_NOT_BE_TOLD, word


def _goes_on(site: ASite, engine: Engine, change: Change, *, done: bool) -> None:
    """The next run takes up the lock that was left, without a question for it, and lets go of it at its end."""
    asked: list[Change] = []

    def confirm(shown: Change) -> Any:
        asked.append(shown)
        return yes(shown)

    if done or change.remedy in MAY_NOT_BE_TOLD:
        site.apply(engine, confirm=confirm)
    else:
        [outcome] = site.apply(engine, change, confirm=confirm)
        assert outcome.word.value in ("verified", "stale"), outcome.evidence
    assert all(one.remedy == change.remedy for one in asked)
    assert "failback.lock" not in site.rows()
    assert engine.journal.verify_chain() is None
