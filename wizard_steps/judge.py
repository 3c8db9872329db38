"""Judge a case: every requirement on every subject, then causes, steps, machines and the verdict.

The roll-ups are those of the report contract: a step has its worst finding's status, a machine's verdict follows
from its findings, the overall one is the worst machine's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from wizard_steps.attestations import attestation_for
from wizard_steps.case import Case, Machine
from wizard_steps.choices import Attestation
from wizard_steps.conditions import not_known
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen, Reading, Source, sources_looked_at
from wizard_steps.replication_kinds import architecture_of
from wizard_steps.requirement import (
    Finding,
    Judgement,
    Requirement,
    Status,
    Step,
    Subject,
    Verdict,
    not_applicable,
    passed,
    unknown,
)
from wizard_steps.requirement import fail as failed
from wizard_steps.subjects import BY_KIND, batch_names
from wizard_steps.wording import _, ngettext

TROUBLE = frozenset({Status.FAIL, Status.PENDING, Status.UNKNOWN, Status.WARN})
FAILURE = frozenset({Status.FAIL, Status.PENDING})


@dataclass(frozen=True)
class StepResult:
    """A step and the worst of its findings."""

    step: Step
    status: Status


@dataclass(frozen=True)
class MachineResult:
    """A machine and its verdict. `architecture` is classic, modernized or unknown."""

    name: str
    id: str
    architecture: str
    verdict: Verdict


@dataclass(frozen=True)
class Report:
    """Everything judged of one case."""

    taken_at: datetime
    judged_at: datetime
    architecture: str
    verdict: Verdict
    machines: tuple[MachineResult, ...]
    steps: tuple[StepResult, ...]
    findings: tuple[Finding, ...]

    def of_step(self, number: int) -> tuple[Finding, ...]:
        """Return a step's findings, worst first, roots before what they cause."""
        return tuple(sorted((one for one in self.findings if one.requirement.step.number == number), key=_urgency))

    def roots(self) -> tuple[Finding, ...]:
        """Return what needs somebody, worst first: unexplained troubles, and what is to be vouched for."""
        wanted = TROUBLE | {Status.ATTEST}
        return tuple(
            sorted((one for one in self.findings if one.status in wanted and one.caused_by is None), key=_urgency)
        )

    def next_action(self) -> Finding | None:
        """Return the one finding to deal with next; None: there is nothing left to do."""
        return next(iter(self.roots()), None)

    def consequences(self, root: Finding) -> tuple[Finding, ...]:
        """Return the findings that a root explains."""
        return tuple(one for one in self.findings if one.caused_by == root.requirement.id and _related(one, root))


def _urgency(finding: Finding) -> tuple[int, bool, int]:
    return (finding.status.rank, finding.caused_by is not None, finding.requirement.step.number)


def judge(case: Case, requirements: Sequence[Requirement]) -> Report:
    """Judge every requirement on every subject of the case. Raises only for choices that name nothing."""
    plain = [one for row in requirements if row.rule is not None for one in _judge_row(row, case)]
    rolled = [one for row in requirements if row.rule is None for one in _roll_up(row, case, plain)]
    order = {row.id: place for place, row in enumerate(requirements)}
    findings = _explain(sorted(plain + rolled, key=lambda one: order[one.requirement.id]))
    machines = _machine_results(case, findings)
    return Report(
        taken_at=case.estate.taken_at,
        judged_at=case.now,
        architecture=_architecture(machines),
        verdict=Verdict.of([finding.status for finding in findings]),
        machines=machines,
        steps=_step_results(requirements, findings),
        findings=tuple(findings),
    )


def _subjects(row: Requirement, case: Case) -> Reading[tuple[Subject, ...]]:
    subjects: Reading[tuple[Subject, ...]] = (row.subjects or BY_KIND[row.subject_kind])(case)
    return subjects.map(_told_apart)


