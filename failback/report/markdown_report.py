"""The report for a ticket or a wiki: Markdown in which text from outside can be neither markup nor a link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from failback.report.heading import Heading
from failback.report.outline import Entry, Outline, outline
from failback.report.words import mark, status_word, verdict_mark, verdict_word
from wizard_steps.judge import Report
from wizard_steps.outside import visible
from wizard_steps.wording import _

# What CommonMark or a wiki gives a meaning inside a line: markup, entities, mentions, and addresses made into links.
_MEANT = re.compile(r"([\\`*_{}\[\]<>#|&~@$]|:(?=[^\s\d])|(?<=www)\.)", re.IGNORECASE)


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return _MEANT.sub(r"\\\1", visible(text, 2000))


def markdown_report(report: Report, heading: Heading) -> str:
    """Return the report as Markdown."""
    told = outline(report)
    return "\n".join([*_head(report, told, heading), *_sections(told), *_steps(told), *_machines(told)]) + "\n"


def _head(report: Report, told: Outline, heading: Heading) -> Iterator[str]:
    yield f"# {verdict_mark(told.verdict)} {escaped(verdict_word(told.verdict))}"
    yield ""
    if heading.rehearsal:
        yield "**" + escaped(_("REHEARSAL: this is the practice site, not yours")) + "**"
        yield ""
    yield escaped(
        _("failback {version}, profile {profile}, looked at {time} UTC").format(
            version=heading.version, profile=visible(heading.profile), time=f"{report.taken_at:%Y-%m-%d %H:%M}"
        )
    )
    yield ""
    action = _("nothing is left to prepare: reprotect the machines")
    if told.next is not None:
        action = told.next.todo
    yield f"**{escaped(_('Next'))}** {escaped(action)}"


def _sections(told: Outline) -> Iterator[str]:
    for section in told.sections:
        yield ""
        yield f"## {escaped(section.title)}"
        yield ""
        for entry in section.entries:
            yield from _entry(entry)


def _entry(entry: Entry) -> Iterator[str]:
    names = ", ".join(entry.subjects)
    title = f"{names}: {entry.title}" if names else entry.title
    yield f"- {mark(entry.status)} **{escaped(status_word(entry.status))}** {escaped(title)}"
    details = [
        *((_("seen"), one) for one in entry.evidence if one != entry.title),
        (_("why"), entry.cause or ""),
        (_("do"), entry.action or ""),
        (_("explains"), ", ".join(entry.explains)),
        (_("requirement"), ", ".join(entry.requirements)),
        (_("document"), entry.place or ""),
    ]
    yield from (f"  - {escaped(label)}: {escaped(text)}" for label, text in details if text)


def _steps(told: Outline) -> Iterator[str]:
    yield ""
    yield f"## {escaped(_('Steps'))}"
    yield ""
    yield from _table(
        [_("Step"), _("Title"), _("State")],
        [
            [str(one.step.number), _(one.step.title), f"{mark(one.status)} {status_word(one.status)}"]
            for one in told.steps
        ],
    )


def _machines(told: Outline) -> Iterator[str]:
    if not told.machines:
        return
    yield ""
    yield f"## {escaped(_('Machines'))}"
    yield ""
    yield from _table(
        [_("Machine"), _("Verdict")],
        [[one.name, f"{verdict_mark(one.verdict)} {verdict_word(one.verdict)}"] for one in told.machines],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(escaped(one) for one in head) + " |"
    yield "|" + " --- |" * len(head)
    yield from ("| " + " | ".join(escaped(one) for one in row) + " |" for row in rows)
