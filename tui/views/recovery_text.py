"""Changes that were cut off, and what was found out about them, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.text import Text

from failback.changes.journal import Entry
from failback.changes.recovery import Finding, Found
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _

_WORDS: Final[Mapping[Finding, str]] = {
    Finding.DONE: N_("done"),
    Finding.NOT_DONE: N_("not done"),
    Finding.CANNOT_TELL: N_("cannot tell"),
    Finding.NOT_YET: N_("not yet known"),
}


def unfinished(entries: Sequence[Entry]) -> Text:
    """Return what was cut off, and what finding out does."""
    text = Text(_("Nobody knows yet what became of this:") + "\n\n")
    for one in entries:
        text.append(f"{visible(one.id)}\t", "bold")
        text.append(f"{one.at:%Y-%m-%d %H:%M}  {visible(one.change.title)}\n", "not bold")
    text.append("\n" + _("Finding out reads both sides and waits for what goes on; it sends nothing."), "not bold")
    return text


def found(findings: Sequence[Found]) -> Text:
    """Return what became of each change, with the evidence."""
    if not findings:
        return Text(_("Nothing is open any more."))
    text = Text()
    for one in findings:
        text.append(_(_WORDS[one.word]).upper(), "bold")
        text.append(f"\t{visible(one.entry.change.title)}\n\t{visible(one.evidence, 600)}\n", "not bold")
    return text
