"""What became of changes, in words."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from failback.changes.change import Change
from failback.changes.journal import Entry
from failback.changes.outcome import Outcome, Word
from tui.marks import Marks
from tui.views.change_text import differences
from tui.views.table import Column, Line
from wizard_steps.outside import visible
from wizard_steps.requirement import Status
from wizard_steps.wording import N_, _

_WORDS = {
    Word.VERIFIED: (Status.PASS, N_("done and verified")),
    Word.NOT_VERIFIED: (Status.FAIL, N_("done, not verified")),
    Word.FAILED: (Status.FAIL, N_("failed")),
    Word.STALE: (Status.FAIL, N_("refused: it moved")),
    Word.DECLINED: (Status.NOT_APPLICABLE, N_("left alone")),
    Word.CANCELLED: (Status.UNKNOWN, N_("stopped")),
    Word.UNKNOWN: (Status.UNKNOWN, N_("outcome unknown")),
    Word.NOT_STARTED: (Status.NOT_APPLICABLE, N_("not started")),
}
_UNFINISHED = N_("not finished")


def columns() -> tuple[Column, ...]:
    """Return the columns of a list of changes with their outcome."""
    return (Column(_("state"), 22), Column(_("target"), 14), Column(_("what"), 0))


def word_text(word: Word, marks: Marks) -> Text:
    """Return mark and words of an outcome."""
    status, words = _WORDS[word]
    return Text(f"{marks.glyph(status)} {_(words)}", marks.style(status))


def lines_of(changes: Sequence[Change], outcomes: Sequence[Outcome], running: str | None, marks: Marks) -> list[Line]:
    """Return one line for each change."""
    words = {one.change.id.removeprefix("undo:"): word_text(one.word, marks) for one in outcomes}
    waiting = Text(_("waiting"))
    now = Text(marks.pick("▶", ">") + " " + _("under way"), "bold")
    return [
        Line(
            one.id,
            (
                words.get(one.id, now if running is not None and running.removeprefix("undo:") == one.id else waiting),
                Text(visible(one.target.name)),
                Text(one.title),
            ),
        )
        for one in changes
    ]


def heading(outcomes: Sequence[Outcome], *, running: bool) -> str:
    """Return how it stands in one sentence."""
    if running:
        return _("Changes are being carried out. You are asked before each.")
    done = sum(one.word is Word.VERIFIED for one in outcomes)
    return _("{done} of {count} changes are done and verified.").format(done=done, count=len(outcomes))


def summary(outcomes: Sequence[Outcome], marks: Marks) -> Text:
    """Return what became of each change, with its evidence."""
    text = Text()
    for one in outcomes:
        text.append_text(word_text(one.word, marks))
        text.append(f"\t{one.change.title}\n\t{visible(one.evidence, len(one.evidence))}\n")
    text.append("\n" + _("Both sides are read again now; Esc goes back to the steps."))
    return text


def entry_word(entry: Entry, marks: Marks, undone: Entry | None = None) -> Text:
    """Return what became of a change in the history; one that never ended is not taken for done, nor one undone."""
    if undone is not None:
        words = _("undone by {id}").format(id=visible(undone.id))
        return Text(f"{marks.glyph(Status.NOT_APPLICABLE)} {words}", marks.style(Status.NOT_APPLICABLE))
    known = next((word for word in Word if word.value == entry.outcome), None)
    if known is None:
        return Text(f"{marks.glyph(Status.UNKNOWN)} {_(_UNFINISHED)}", marks.style(Status.UNKNOWN))
    return word_text(known, marks)


def entry_text(entry: Entry, marks: Marks, undone: Entry | None = None) -> Text:
    """Return everything about an entry of the history, and by which other one it was undone."""
    text = Text(entry.change.title + "\n", style="bold")
    rest = differences(entry.change, marks)
    rest.append("\n")
    undoes = entry.origin.undoes
    for label, value in (
        *([(_("undoes"), _("change {id}").format(id=visible(undoes)))] if undoes is not None else []),
        *([(_("undone"), _undone(undone))] if undone is not None else []),
        (_("target"), visible(entry.change.target.name)),
        (_("when"), f"{entry.at:%Y-%m-%d %H:%M:%S} UTC"),
        (
            _("by"),
            _("{who} on {where}, for profile {profile}").format(
                who=visible(entry.who), where=visible(entry.where), profile=visible(entry.origin.profile)
            ),
        ),
        (_("evidence"), visible(entry.evidence, len(entry.evidence))),
        (_("undo"), entry.change.undo),
    ):
        rest.append(label, "bold")
        rest.append(f"\t{value}\n")
    return Text().append_text(text).append_text(rest)


def _undone(by: Entry) -> str:
    return _("on {time}, by change {id}").format(time=f"{by.at:%Y-%m-%d %H:%M:%S} UTC", id=visible(by.id))
