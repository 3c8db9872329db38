"""The shape of a requirement, of one judgement of it, and of a finding.

A requirement is one small, named thing: an id, one sentence, the document's own place, the kind of subject it
speaks of, and a pure function of the case and one subject that returns a `Judgement`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from wizard_steps.outside import Outside, visible
from wizard_steps.reading import Source


class Status(str, Enum):
    """What was found of one requirement on one subject, worst first."""

    FAIL = "fail"
    PENDING = "pending"
    UNKNOWN = "unknown"
    ATTEST = "attest"
    WARN = "warn"
    PASS = "pass"
    INFO = "info"
    NOT_APPLICABLE = "not-applicable"

    @property
    def rank(self) -> int:
        """0 for the worst status."""
        return _RANKS[self]

    @staticmethod
    def worst(statuses: Sequence[Status]) -> Status:
        """Return the worst of some statuses; of none, not-applicable."""
        return min(statuses, key=lambda status: status.rank, default=Status.NOT_APPLICABLE)


_RANKS = {status: rank for rank, status in enumerate(Status)}


class Verdict(str, Enum):
    """What the findings of a machine, or of the whole batch, come to: the first that applies, in this order."""

    NOT_READY = "not-ready"
    UNKNOWN = "unknown"
    TO_ATTEST = "to-attest"
    READY_WITH_WARNINGS = "ready-with-warnings"
    READY = "ready"

    @staticmethod
    def of(statuses: Sequence[Status]) -> Verdict:
        """Return the verdict that follows from some statuses."""
        return _VERDICTS.get(Status.worst(statuses), Verdict.READY)


_VERDICTS = {
    Status.FAIL: Verdict.NOT_READY,
    Status.PENDING: Verdict.NOT_READY,
    Status.UNKNOWN: Verdict.UNKNOWN,
    Status.ATTEST: Verdict.TO_ATTEST,
    Status.WARN: Verdict.READY_WITH_WARNINGS,
}


@dataclass(frozen=True)
class Judgement:
    """What a rule says of one subject: the status, the evidence as a person would say it, and what it saw.

    `observed` holds the raw values; `cause` and `action` fall back to the requirement's own; `remedies` to its
    whole list; `due` is when a pending one will be settled.
    """

    status: Status
    evidence: str
    observed: Mapping[str, Any] = field(default_factory=dict)
    cause: str | None = None
    action: str | None = None
    remedies: tuple[str, ...] | None = None
    due: datetime | None = None


_LONGEST = 1000  # characters of one value in an evidence


def _say(value: object) -> object:
    if isinstance(value, Outside):
        return value.shown()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, (list, tuple)):
        return ", ".join(str(_say(item)) for item in value)
    return visible(value, _LONGEST) if isinstance(value, str) else value


def say(template: str, **values: object) -> str:
    """Fill a translated template; every text is made harmless for a screen, times are written in UTC."""
    return template.format(**{name: _say(value) for name, value in values.items()})


def _judgement(status: Status) -> Callable[..., Judgement]:
    def judgement(
        template: str,
        *,
        cause: str | None = None,
        action: str | None = None,
        remedies: Sequence[str] | None = None,
        due: datetime | None = None,
        **values: object,
    ) -> Judgement:
        """Return a judgement; `values` and `due` fill the template, `values` are kept as what was observed."""
        kept = None if remedies is None else tuple(remedies)
        shown = values if due is None else {**values, "due": due}
        return Judgement(status, say(template, **shown), values, cause, action, kept, due)

    return judgement


fail = _judgement(Status.FAIL)
pending = _judgement(Status.PENDING)
unknown = _judgement(Status.UNKNOWN)
attest = _judgement(Status.ATTEST)  # the evidence names what a person must vouch for
warn = _judgement(Status.WARN)
passed = _judgement(Status.PASS)
info = _judgement(Status.INFO)
not_applicable = _judgement(Status.NOT_APPLICABLE)


@dataclass(frozen=True)
class Step:
    """One of the ten steps: its number, its id in reports, and its title (marked, translated when shown)."""

    number: int
    id: str
    title: str


@dataclass(frozen=True)
class Subject:
    """What a finding speaks of. `name` is raw; `thing` is what the rule is given; `machines` use it."""

    kind: str
    name: str
    id: str
    machines: tuple[str, ...]
    thing: Any = field(compare=False, default=None)


Rule = Callable[[Any, Any], Judgement]
R = TypeVar("R", bound=Rule)


@dataclass(frozen=True)
class Requirement:
    """A requirement as it stands in its step; see `requirement` for the meaning of each part."""

    id: str
    step: Step
    statement: str
    seed: str
    subject_kind: str
    worst: Status
    rule: Rule | None  # None: it follows from the rows named in consequence_of
    consequence_of: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    cause: str | None = None
    action: str | None = None
    subjects: Callable[[Any], Any] | None = None  # where the kind alone does not say which subjects


class Requirements:
    """The requirements of one step, in the order in which they are written down."""

    def __init__(self, step: Step) -> None:
        """Start with none."""
        self.step = step
        self.rows: list[Requirement] = []

    def add(
        self,
        id: str,  # noqa: A002 -- the word of the contract
        *,
        statement: str,
        seed: str,
        subject: str,
        worst: str,
        consequence_of: Sequence[str] = (),
        remedies: Sequence[str] = (),
        cause: str | None = None,
        action: str | None = None,
        subjects: Callable[[Any], Any] | None = None,
    ) -> Callable[[R], R]:
        """Register the decorated function as the rule of a requirement.

        `statement` is one sentence, `seed` the document's own place or the page practice found it on, `subject`
        a kind of DESIGN 5.3, `worst` the worst status the rule may return; `consequence_of` names the rows whose
        failure explains this one, `remedies` what mends it. `cause` and `action` are the texts of a finding
        whose rule gives none. All texts are marked with `N_`.
        """

        def register(rule: R) -> R:
            self.rows.append(
                Requirement(
                    id,
                    self.step,
                    statement,
                    seed,
                    subject,
                    Status(worst),
                    rule,
                    tuple(consequence_of),
                    tuple(remedies),
                    cause,
                    action,
                    subjects,
                )
            )
            return rule

        return register

    def add_roll_up(
        self,
        id: str,  # noqa: A002 -- the word of the contract
        *,
        statement: str,
        seed: str,
        subject: str,
        consequence_of: Sequence[str],
        action: str | None = None,
    ) -> None:
        """Register a requirement that is met when all the rows it is a consequence of are met."""
        self.rows.append(
            Requirement(
                id, self.step, statement, seed, subject, Status.FAIL, None, tuple(consequence_of), action=action
            )
        )

    def extend(self, other: Requirements) -> None:
        """Take in the rows of another part of the same step, after those that are here."""
        self.rows.extend(other.rows)


@dataclass(frozen=True)
class Finding:
    """One requirement judged on one subject, with everything a report says of it."""

    requirement: Requirement
    subject: Subject
    status: Status
    evidence: str
    observed: Mapping[str, Any]
    sources: tuple[Source, ...]
    cause: str | None = None
    action: str | None = None
    caused_by: str | None = None
    remedies: tuple[str, ...] = ()
    due: datetime | None = None

    @property
    def machines(self) -> tuple[str, ...]:
        """The machines whose path uses the subject."""
        return self.subject.machines
