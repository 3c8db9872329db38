"""Controllers, hosts and names, sent to stock govmomi over TLS: it takes the specifications that this program builds."""

from __future__ import annotations

from typing import Any

import pytest
from pyVmomi import vim

from failback.changes import Word
from failback.vcenter.properties import Collector
from tests.changes.test_on_govmomi import Peer, peer, simulator

__all__ = ["peer", "simulator"]  # fixtures

pytestmark = pytest.mark.slow
_device = vim.vm.device


def devices(peer: Peer) -> list[Any]:
    path = "config.hardware.device"
    (found,) = peer.session.run(lambda one: Collector(one).of_these(vim.VirtualMachine, [peer.ref], (path,)))
    return list(found.values[path])


def kinds(peer: Peer) -> list[str]:
    return [
        type(one).__name__.rpartition(".")[2] for one in devices(peer) if isinstance(one, _device.VirtualSCSIController)
    ]


def switch_off(peer: Peer) -> None:
    def work(connection: Any) -> None:
        vim.VirtualMachine(peer.ref, connection.stub).PowerOffVM_Task()

    peer.session.run_change(work)


def test_disks_follow_their_controller_to_lsi_logic_and_back(peer: Peer) -> None:
    assert kinds(peer) == ["ParaVirtualSCSIController"]
    switch_off(peer)
    files = sorted(one.backing.fileName for one in devices(peer) if isinstance(one, _device.VirtualDisk))
    change = peer.change("swap-to-lsi")

    done = peer.apply(change)
    assert done.word is Word.VERIFIED, done.evidence
    assert kinds(peer) == ["VirtualLsiLogicSASController"]
    assert sorted(one.backing.fileName for one in devices(peer) if isinstance(one, _device.VirtualDisk)) == files

    undone = peer.undo(done)
    assert undone.word is Word.VERIFIED, undone.evidence
    assert kinds(peer) == ["ParaVirtualSCSIController"]


def test_a_controller_is_added_and_taken_away(peer: Peer) -> None:
    done = peer.apply(peer.change("add-lsi-controller"))
    assert done.word is Word.VERIFIED, done.evidence
    assert "VirtualLsiLogicSASController" in kinds(peer)

    undone = peer.undo(done)
    assert undone.word is Word.VERIFIED, undone.evidence
    assert kinds(peer) == ["ParaVirtualSCSIController"]
