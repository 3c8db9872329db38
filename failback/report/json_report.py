"""The report for programs: the contract `failback check --format json` keeps (schema_version 1).

Names are raw here; everything outside ASCII is escaped, so that neither a terminal nor an encoding can be hurt.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any

from failback.report.heading import Heading
from wizard_steps.judge import Report
from wizard_steps.outside import Outside
from wizard_steps.requirement import Finding
from wizard_steps.wording import _

SCHEMA_VERSION = 1
TOOL = "failback-wizard"


def json_report(report: Report, heading: Heading) -> str:
    """Return the report as JSON text."""
    return json.dumps(as_json(report, heading), indent=2, allow_nan=False) + "\n"


def as_json(report: Report, heading: Heading) -> dict[str, Any]:
    """Return the report as JSON values, in the order of the contract."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": TOOL, "version": heading.version},
        "taken_at": utc(report.taken_at),
        "profile": heading.profile,
        "rehearsal": heading.rehearsal,
        "architecture": report.architecture,
        "verdict": report.verdict.value,
        "machines": [
            {"name": one.name, "id": one.id, "architecture": one.architecture, "verdict": one.verdict.value}
            for one in report.machines
        ],
        "steps": [
            {
                "number": one.step.number,
                "pack": "classic",
                "id": one.step.id,
                "title": _(one.step.title),
                "status": one.status.value,
            }
            for one in report.steps
        ],
        "findings": [_finding(one) for one in report.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "requirement": finding.requirement.id,
        "step": finding.requirement.step.number,
        "seed": finding.requirement.seed,
        "subject": {"kind": finding.subject.kind, "name": finding.subject.name, "id": finding.subject.id},
        "machines": list(finding.machines),
        "status": finding.status.value,
        "evidence": finding.evidence,
        "observed": plain(finding.observed),
        "cause": finding.cause,
        "action": finding.action,
        "caused_by": finding.caused_by,
        "sources": [{"system": one.system, "what": one.what, "seen_at": utc(one.seen_at)} for one in finding.sources],
        "remedies": list(finding.remedies),
    }


def utc(moment: datetime) -> str:
    """Return an aware time as the contract writes it: `2026-11-22T10:00:00Z`."""
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """Return an observed value in the types of JSON: text from outside raw, times in UTC, durations in seconds."""
    if isinstance(value, Mapping):
        return {str(_scalar(key)): plain(one) for key, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(one) for one in value), key=str)
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, (type, Outside)):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    return _scalar(value)


def _scalar(value: Any) -> str | int | float | None:
    if isinstance(value, Outside):
        return value.raw
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float)) or value is None else str(value)
