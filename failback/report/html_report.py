"""The report for a browser: one file without a script, a form, or an address that anything is fetched from."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, tostring

from failback.report.heading import Heading
from failback.report.markup import add
from failback.report.outline import Entry, Outline, outline
from failback.report.words import mark, status_word, verdict_mark, verdict_word
from wizard_steps.judge import Report
from wizard_steps.outside import visible
from wizard_steps.wording import _, language

STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1, h2 { line-height: 1.2; }
li { margin: 0.6rem 0; overflow-wrap: anywhere; }
dl { display: grid; gap: 0 1rem; grid-template-columns: max-content 1fr; margin: 0.2rem 0 0 1.4rem; }
dd { margin: 0; overflow-wrap: anywhere; }
dt, th { color: GrayText; font-weight: normal; text-align: start; }
table { border-collapse: collapse; }
td, th { border-bottom: 1px solid GrayText; padding: 0.2rem 1rem 0.2rem 0; vertical-align: top; }
.rehearsal { border: 2px solid; font-weight: bold; padding: 0.4rem 0.8rem; }
"""
"""The whole style; its hash is the only thing that the policy lets a browser use."""


def policy() -> str:
    """Return the content security policy: nothing is loaded, run or sent, were there ever anything to."""
    digest = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def html_report(report: Report, heading: Heading) -> str:
    """Return the report as one HTML document."""
    told = outline(report)
    root = Element("html", lang=language())
    _head(root, told, heading)
    body = add(root, "body")
    if heading.rehearsal:
        add(body, "p", _("REHEARSAL: this is the practice site, not yours"), class_="rehearsal")
    add(body, "h1", f"{verdict_mark(told.verdict)} {verdict_word(told.verdict)}")
    add(body, "p", _about(report, heading))
    action = add(body, "p")
    add(action, "strong", _("Next")).tail = " " + (
        told.next.todo if told.next else _("nothing is left to prepare: reprotect the machines")
    )
    _sections(body, told)
    _steps(body, told)
    _machines(body, told)
    return "<!DOCTYPE html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def _about(report: Report, heading: Heading) -> str:
    return _("failback {version}, profile {profile}, looked at {time} UTC").format(
        version=heading.version, profile=visible(heading.profile), time=f"{report.taken_at:%Y-%m-%d %H:%M}"
    )


def _head(root: Element, told: Outline, heading: Heading) -> None:
    head = add(root, "head")
    add(head, "meta", charset="utf-8")
    add(head, "meta", http_equiv="Content-Security-Policy", content=policy())
    add(head, "meta", name="referrer", content="no-referrer")
    add(head, "meta", name="viewport", content="width=device-width")
    add(head, "title", f"{visible(heading.profile)}: {verdict_word(told.verdict)}")
    add(head, "style", STYLE)


def _sections(body: Element, told: Outline) -> None:
    for section in told.sections:
        add(body, "h2", section.title)
        entries = add(body, "ul")
        for entry in section.entries:
            _entry(add(entries, "li"), entry)


def _entry(item: Element, entry: Entry) -> None:
    names = ", ".join(entry.subjects)
    item.text = f"{mark(entry.status)} "
    add(item, "strong", status_word(entry.status)).tail = f" {names}: {entry.title}" if names else f" {entry.title}"
    details = [
        *((_("seen"), one) for one in entry.evidence if one != entry.title),
        (_("why"), entry.cause or ""),
        (_("do"), entry.action or ""),
        (_("explains"), ", ".join(entry.explains)),
        (_("requirement"), ", ".join(entry.requirements)),
        (_("document"), entry.place or ""),
    ]
    rows = add(item, "dl")
    for label, text in details:
        if text:
            add(rows, "dt", label)
            add(rows, "dd", text)


def _steps(body: Element, told: Outline) -> None:
    add(body, "h2", _("Steps"))
    rows = [
        (str(one.step.number), _(one.step.title), f"{mark(one.status)} {status_word(one.status)}") for one in told.steps
    ]
    _table(body, (_("Step"), _("Title"), _("State")), rows)


def _machines(body: Element, told: Outline) -> None:
    if not told.machines:
        return
    add(body, "h2", _("Machines"))
    rows = [(visible(one.name), f"{verdict_mark(one.verdict)} {verdict_word(one.verdict)}") for one in told.machines]
    _table(body, (_("Machine"), _("Verdict")), rows)


def _table(body: Element, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = add(body, "table")
    for tag, cells in (("th", head), *(("td", row) for row in rows)):
        line = add(table, "tr")
        for cell in cells:
            add(line, tag, cell)
