"""Every remedy on the rehearsal site, through the real pyvmomi and the real Azure clients: what leaves, and what is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim

from failback.azure.allowed import HARMLESS, on_the_list
from failback.changes import Change, Outcome, Word, offers
from failback.engine import Engine
from failback.errors import UsageError
from failback.opening import open_rehearsal
from failback.rehearsal.site import Site
from tests.changes.recording import changing_calls
from tests.changes.stage import yes
from wizard_steps.case import Case

MT01 = "vm-100"


class Rehearsal:
    """A faulty rehearsal site and the engine over it. Its clock stands still, and waiting moves it on."""

    def __init__(self, home: Path, *, read_only: bool = False) -> None:
        self.engine: Engine = open_rehearsal("faulty", home=home, read_only=read_only)
        assert self.engine.rehearsal is not None
        self.site: Site = self.engine.rehearsal
        self.changed = changing_calls(self.site.wire)
        self.case: Case = self.engine.look()

    def change(self, remedy: str) -> Change:
        """Return the change that mends the first finding for which the remedy can be planned."""
        report = self.engine.judge(self.case)
        for finding in report.findings:
            for offer in offers(self.case, finding):
                if offer.remedy == remedy and offer.change is not None:
                    return offer.change
        raise LookupError(f"the rehearsal site has nothing for {remedy}")

    def apply(self, *changes: Change, confirm: Callable[[Change], Any] = yes, **more: Any) -> tuple[Outcome, ...]:
        """Carry out exactly these changes. Azure is read once where they do not touch it: it is the slower half."""
        if all(one.target.system == "vcenter" for one in changes):
            self.engine._read_azure = lambda *_: self.case.azure  # type: ignore[method-assign]
        plan = self.engine.plan(self.case, self.engine.judge(self.case), [])
        return self.engine.apply(replace(plan, changes=changes), confirm, **more)

    def sent(self) -> list[tuple[str, str]]:
        """Return every call that changes something, as both wires saw it, in order of each."""
        vcenter = [(call.name, call.moref) for call in self.changed if not call.is_lock]
        azure = [
            ("POST", request.path.lower())
            for request in self.site.arm.requests
            if request.method == "POST" and on_the_list(HARMLESS, "POST", request.path)
        ]
        return vcenter + azure

    def mt01(self, path: str) -> Any:
        """Return a property of MT01's VM as the site holds it."""
        return self.site.store.get(MT01, path)


@pytest.fixture
def rehearsal(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path)


def as_planned(change: Change) -> list[tuple[str, str]]:
    return [
        (call.method, call.args["path"].lower() if call.system == "azure" else call.args["_this"]["value"])
        for call in change.calls
    ]


ON_THE_FAULTY_SITE = [
    "start-azure-vm",
    "power-off-source-vm",
    "set-enable-uuid",
    "exclude-from-storage-drs",
    "exclude-from-drs",
    "remove-snapshots",
    "refresh-configuration-server",
]


@pytest.mark.parametrize("remedy", ON_THE_FAULTY_SITE)
def test_what_leaves_is_what_was_planned_and_what_was_planned_is_what_is_there_then(
    remedy: str, rehearsal: Rehearsal
) -> None:
    change = rehearsal.change(remedy)

    [outcome] = rehearsal.apply(change)

    assert outcome.word is Word.VERIFIED, outcome.evidence
    assert rehearsal.sent() == as_planned(change)
    [entry] = rehearsal.engine.history()
    assert entry.origin.rehearsal
    assert len(entry.operations) == len(change.calls)
    assert rehearsal.engine.journal.verify_chain() is None


def test_a_power_cycle_waits_until_the_guest_is_off_and_makes_the_setting_effective(rehearsal: Rehearsal) -> None:
    rehearsal.apply(rehearsal.change("set-enable-uuid"))
    rehearsal.case = rehearsal.engine.look()
    cycle = rehearsal.change("power-cycle")

    [outcome] = rehearsal.apply(cycle)

    assert outcome.word is Word.VERIFIED
    assert rehearsal.sent()[1:] == as_planned(cycle) == [("ShutdownGuest", MT01), ("PowerOnVM_Task", MT01)]
    report = rehearsal.engine.judge(rehearsal.engine.look())
    found = [one for one in report.findings if one.requirement.id == "mt-disk-enableuuid-effective"]
    assert [one.status.value for one in found if one.subject.name == "MT01"] == ["pass"]


