"""A change, a plan and an entry of the history, as text for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator

from failback.changes.change import Change
from failback.changes.guards import open_window
from failback.changes.journal import Entry
from failback.changes.outcome import Outcome
from failback.changes.reprotect_request import az_rest
from failback.changes.submit_reprotect import SubmitReprotect
from failback.layout import folded
from wizard_steps.outside import visible
from wizard_steps.wording import _

WIDTH = 80
_LONGEST_BODY = 4000
_INDENT = "    "


def change_lines(change: Change) -> Iterator[str]:
    """Yield what a person needs before agreeing: what is, what will be, what it disturbs, the way back."""
    yield from folded(change.title, WIDTH)
    for name, now, then in change.differences():
        yield from folded(_("{name}: {now} -> {then}").format(name=name, now=now, then=then), WIDTH, _INDENT)
    yield from _told(_("disturbs: "), change.disturbs)
    yield from _told(_("undo:     ") if change.reversible else _("no undo:  "), change.undo)
    yield from _told(_("calls:    "), ", ".join(one.in_words() for one in change.calls))
    for call in change.calls:
        if "body" in call.args:
            yield from _told(_("body:     "), visible(json.dumps(call.args["body"]), _LONGEST_BODY))
    if change.remedy == SubmitReprotect.id:
        yield _INDENT + _("the same with the Azure CLI:")
        yield visible(az_rest(change.calls[0].args["path"], change.calls[0].args["body"]), _LONGEST_BODY)
    if window := open_window(change):
        yield from _told(_("no guard: "), window)
    if change.privileges:
        yield from _told(_("needs:    "), ", ".join(change.privileges))


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Yield what became of a change."""
    told = _("{word}: {evidence}").format(word=outcome.word.value.upper(), evidence=outcome.evidence)
    yield from folded(told, WIDTH, _INDENT)


def entry_lines(entry: Entry, undone: Entry | None = None) -> Iterator[str]:
    """Yield one entry of the history, and by which other one it was undone."""
    yield from folded(
        _("#{id} {time} UTC, {who} on {where}, profile {profile}").format(
            id=entry.id,
            time=f"{entry.at:%Y-%m-%d %H:%M:%S}",
            who=visible(entry.who),
            where=visible(entry.where),
            profile=visible(entry.origin.profile),
        ),
        WIDTH,
        rest=_INDENT,
    )
    if entry.origin.rehearsal:
        yield _INDENT + _("REHEARSAL")
    if entry.origin.undoes is not None:
        yield from _told("", _("undoes {id}").format(id=visible(entry.origin.undoes)))
    yield from _told("", visible(entry.change.title))
    for name, before, after in entry.change.differences():
        yield from folded(_("{name}: {now} -> {then}").format(name=name, now=before, then=after), WIDTH, _INDENT)
    if entry.outcome is None:
        yield from _told("", _("OUTCOME NOT RECORDED: it was cut off, or is under way"))
    else:
        told = _("{word}: {evidence}").format(word=visible(entry.outcome).upper(), evidence=visible(entry.evidence))
        yield from _told("", told)
    if entry.found is not None:
        found = _("found later, {word}: {evidence}").format(
            word=visible(entry.found).upper(), evidence=visible(entry.found_evidence, limit=len(entry.found_evidence))
        )
        yield from _told("", found)
    elif entry.is_open:
        yield from _told("", _("STILL OPEN: the next check or apply of this profile finds out what became of it"))
    if undone is not None:
        by = _("UNDONE on {time} UTC, by change {id}")
        yield from _told("", by.format(time=f"{undone.at:%Y-%m-%d %H:%M:%S}", id=visible(undone.id)))


def _told(label: str, text: str) -> list[str]:
    return folded(text, WIDTH, _INDENT + label)
