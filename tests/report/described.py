"""A report described by hand: every status, every kind of value, and names that want to do harm."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from wizard_steps.judge import MachineResult, Report, StepResult
from wizard_steps.outside import Outside
from wizard_steps.reading import Source
from wizard_steps.requirement import Finding, Requirement, Status, Step, Subject, Verdict

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)
HOSTILE = "[/]\x1b]0;pwned\x07<img src=x>|`"
VM_STEP = Step(8, "master-target-vm", "Master target VM")
DRIVE_STEP = Step(9, "retention-drive", "Retention drive")


def requirement(name: str, step: Step = VM_STEP, *, caused_by: tuple[str, ...] = ()) -> Requirement:
    """Return a requirement whose statement is its id in words."""
    statement = name.replace("-", " ").capitalize() + "."
    return Requirement(name, step, statement, f"MT section, {name}", "master-target", Status.FAIL, None, caused_by)


def subject(name: str = "MT01", *machines: str) -> Subject:
    """Return a master target that some machines use."""
    return Subject("master-target", name, f"id of {name}", machines or ("web01",))


def finding(row: Requirement, status: Status, evidence: str, **more: object) -> Finding:
    """Return a finding on MT01, unless `more` says otherwise."""
    values: dict[str, object] = {
        "requirement": row,
        "subject": subject(),
        "status": status,
        "evidence": evidence,
        "observed": {},
        "sources": (),
        **more,
    }
    return Finding(**values)  # type: ignore[arg-type]


def report(*findings: Finding, verdict: Verdict = Verdict.NOT_READY) -> Report:
    """Return a report of one machine in two steps."""
    steps = tuple(
        StepResult(step, Status.worst([one.status for one in findings if one.requirement.step is step]))
        for step in (VM_STEP, DRIVE_STEP)
    )
    machines = (
        MachineResult("web01", "/id/web01", "classic", verdict),
        MachineResult(HOSTILE, "/id/2", "classic", verdict),
    )
    return Report(NOW, NOW, "classic", verdict, machines, steps, findings)


def a_report() -> Report:
    """Return a report with one finding of every status, a consequence, and an unknown reason two rows share."""
    source = Source("vcenter", "VirtualMachine.snapshot", NOW - timedelta(minutes=1))
    root = finding(
        requirement("mt-no-snapshots"),
        Status.FAIL,
        "1 snapshot: 'before patch', 2026-11-20 09:14 UTC",
        observed={
            "snapshots": 1,
            "newest": Outside(HOSTILE),
            "at": NOW - timedelta(days=2),
            "age": timedelta(minutes=5),
            "odd": float("nan"),
            "names": (Outside("a"), frozenset({"c", "b"})),
        },
        sources=(source,),
        cause="Reprotect and failback both fail while a disk of the master target has a snapshot.",
        action="Remove every snapshot of this VM.",
        remedies=("remove-snapshots", "left-to-a-person"),
    )
    return report(
        root,
        finding(requirement("mt-note-requirements"), Status.FAIL, "1 of 9 is not met", caused_by="mt-no-snapshots"),
        finding(
            requirement("mt-vmware-tools"), Status.UNKNOWN, "not known: vCenter did not answer", action="Look again."
        ),
        finding(requirement("mt-no-pvscsi"), Status.UNKNOWN, "not known: vCenter did not answer", action="Look again."),
        finding(requirement("ret-listing-15min", DRIVE_STEP), Status.PENDING, "listed at 10:15 UTC"),
        finding(requirement("ret-not-locked", DRIVE_STEP), Status.ATTEST, "vouch that R is not locked"),
        finding(
            requirement("ret-default-r-windows", DRIVE_STEP), Status.WARN, "it is S, not R", subject=subject(HOSTILE)
        ),
        finding(requirement("mt-disk-enableuuid"), Status.PASS, "TRUE"),
        finding(requirement("ret-drive-purpose", DRIVE_STEP), Status.INFO, "it keeps the points in time"),
        finding(requirement("mt-linux-sizing"), Status.NOT_APPLICABLE, "it is Windows", subject=subject("-")),
    )