def _told_apart(subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """Name subjects that share a name by the end of their ids as well: a person's word is for one of them."""
    count = Counter(one.name for one in subjects)
    return tuple(
        replace(one, name=f"{one.name} ({one.id.rpartition('/')[2]})")
        if count[one.name] > 1 and one.id != one.name
        else one
        for one in subjects
    )


def _judge_row(row: Requirement, case: Case) -> list[Finding]:
    """Judge one requirement on each of its subjects; at least one finding always comes back."""
    with sources_looked_at() as looked_at:
        subjects = _subjects(row, case)
        try:
            found = subjects.value
        except NotSeen as missing:
            return [_finding(row, _nobody(row, case), not_known(missing), looked_at)]
    if not found:
        return [_finding(row, _nobody(row, case), _nothing_there(row, case), [])]
    return [_judge_subject(row, case, subject) for subject in found]


def _judge_subject(row: Requirement, case: Case, subject: Subject) -> Finding:
    """Run one rule; a value nobody has seen makes the finding unknown, with the reason."""
    assert row.rule is not None  # noqa: S101 -- roll-ups have none and do not come here
    with sources_looked_at() as looked_at:
        try:
            judgement = row.rule(case, subject.thing)
        except NotSeen as missing:
            judgement = not_known(missing)
        if judgement.status is Status.ATTEST and (vouched := attestation_for(case, row.id, subject.name)) is not None:
            judgement = _as_vouched(judgement, vouched)
    return _finding(row, subject, judgement, looked_at)


def _nothing_there(row: Requirement, case: Case) -> Judgement:
    if row.id == "rpi-failed-over" and not case.chosen_machines.or_else(()):
        return failed(
            _("no machine of this vault is failed over"),
            action=_("Fail a machine over to Azure first, or choose another vault."),
        )
    return not_applicable(_("there is no such part in this batch"))


def _nobody(row: Requirement, case: Case) -> Subject:
    return Subject(row.subject_kind, "-", "", batch_names(case))


def _as_vouched(judgement: Judgement, one: Attestation) -> Judgement:
    vouched = passed(_("{who} vouched for it on {when}"), who=Outside(one.by), when=one.at)
    return replace(vouched, observed={**judgement.observed, "by": one.by, "at": one.at})


def _finding(row: Requirement, subject: Subject, judgement: Judgement, sources: Iterable[Source]) -> Finding:
    needs_somebody = judgement.status in TROUBLE | {Status.ATTEST}
    remedies = row.remedies if judgement.remedies is None else judgement.remedies
    return Finding(
        requirement=row,
        subject=subject,
        status=judgement.status,
        evidence=judgement.evidence,
        observed=judgement.observed,
        sources=tuple(sources),
        cause=(judgement.cause or (row.cause and _(row.cause))) if needs_somebody else None,
        action=(judgement.action or (row.action and _(row.action))) if needs_somebody else None,
        remedies=remedies if judgement.status in FAILURE | {Status.WARN} else (),
        due=judgement.due,
    )


def _roll_up(row: Requirement, case: Case, findings: Sequence[Finding]) -> list[Finding]:
    """Judge a requirement that is met when all the rows it follows from are met."""
    subjects = _subjects(row, case)
    if not subjects.was_seen:
        looked_at = [subjects.source] if subjects.source else []
        return [_finding(row, _nobody(row, case), not_known(NotSeen(subjects.reason or "")), looked_at)]
    if not subjects.value:
        return [_finding(row, _nobody(row, case), _nothing_there(row, case), [])]
    members = [one for one in findings if one.requirement.id in row.consequence_of]
    concerning = ((subject, _concerning(subject, members)) for subject in subjects.value)
    return [_finding(row, subject, _rolled(found), _sources_of(found)) for subject, found in concerning]


def _sources_of(members: Iterable[Finding]) -> list[Source]:
    """Return every source of some findings, each once, with the time of the oldest sight."""
    found: dict[tuple[str, str], Source] = {}
    for source in (source for one in members for source in one.sources):
        known = found.setdefault((source.system, source.what), source)
        if source.seen_at < known.seen_at:
            found[source.system, source.what] = source
    return list(found.values())


def _causes_of(members: Iterable[Finding]) -> str | None:
    """Return what the findings give as their causes, each once; they are whole sentences."""
    return " ".join(dict.fromkeys(one.cause for one in members if one.cause)) or None


def _concerning(subject: Subject, members: Sequence[Finding]) -> list[Finding]:
    same_kind = [one for one in members if one.subject.kind == subject.kind]
    return [
        one
        for one in members
        if (one.subject.name == subject.name if one in same_kind else _shares(one.subject, subject))
    ]


def _shares(one: Subject, other: Subject) -> bool:
    return bool(set(one.machines) & set(other.machines)) or not one.machines


def _rolled(members: Sequence[Finding]) -> Judgement:
    members = [one for one in members if one.status is not Status.NOT_APPLICABLE]
    if not members:
        return not_applicable(_("nothing here needs to be judged"))
    bad = [one for one in members if one.status in FAILURE]
    unread = [one for one in members if one.status is Status.UNKNOWN]
    if bad:
        return failed(
            ngettext("{count} of {all} is not met: {rows}", "{count} of {all} are not met: {rows}", len(bad)),
            count=len(bad),
            all=len(members),
            rows=[one.requirement.id for one in bad],
            cause=_causes_of(bad),
        )
    if unread:
        return unknown(
            ngettext("{count} of {all} is not known: {rows}", "{count} of {all} are not known: {rows}", len(unread)),
            count=len(unread),
            all=len(members),
            rows=[one.requirement.id for one in unread],
            cause=_causes_of(unread),
        )
    vouch = sum(one.status is Status.ATTEST for one in members)
    return passed(
        _("{met} of {all} are met, {vouch} wait to be vouched for in their own rows"),
        met=len(members) - vouch,
        all=len(members),
        vouch=vouch,
    )


def _related(one: Finding, other: Finding) -> bool:
    """Tell whether two findings speak of the same thing or of the same machine; or both of no machine at all."""
    if not one.machines and not other.machines:
        return True
    return one.subject == other.subject or bool(set(one.machines) & set(other.machines))


def _explain(findings: list[Finding]) -> list[Finding]:
    """Name, for every trouble that another finding explains, the root of it."""
    by_row: dict[str, list[Finding]] = {}
    for finding in findings:
        by_row.setdefault(finding.requirement.id, []).append(finding)
    return [replace(one, caused_by=_root(one, by_row, frozenset({one.requirement.id}))) for one in findings]


def _root(finding: Finding, by_row: dict[str, list[Finding]], seen: frozenset[str]) -> str | None:
    """Return the id of the requirement at the root of a trouble; None: it is a root itself.

    A failure explains everything that follows from it, also what is asked of a person meanwhile: a word given for what
    is about to change is worth nothing, and nobody is asked twice. What was not seen, or is survivable, explains only
    what is no worse: one old heartbeat is one thing to do, in however many rows it shows. Whatever is explained still
    counts in the verdict; it is only not asked about again.
    """
    if finding.status not in TROUBLE | {Status.ATTEST}:
        return None
    enough = FAILURE | ({finding.status} & {Status.UNKNOWN, Status.WARN})
    for row in finding.requirement.consequence_of:
        for cause in by_row.get(row, ()):
            if row not in seen and cause.status in enough and _related(finding, cause):
                return _root(cause, by_row, seen | {row}) or row
    return None


def _machine_results(case: Case, findings: Sequence[Finding]) -> tuple[MachineResult, ...]:
    """Return each machine's verdict: from the findings about it, and those about no machine in particular."""
    of_all = [one.status for one in findings if not one.machines]
    of_each: dict[str, list[Status]] = {}
    for one in findings:
        for name in one.machines:
            of_each.setdefault(name, []).append(one.status)
    return tuple(
        MachineResult(one.name, one.item.id, _kind(one), Verdict.of(of_all + of_each.get(one.name, [])))
        for one in case.chosen_machines.or_else(())
    )


def _kind(machine: Machine) -> str:
    return machine.item.instance_type.map(architecture_of).or_else("unknown")


def _architecture(machines: Sequence[MachineResult]) -> str:
    kinds = {one.architecture for one in machines}
    if not kinds:
        return "unknown"
    return kinds.pop() if len(kinds) == 1 else "mixed"


def _step_results(requirements: Sequence[Requirement], findings: Sequence[Finding]) -> tuple[StepResult, ...]:
    steps = {row.step.number: row.step for row in requirements}
    return tuple(
        StepResult(step, Status.worst([one.status for one in findings if one.requirement.step.number == number]))
        for number, step in sorted(steps.items())
    )
