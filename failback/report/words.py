"""States as a mark and a word, never as colour alone."""

from __future__ import annotations

from collections.abc import Mapping

from wizard_steps.requirement import Status, Verdict
from wizard_steps.wording import N_, _

_MARKS: Mapping[Status, tuple[str, str]] = {  # the mark, and the one that ASCII has
    Status.FAIL: ("✗", "x"),
    Status.PENDING: ("…", "~"),
    Status.UNKNOWN: ("?", "?"),
    Status.ATTEST: ("□", "o"),
    Status.WARN: ("!", "!"),
    Status.PASS: ("✓", "+"),
    Status.INFO: ("i", "i"),
    Status.NOT_APPLICABLE: ("–", "-"),  # noqa: RUF001 -- an en dash is meant
}
_STATUS_WORDS: Mapping[Status, str] = {
    Status.FAIL: N_("fail"),
    Status.PENDING: N_("pending"),
    Status.UNKNOWN: N_("unknown"),
    Status.ATTEST: N_("vouch"),
    Status.WARN: N_("warn"),
    Status.PASS: N_("pass"),
    Status.INFO: N_("info"),
    Status.NOT_APPLICABLE: N_("n/a"),
}
_VERDICT_WORDS: Mapping[Verdict, tuple[Status, str]] = {
    Verdict.NOT_READY: (Status.FAIL, N_("not ready")),
    Verdict.UNKNOWN: (Status.UNKNOWN, N_("unknown")),
    Verdict.TO_ATTEST: (Status.ATTEST, N_("to be vouched for")),
    Verdict.READY_WITH_WARNINGS: (Status.WARN, N_("ready, with warnings")),
    Verdict.READY: (Status.PASS, N_("ready")),
}


def mark(status: Status, *, ascii_only: bool = False) -> str:
    """Return the one character that stands for a status."""
    return _MARKS[status][1 if ascii_only else 0]


def status_word(status: Status) -> str:
    """Return the word for a status."""
    return _(_STATUS_WORDS[status])


def verdict_word(verdict: Verdict) -> str:
    """Return the words for a verdict."""
    return _(_VERDICT_WORDS[verdict][1])


def verdict_mark(verdict: Verdict, *, ascii_only: bool = False) -> str:
    """Return the mark for a verdict: that of the status that decided it."""
    return mark(_VERDICT_WORDS[verdict][0], ascii_only=ascii_only)