def test_disks_that_snapshots_left_behind_are_consolidated(rehearsal: Rehearsal) -> None:
    rehearsal.site.store.set(MT01, {"snapshot": None, "runtime.consolidationNeeded": True})
    rehearsal.case = rehearsal.engine.look()

    [outcome] = rehearsal.apply(rehearsal.change("consolidate-disks"))

    assert outcome.word is Word.VERIFIED
    assert rehearsal.sent() == [("ConsolidateVMDisks_Task", MT01)]


@pytest.mark.parametrize("remedy", ["set-enable-uuid", "exclude-from-drs", "exclude-from-storage-drs"])
def test_apply_then_undo_is_the_start(remedy: str, rehearsal: Rehearsal) -> None:
    change = rehearsal.change(remedy)
    [done] = rehearsal.apply(change)
    assert done.entry_id is not None

    undone = rehearsal.engine.undo(done.entry_id, yes)

    assert undone.word is Word.VERIFIED
    rehearsal.case = rehearsal.engine.look()
    assert rehearsal.change(remedy).before == change.before


def test_read_only_sends_nothing(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path, read_only=True)

    with pytest.raises(UsageError, match="read-only"):
        rehearsal.apply(rehearsal.change("set-enable-uuid"))

    assert rehearsal.sent() == []


# -- trouble in vCenter


def test_an_edit_by_somebody_else_after_the_last_reading_is_not_overwritten(rehearsal: Rehearsal) -> None:
    def meanwhile(change: Change) -> Any:
        rehearsal.site.store.set(MT01, {"config.changeVersion": "somebody-else"})
        return yes(change)

    [outcome] = rehearsal.apply(rehearsal.change("set-enable-uuid"), confirm=meanwhile)

    assert outcome.word is Word.STALE
    assert "somebody else" in outcome.evidence
    assert rehearsal.mt01("config.changeVersion") == "somebody-else"
    assert not rehearsal.mt01("config.flags.diskUuidEnabled")


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (vim.fault.NoPermission(privilegeId="VirtualMachine.Config.AdvancedConfig"), Word.FAILED),
        (vim.fault.InvalidState(msg="not now"), Word.FAILED),
        (ConnectionRefusedError("refused"), Word.FAILED),
        (TimeoutError("timed out"), Word.UNKNOWN),
        (ConnectionResetError("reset by peer"), Word.UNKNOWN),
        (BrokenPipeError("broken pipe"), Word.UNKNOWN),
        (AttributeError("an answer nobody can read"), Word.UNKNOWN),
    ],
)
def test_what_goes_wrong_with_a_call_is_told_apart_and_the_call_is_never_repeated(
    error: Exception, word: Word, rehearsal: Rehearsal
) -> None:
    rehearsal.site.wire.fault("ReconfigVM_Task", error, skip=1)  # the first one locks

    [outcome] = rehearsal.apply(rehearsal.change("set-enable-uuid"))

    assert outcome.word is word, outcome.evidence
    assert rehearsal.sent() == [("ReconfigVM_Task", MT01)]
    assert [entry.outcome for entry in rehearsal.engine.history()] == [word.value]


def test_a_missing_privilege_is_named(rehearsal: Rehearsal) -> None:
    rehearsal.site.wire.fault(
        "RemoveAllSnapshots_Task", vim.fault.NoPermission(privilegeId="VirtualMachine.State.RemoveSnapshot")
    )

    [outcome] = rehearsal.apply(rehearsal.change("remove-snapshots"))

    assert "VirtualMachine.State.RemoveSnapshot" in outcome.evidence


def test_a_session_that_ended_while_the_operator_was_thinking_is_renewed_and_the_call_sent_once(
    rehearsal: Rehearsal,
) -> None:
    def meanwhile(change: Change) -> Any:
        rehearsal.site.wire.end_sessions()
        return yes(change)

    [outcome] = rehearsal.apply(rehearsal.change("set-enable-uuid"), confirm=meanwhile)

    assert outcome.word is Word.VERIFIED
    assert rehearsal.sent() == [("ReconfigVM_Task", MT01)]


