"""One judged report, written down: for programs (JSON, JUnit), terminals (text), tickets (Markdown), browsers (HTML).

`write(report, heading, form)` is all a command needs. A format is a function in a module of its own and one line
in `FORMATS`; one that is not listed does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from failback.report.heading import Heading
from failback.report.html_report import html_report
from failback.report.json_report import json_report
from failback.report.junit_report import junit_report
from failback.report.markdown_report import markdown_report
from failback.report.text_report import text_report
from wizard_steps.judge import Report

FORMATS: Mapping[str, Callable[[Report, Heading], str]] = {
    "text": text_report,
    "json": json_report,
    "markdown": markdown_report,
    "html": html_report,
    "junit": junit_report,
}

__all__ = ["FORMATS", "Heading", "write"]


def write(report: Report, heading: Heading, form: str) -> str:
    """Return the report in one of `FORMATS`, ending with a newline."""
    return FORMATS[form](report, heading)
