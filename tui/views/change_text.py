"""A change in words: what is now and what will be, what it disturbs, whether it can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from failback.changes.apply import weight_of
from failback.changes.change import Change, in_words
from failback.changes.guards import open_window
from failback.changes.remedy import Weight
from tui.marks import Marks
from tui.views.detail import kind_words
from wizard_steps.outside import visible
from wizard_steps.wording import N_, _

_WEIGHTS = {
    Weight.HARMLESS: (N_("harmless"), ""),
    Weight.DISRUPTIVE: (N_("disturbs"), "bold yellow"),
    Weight.RISKY: (N_("at risk"), "bold red"),
    Weight.IRREVERSIBLE: (N_("for good"), "bold red"),
}


def weight_text(change: Change) -> Text:
    """Return how much a change asks of the person who confirms it, in a word."""
    word, style = _WEIGHTS[weight_of(change)]
    return Text(_(word), style)


def differences(change: Change, marks: Marks) -> Text:
    """Return what changes as lines: + for what is added, ~ for what changes, - for what goes away."""
    text = Text()
    arrow = marks.pick("→", "->")
    for name in dict.fromkeys([*change.before, *change.after]):
        text.append_text(_difference(visible(name), change.before.get(name), change.after.get(name), arrow))
    return text


def _gone(value: object) -> bool:
    return value is None or not (value or isinstance(value, (bool, int, float)))


def _difference(name: str, before: Any, after: Any, arrow: str) -> Text:
    if before == after:
        return Text(f"  {name}: {in_words(before)}\n")
    if _gone(before):
        return Text(f"+ {name}: {in_words(before)} {arrow} {in_words(after)}\n", "green")
    if _gone(after):
        return Text(f"- {name}: {_listed(before)} {arrow} {in_words(after)}\n", "red")
    return Text(f"~ {name}: {in_words(before)} {arrow} {in_words(after)}\n", "yellow")


def _listed(value: object) -> str:
    """Return a value that goes away; of things with a name, the names are what a person knows."""
    if isinstance(value, (list, tuple)) and all(isinstance(one, Mapping) and "name" in one for one in value):
        return ", ".join(visible(str(one["name"])) for one in value)
    return in_words(value)


def change_text(change: Change, marks: Marks, *, with_calls: bool = True) -> Text:
    """Return everything about a change."""
    text = Text(change.title + "\n", style="bold")
    text.append(f"{kind_words(change.target.kind)} {visible(change.target.name)}\n\n", "not bold")
    body = differences(change, marks)
    body.append("\n")
    for label, value in (
        (_("disturbs"), change.disturbs),
        (_("undo"), change.undo if change.reversible else _("cannot be undone: {why}").format(why=change.undo)),
    ):
        body.append(label, "bold")
        body.append(f"\t{value}\n")
    if with_calls:
        _calls(body, change)
    return Text().append_text(text).append_text(body)


def _calls(text: Text, change: Change) -> None:
    rests_on = (f"{visible(str(key))} = {in_words(value)}" for key, value in change.rests_on.items())
    for label, value in (
        (_("calls"), ", ".join(one.in_words() for one in change.calls)),
        (_("no guard"), open_window(change) or _("nothing: what moved meanwhile is refused")),
        (_("needs"), ", ".join(change.privileges) or _("no further rights")),
        (_("rests on"), "; ".join(rests_on) or _("nothing")),
    ):
        text.append(label, "bold")
        text.append(f"\t{value}\n")