def test_a_vcenter_that_falls_silent_under_a_task_leaves_the_outcome_unknown_and_names_the_task(
    rehearsal: Rehearsal,
) -> None:
    change = rehearsal.change("remove-snapshots")

    def told(sentence: str) -> None:
        if "runs in vCenter" in sentence and rehearsal.sent():
            rehearsal.site.wire.fault("RetrievePropertiesEx", TimeoutError("timed out"), times=None)

    [outcome] = rehearsal.apply(change, progress=told)

    assert outcome.word is Word.UNKNOWN
    [operation] = rehearsal.engine.history()[0].operations
    assert operation.name in outcome.evidence
    assert rehearsal.sent() == as_planned(change)


def test_a_short_silence_under_a_task_is_waited_through(rehearsal: Rehearsal) -> None:
    silences = iter([True])

    def told(sentence: str) -> None:
        if "runs in vCenter" in sentence and rehearsal.sent() and next(silences, False):
            rehearsal.site.wire.fault("RetrievePropertiesEx", TimeoutError("timed out"), times=5)

    [outcome] = rehearsal.apply(rehearsal.change("remove-snapshots"), progress=told)

    assert outcome.word is Word.VERIFIED


def test_a_task_that_ends_badly_is_failed_and_says_vcenters_words(rehearsal: Rehearsal) -> None:
    change = rehearsal.change("power-off-source-vm")
    ref = change.calls[0].args["_this"]["value"]

    def just_before(sentence: str) -> None:
        if sentence == change.title:  # after the last reading
            rehearsal.site.store.set(ref, {"runtime.powerState": "poweredOff"})

    [outcome] = rehearsal.apply(change, progress=just_before)

    assert outcome.word is Word.FAILED
    assert "InvalidPowerState" in outcome.evidence


def test_cancelling_leaves_the_task_running_and_says_so(rehearsal: Rehearsal) -> None:
    def running() -> bool:
        return bool(rehearsal.sent())

    [outcome] = rehearsal.apply(rehearsal.change("remove-snapshots"), cancelled=running)

    assert outcome.word is Word.CANCELLED
    [operation] = rehearsal.engine.history()[0].operations
    assert f"{operation.name} goes on in vCenter" in outcome.evidence
    assert rehearsal.mt01("snapshot") is not None
    rehearsal.site.clock.advance(60)
    rehearsal.engine.look()
    assert rehearsal.mt01("snapshot") is None


def test_a_guest_that_does_not_shut_down_is_not_powered_on_again(rehearsal: Rehearsal) -> None:
    rehearsal.apply(rehearsal.change("set-enable-uuid"))
    rehearsal.case = rehearsal.engine.look()
    rehearsal.site.wire.tasks.later = lambda *_args: None  # type: ignore[method-assign]

    [outcome] = rehearsal.apply(rehearsal.change("power-cycle"))

    assert outcome.word is Word.UNKNOWN, "it may still shut down"
    assert "still running" in outcome.evidence
    assert [name for name, _ref in rehearsal.sent()] == ["ReconfigVM_Task", "ShutdownGuest"]


# -- trouble in Azure


@pytest.mark.parametrize(
    ("word", "outcome_word"),
    [
        ("Failed", Word.FAILED),
        ("Cancelled", Word.FAILED),
        ("PartiallySucceeded", Word.UNKNOWN),
        ("Succeeded", Word.VERIFIED),
    ],
)
def test_how_an_operation_in_azure_ends_decides_the_outcome(
    word: str, outcome_word: Word, rehearsal: Rehearsal
) -> None:
    if word != "Succeeded":
        error = {"code": "ProviderError", "message": "The provider did not answer."}
        rehearsal.site.arm.operations.end_next_with(word, error if word == "Failed" else None)
    change = rehearsal.change("refresh-configuration-server")

    [outcome] = rehearsal.apply(change)

    assert outcome.word is outcome_word, outcome.evidence
    assert rehearsal.sent() == as_planned(change)
    assert change.target.ref.casefold() in rehearsal.engine.memory.load().refreshed


def test_cancelling_a_refresh_leaves_the_job_and_says_so(rehearsal: Rehearsal) -> None:
    def running() -> bool:
        return bool(rehearsal.sent())

    [outcome] = rehearsal.apply(rehearsal.change("refresh-configuration-server"), cancelled=running)

    assert outcome.word is Word.CANCELLED
    assert "goes on in Azure" in outcome.evidence
