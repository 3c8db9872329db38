"""What a report for people says, and in which order; how it looks is left to the format.

The verdict and the one next action first; then root causes, with what they explain folded under them and not
counted again; then what is not known, what a person must vouch for, and warnings. One requirement on several
subjects is one entry, and so are different requirements that are unknown for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from failback.changes.remedies import REMEDIES
from wizard_steps.judge import MachineResult, Report, StepResult
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding, Status, Verdict
from wizard_steps.wording import N_, _

_ORDER: tuple[tuple[Status, str], ...] = (
    (Status.FAIL, N_("What stands in the way")),
    (Status.PENDING, N_("What is under way")),
    (Status.UNKNOWN, N_("What is not known")),
    (Status.ATTEST, N_("What a person must vouch for")),
    (Status.WARN, N_("Warnings")),
)

_LONGEST = 4000  # characters of one text


@dataclass(frozen=True)
class Entry:
    """Findings that want the same done: one requirement on some subjects, or several unknown for one reason.

    All texts are translated and safe to show.
    """

    status: Status
    title: str
    evidence: tuple[str, ...]  # what was seen, each once
    cause: str | None
    action: str | None
    requirements: tuple[str, ...]
    subjects: tuple[str, ...]
    machines: tuple[str, ...]
    steps: tuple[int, ...]
    place: str | None  # the document's own; None where several requirements share the entry
    explains: tuple[str, ...]  # ids of the requirements whose trouble this one explains
    remedies: tuple[str, ...]  # those that the wizard carries out

    @property
    def todo(self) -> str:
        """What somebody does about it: for what is to be vouched for, exactly that."""
        return self.evidence[0] if self.status is Status.ATTEST else self.action or self.title


@dataclass(frozen=True)
class Section:
    """The entries of one status, under a heading."""

    status: Status
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Outline:
    """A whole report for people."""

    verdict: Verdict
    next: Entry | None
    sections: tuple[Section, ...]
    steps: tuple[StepResult, ...]
    machines: tuple[MachineResult, ...]
    folded: int  # how many findings are explained by an entry's root cause


def outline(report: Report) -> Outline:
    """Arrange a report for people."""
    roots = _with_orphans(report)
    first = report.next_action()
    sections = []
    for status, title in _ORDER:
        groups = _grouped(one for one in roots if one.status is status)
        if groups:
            sections.append(Section(status, _(title), tuple(_entry(report, group) for group in groups)))
    return Outline(
        verdict=report.verdict,
        next=_entry(report, next(group for group in _grouped(roots) if first in group)) if first else None,
        sections=tuple(sections),
        steps=report.steps,
        machines=report.machines,
        folded=sum(one.caused_by is not None for one in report.findings) - (len(roots) - len(report.roots())),
    )


def _with_orphans(report: Report) -> tuple[Finding, ...]:
    """Return the roots, and every trouble whose named root does not list it: nothing may fall out of a report."""
    roots = report.roots()
    listed = {id(one) for root in roots for one in report.consequences(root)}
    orphans = (one for one in report.findings if one.caused_by is not None and id(one) not in listed)
    return (*roots, *orphans)


def _grouped(findings: Iterable[Finding]) -> list[list[Finding]]:
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        says = (one.evidence, None) if one.status is Status.UNKNOWN else (one.requirement.id, one.cause)
        groups.setdefault((one.status, one.action, *says), []).append(one)
    return list(groups.values())


def _entry(report: Report, group: Sequence[Finding]) -> Entry:
    first = group[0]
    requirements = _once(one.requirement.id for one in group)
    alone = len(requirements) == 1
    return Entry(
        status=first.status,
        title=_(first.requirement.statement) if alone else _safe(first.evidence),
        evidence=_once(_safe(one.evidence) for one in group),
        cause=_safe_or_none(first.cause) if alone else None,
        action=_safe_or_none(first.action),
        requirements=requirements,
        subjects=_once(visible(one.subject.name) for one in group if one.subject.name != "-"),
        machines=_once(visible(name) for one in group for name in one.machines),
        steps=tuple(sorted({one.requirement.step.number for one in group})),
        place=first.requirement.seed if alone else None,
        explains=_explained(report, group),
        remedies=_offered(group),
    )


def _explained(report: Report, roots: Sequence[Finding]) -> tuple[str, ...]:
    return _once(one.requirement.id for root in roots for one in report.consequences(root))


def _offered(group: Sequence[Finding]) -> tuple[str, ...]:
    """Return the remedies of some findings that this program carries out."""
    return _once(remedy for one in group for remedy in one.remedies if remedy in REMEDIES)


def _safe(text: str) -> str:
    """Return a rule's own words; a name that slipped into them raw does no harm here."""
    return visible(text, _LONGEST)


def _safe_or_none(text: str | None) -> str | None:
    return _safe(text) if text else None


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
