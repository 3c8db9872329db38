"""Promise 1: a read-only run makes no call outside the lists of reads, at either wire, whatever it is asked to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from failback.azure.allowed import READS as AZURE_READS
from failback.azure.allowed import on_the_list
from failback.changes.journal import Origin
from failback.errors import UsageError
from failback.vcenter.allowed import READS as VCENTER_READS
from tests.changes.stage import yes
from tests.promises.a_site import ASite


def strays(site: ASite) -> list[str]:
    """Return what arrived that only looking would not have sent."""
    vcenter = [call.name for call in site.site.wire.calls if call.name not in VCENTER_READS]
    azure = [
        f"{one.method} {one.path}"
        for one in site.site.arm.requests
        if not on_the_list(AZURE_READS, one.method, one.path)
    ]
    return vcenter + azure


def test_looking_judging_and_planning_change_nothing(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home", read_only=True)
    case = engine.look()
    plan = engine.plan(case, engine.judge(case))

    assert plan.changes
    assert site.site.wire.calls
    assert site.site.arm.requests
    assert strays(site) == []


@pytest.mark.parametrize("remedy", ["set-enable-uuid", "remove-snapshots", "start-azure-vm"])
def test_a_plan_is_not_carried_out_and_a_change_not_undone(remedy: str, tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home", read_only=True)
    change = site.change(remedy)
    entry = engine.journal.intent(change, Origin(site.profile.name, False, "sha256:…"))
    engine.journal.outcome(entry, "verified", "…")

    with pytest.raises(UsageError, match="read-only"):
        site.apply(engine, change)
    with pytest.raises(UsageError):
        engine.undo(entry, yes)

    assert strays(site) == []


def test_finding_out_after_a_crash_only_reads(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home", read_only=True)
    engine.journal.intent(site.change("set-enable-uuid"), Origin(site.profile.name, False, "sha256:…"))

    [found] = engine.recover()

    assert found.word.value == "not-done"
    assert strays(site) == []


def test_read_only_there_is_nothing_that_could_send(tmp_path: Path) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home", read_only=True)
    change = site.change("set-enable-uuid")

    with pytest.raises(UsageError, match="read-only"):
        engine._world(lambda: False).wire("vcenter").send(change.calls[0])

    assert site.sent() == []
