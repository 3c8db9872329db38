"""One step's findings as rows that lead with what needs somebody.

Root causes stand first, worst first; what they explain is folded under them with a count; what is met or does not
apply is folded into one row each. Findings of one requirement with one state are one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.views import words
from tui.views.row import Row
from wizard_steps.case import Target
from wizard_steps.judge import TROUBLE, Report
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding, Requirement, Status
from wizard_steps.subjects import VolumeInUse
from wizard_steps.wording import _, ngettext

_MANY = 3
_QUIET = {Status.PASS: "met", Status.NOT_APPLICABLE: "not-applicable", Status.INFO: "info"}


def rows_of(report: Report, number: int, requirements: Sequence[Requirement]) -> tuple[Row, ...]:
    """Return the rows of a step. Pure: equal reports give equal rows."""
    mine = report.of_step(number)
    wanted = TROUBLE | {Status.ATTEST}
    roots = [one for one in mine if one.status in wanted and one.caused_by is None]
    caused = [one for one in mine if one.status in wanted and one.caused_by is not None]
    quiet = [one for one in mine if one.status not in wanted]
    rows = [_root_row(alike, report) for alike in _alike(roots)]
    rows += _foreign_rows(caused, {one.requirement.id for one in roots}, requirements)
    for status, word in _QUIET.items():
        rows += _quiet_row([one for one in quiet if one.status is status], status, word)
    return tuple(rows)


def _alike(findings: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    """Group findings of one requirement and state: those that say the same, and any that are many."""
    groups: dict[tuple[str, Status], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.requirement.id, one.status), []).append(one)
    found: list[tuple[Finding, ...]] = []
    for group in groups.values():
        same: dict[str, list[Finding]] = {}
        for one in group:
            same.setdefault(one.evidence, []).append(one)
        found += [tuple(group)] if len(group) >= _MANY else [tuple(each) for each in same.values()]
    return found


def _key(findings: Sequence[Finding], prefix: str = "") -> str:
    first = findings[0]
    return f"{prefix}{first.requirement.id}|{first.subject.kind}|{first.subject.name}"


def _subject(findings: Sequence[Finding]) -> str:
    if len(findings) == 1:
        return "" if findings[0].subject.name == "-" else visible(findings[0].subject.name)
    return (
        words.machines([one.subject.name for one in findings], limit=1)
        if findings[0].subject.kind == "machine"
        else (ngettext("{count} of them", "{count} of them", len(findings)).format(count=len(findings)))
    )


def _plain(findings: Sequence[Finding], prefix: str = "") -> Row:
    children = tuple(_plain([one], prefix + "one:") for one in findings) if len(findings) > 1 else ()
    return Row(
        _key(findings, prefix), findings[0].status, _subject(findings), _evidence(findings), tuple(findings), children
    )


def _evidence(findings: Sequence[Finding]) -> str:
    """Return what was seen; of several that do not say the same, the sentence they are all judged by."""
    one = findings[0]
    return one.evidence if len({each.evidence for each in findings}) == 1 else _(one.requirement.statement)


def _root_row(findings: tuple[Finding, ...], report: Report) -> Row:
    """Return the row of a root cause, with what follows from it folded under it."""
    row = _plain(findings)
    explained: dict[int, Finding] = {}
    for root in findings:
        explained.update({id(one): one for one in report.consequences(root)})
    follow = tuple(_plain(alike, row.key + ">") for alike in _alike(explained.values()))
    count = len(explained)
    return Row(row.key, row.status, row.subject, row.text, row.findings, row.children + follow, count)


def _foreign_rows(caused: Sequence[Finding], own_roots: set[str], requirements: Sequence[Requirement]) -> list[Row]:
    """Return, for each root in another step, one row that folds what follows from it here."""
    steps = {row.id: row.step.number for row in requirements}
    groups: dict[str, list[Finding]] = {}
    for one in caused:
        if one.caused_by is not None and one.caused_by not in own_roots:
            groups.setdefault(one.caused_by, []).append(one)
    return [_foreign_row(root, steps.get(root), group) for root, group in groups.items()]


def _foreign_row(root: str, step: int | None, group: Sequence[Finding]) -> Row:
    text = ngettext("{count} follows from step {step}: {root}", "{count} follow from step {step}: {root}", len(group))
    children = tuple(_plain(alike, f"{root}>") for alike in _alike(group))
    return Row(
        f"from:{root}",
        Status.worst([one.status for one in group]),
        "",
        text.format(count=len(group), step=step or "?", root=root),
        (),
        children,
    )


def _quiet_row(findings: Sequence[Finding], status: Status, word: str) -> list[Row]:
    if not findings:
        return []
    by_row: dict[str, list[Finding]] = {}
    for one in findings:
        by_row.setdefault(one.requirement.id, []).append(one)
    children = tuple(_statement(group, word) for group in by_row.values())
    if status is Status.INFO:
        return list(children)
    text = {
        "met": ngettext("{count} requirement is met", "{count} requirements are met", len(by_row)),
        "not-applicable": ngettext("{count} does not apply here", "{count} do not apply here", len(by_row)),
    }[word]
    return [Row(f"fold:{word}", status, "", text.format(count=len(by_row)), (), children)]


def _statement(group: Sequence[Finding], prefix: str) -> Row:
    """Return the row of a requirement that asks for nothing: its own sentence, the evidence of each below."""
    children = tuple(_plain([one], prefix + "one:") for one in group) if len(group) > 1 else ()
    return Row(_key(group, prefix + ":"), group[0].status, _subject(group), _evidence(group), tuple(group), children)


ANSWERED_INSIDE = frozenset(
    {"ret-not-locked", "ret-not-cache-volume", "ret-not-install-volume", "ret-fs-not-fat", "mt-is-vmware-vm"}
)
"""The requirements that a look inside the master target's guest can settle."""


def target_inside(row: Row) -> Target | None:
    """Return the master target whose guest would settle an open row; None: no look inside helps."""
    for finding in row.findings:
        if finding.requirement.id in ANSWERED_INSIDE and finding.status in (Status.ATTEST, Status.UNKNOWN):
            thing = finding.subject.thing
            target = thing.target if isinstance(thing, VolumeInUse) else thing
            return target if isinstance(target, Target) else None
    return None
