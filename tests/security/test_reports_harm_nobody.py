"""No name can make a report into something that acts on its reader."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from failback.report import FORMATS, Heading, write
from failback.report.html_report import STYLE, policy
from failback.report.junit_report import OUTCOMES
from failback.report.markup import possible
from tests.report.described import finding, report, requirement, subject
from tests.security import hostile
from wizard_steps.judge import Report
from wizard_steps.requirement import Status

FOR_PEOPLE = ("text", "markdown", "html", "junit")


def about(text: str) -> Report:
    """Return a report that says `text` wherever a report can say something, in every status."""
    row = requirement("mt-no-snapshots")
    return report(
        *(
            finding(row, status, text, cause=text, action=text, subject=subject(text, text), observed={text: text})
            for status in Status
        )
    )


class Seen(HTMLParser):
    """What a browser would make of a document: its elements and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


PLAIN = Seen(write(about("plain"), Heading("plain"), "html"))


@pytest.mark.parametrize("form", FOR_PEOPLE)
@given(text=hostile.TEXTS)
@settings(max_examples=60, deadline=None)
def test_no_control_and_no_change_of_direction_is_left_in_a_report(form: str, text: str) -> None:
    written = write(about(text), Heading(text), form)
    assert not hostile.NEVER_RAW & set(written)


@given(text=hostile.TEXTS)
@settings(max_examples=80, deadline=None)
def test_a_name_adds_no_element_and_no_attribute_to_the_html(text: str) -> None:
    seen = Seen(write(about(text), Heading(text), "html"))
    assert seen.tags == PLAIN.tags
    assert seen.attributes == PLAIN.attributes


def test_the_html_holds_nothing_that_runs_loads_or_sends() -> None:
    written = write(about("plain"), Heading("plain"), "html")
    assert ("http-equiv", "Content-Security-Policy") in PLAIN.attributes
    assert ("content", policy()) in PLAIN.attributes
    assert not PLAIN.tags & {"script", "iframe", "img", "link", "object", "form", "a", "base", "svg"}
    assert not {name for name, _value in PLAIN.attributes if name.startswith("on") or name in {"src", "href", "style"}}
    assert "url(" not in STYLE
    assert "http" not in written.replace("http-equiv", "")


def test_the_policy_admits_this_very_style_and_nothing_else() -> None:
    written = write(about("plain"), Heading("plain"), "html")
    assert re.findall(r"<style>(.*?)</style>", written, re.DOTALL) == [STYLE]
    assert policy().startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy()


@pytest.mark.parametrize("name", hostile.NAMES, ids=lambda name: repr(name[:12]))
def test_a_name_is_read_in_the_html_as_it_is_shown_elsewhere(name: str) -> None:
    from wizard_steps.outside import visible

    seen = Seen(write(about(name), Heading("plain"), "html"))
    assert possible(visible(name)) in seen.text


@given(text=st.one_of(hostile.TEXTS, st.text()))
@settings(max_examples=120, deadline=None)
def test_the_junit_file_is_well_formed_whatever_the_names_hold(text: str) -> None:
    written = write(about(text), Heading(text), "junit")
    root = ET.fromstring(written.encode("utf-8"))  # noqa: S314 -- our own file; whether it parses is the point
    cases = list(root.iter("testcase"))
    assert len(cases) == len(Status)
    assert "<!" not in written


def test_in_the_junit_file_only_what_was_seen_to_be_right_passes() -> None:
    root = ET.fromstring(write(about("plain"), Heading("plain"), "junit"))  # noqa: S314 -- the same
    passed = [case for case in root.iter("testcase") if case.find("system-out") is not None]
    assert len(passed) == len({Status.PASS, Status.INFO, Status.WARN})
    assert not {Status.PASS, Status.INFO, Status.WARN} & set(OUTCOMES)
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("8", "2", "2", "1")


def test_a_rehearsal_is_marked_in_every_report_for_people() -> None:
    for form in FOR_PEOPLE:
        assert "REHEARSAL" in write(about("plain"), Heading("plain", rehearsal=True), form)


def _unescaped(markdown: str) -> Iterator[str]:
    """Yield the characters of a Markdown text that no backslash takes the meaning of."""
    at = 0
    while at < len(markdown):
        if markdown[at] == "\\" and at + 1 < len(markdown):
            at += 2
        else:
            yield markdown[at]
            at += 1


@given(text=hostile.TEXTS)
@settings(max_examples=80, deadline=None)
def test_a_name_brings_no_markup_into_the_markdown(text: str) -> None:
    def markup(one: str) -> list[str]:
        written = write(about(one), Heading("plain"), "markdown")
        return sorted(char for char in _unescaped(written) if char in "`*_[]<>|~$@&")

    assert markup(text) == markup("plain" if text.strip("-") else text)


@given(text=hostile.TEXTS)
@settings(max_examples=40, deadline=None)
def test_json_gives_programs_the_raw_name_in_plain_ascii(text: str) -> None:
    written = write(about(text), Heading(text), "json")
    assert written.isascii()
    assert json.loads(written)["findings"][0]["subject"]["name"] == text


def test_every_promised_format_exists() -> None:
    from failback.commands.check import FORMATS as OFFERED

    assert tuple(FORMATS) == OFFERED == ("text", "json", "markdown", "html", "junit")
