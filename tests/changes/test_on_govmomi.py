"""The changes that stock govmomi answers, sent to it over TLS: an independent server takes what this program builds.

Its own answers are not checked against a real vCenter; `docs/reliability.md` lists what only our simulator answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from failback.changes import Change, Journal, MemoryStore, Outcome, Plan, Word, World, apply_plan, undo_entry
from failback.changes.remedies import REMEDIES
from failback.changes.through_vcenter import ThroughVCenter
from failback.clock import SystemClock
from failback.errors import OutcomeUnknownError
from failback.vcenter.allowed import CHANGES
from failback.vcenter.reading import VCenterReader
from failback.vcenter.session import VCenterSession
from tests.changes.stage import finding, yes
from tests.estates.ready import ready_choices
from tests.estates.ready_azure import seen_in_azure
from tests.peers.certificates import Authority
from tests.peers.vcenter_simulator import VCenterSimulator, require_simulator
from wizard_steps.case import Case
from wizard_steps.estate import Estate

pytestmark = pytest.mark.slow


class QuickClock(SystemClock):
    """The machine's clock; waiting between two looks at a task is cut short."""

    def sleep(self, seconds: float) -> None:
        super().sleep(min(seconds, 0.02))


@dataclass
class Peer:
    """A simulator whose first machine is the master target of the ready case, and the world over it."""

    simulator: VCenterSimulator
    session: VCenterSession
    folder: Path
    ref: str

    def look(self, _systems: frozenset[str] = frozenset()) -> Case:
        reader = VCenterReader(self.session, QuickClock())
        seen = reader.read_in_depth(reader.read(), [self.ref])
        [vm] = [one for one in seen.machines.value if one.ref == self.ref]
        chosen = {"MT01": f"{seen.instance_uuid.value}/{vm.instance_uuid.value}"}
        now = QuickClock().now()
        return Case(Estate(seen_in_azure(), seen, now), replace(ready_choices(), same_machine=chosen), now)

    def change(self, remedy: str) -> Change:
        case = self.look()
        return REMEDIES[remedy].plan(case, finding(case, remedy))

    def world(self) -> World:
        clock = QuickClock()
        journal = Journal(self.folder, clock)
        return World(
            "p", self.look, lambda _system: ThroughVCenter(self.session, clock), clock, journal, MemoryStore(None)
        )

    def apply(self, change: Change) -> Outcome:
        world = self.world()
        [outcome] = apply_plan(Plan(world.clock.now(), "p", False, (change,)), world, yes)
        return outcome

    def undo(self, outcome: Outcome) -> Outcome:
        world = self.world()
        entry = world.journal.entry(outcome.entry_id or "")
        assert entry is not None
        return undo_entry(entry, world, yes)

    def sent(self) -> list[tuple[str, str]]:
        return [(call.method, call.id) for call in self.simulator.calls() if call.method in CHANGES]


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[VCenterSimulator]:
    require_simulator()
    flags = ("-vm", "1", "-host", "1", "-standalone-host", "0", "-ds", "1", "-pod", "1")
    with VCenterSimulator(tmp_path, certificate=Authority(tmp_path).self_signed("vcenter"), flags=flags) as running:
        yield running


@pytest.fixture
def peer(simulator: VCenterSimulator, tmp_path: Path) -> Iterator[Peer]:
    [ref] = simulator.refs("VirtualMachine").values()
    with simulator.session() as session:
        simulator.forget_calls()
        yield Peer(simulator, session, tmp_path, ref)


def make_snapshot(peer: Peer, name: str) -> None:
    """Make a snapshot as an administrator would: by a session of the library's own."""
    import ssl

    from pyVim.connect import Disconnect, SmartConnect
    from pyVim.task import WaitForTask
    from pyVmomi import vim

    from tests.peers.vcenter_simulator import PASSWORD, USERNAME

    assert peer.simulator.certificate is not None
    context = ssl.create_default_context(cafile=str(peer.simulator.certificate.certificate))
    context.check_hostname = False
    admin: Any = SmartConnect(
        host=peer.simulator.host, port=peer.simulator.port, user=USERNAME, pwd=PASSWORD, sslContext=context
    )
    WaitForTask(vim.VirtualMachine(peer.ref, admin._stub).CreateSnapshot_Task(name, "", False, False), si=admin)
    Disconnect(admin)


def test_enable_uuid_goes_to_true_and_back(peer: Peer) -> None:
    change = peer.change("set-enable-uuid")

    done = peer.apply(change)
    assert done.word is Word.VERIFIED, done.evidence
    lock = ("ReconfigVM_Task", peer.ref)
    assert peer.sent() == [lock, ("ReconfigVM_Task", peer.ref), lock]

    undone = peer.undo(done)
    assert undone.word is Word.VERIFIED, undone.evidence
    assert peer.change("set-enable-uuid").before == change.before


def test_snapshots_are_removed_with_all_that_stand_on_them(peer: Peer) -> None:
    make_snapshot(peer, "before patch")
    make_snapshot(peer, "[/] after")
    change = peer.change("remove-snapshots")
    peer.simulator.forget_calls()

    done = peer.apply(change)

    assert len(change.before["snapshots"]) == 2
    assert done.word is Word.VERIFIED, done.evidence
    lock = ("ReconfigVM_Task", peer.ref)
    assert peer.sent() == [lock, ("RemoveAllSnapshots_Task", peer.ref), lock]


def test_an_override_of_drs_is_added_and_removed(peer: Peer) -> None:
    change = peer.change("exclude-from-drs")

    done = peer.apply(change)
    assert done.word is Word.VERIFIED, done.evidence
    assert [name for name, _ref in peer.sent()][1:-1] == ["ReconfigureComputeResource_Task"]

    undone = peer.undo(done)
    assert undone.word is Word.VERIFIED, undone.evidence


def test_a_vcenter_that_hangs_under_a_call_leaves_the_outcome_unknown(peer: Peer) -> None:
    change = peer.change("set-enable-uuid")
    with peer.simulator.session(call_seconds=2.0) as session:
        wire = ThroughVCenter(session, QuickClock())
        wire.ready(change)
        peer.simulator.hang()
        try:
            with pytest.raises(OutcomeUnknownError):
                wire.send(change.calls[0])
        finally:
            peer.simulator.wake()
