"""The contract of the JSON report, written down once more, so that a change of it is noticed."""

from __future__ import annotations

import re
from typing import Any

STATUSES = {"fail", "pending", "unknown", "attest", "warn", "pass", "info", "not-applicable"}
VERDICTS = {"not-ready", "unknown", "to-attest", "ready-with-warnings", "ready"}
ARCHITECTURES = {"classic", "modernized", "mixed", "unknown"}
SYSTEMS = {"vcenter", "azure", "guest", "operator", "local"}
KINDS = {
    "machine",
    "configuration-server",
    "process-server",
    "master-target",
    "esxi-host",
    "datastore",
    "retention-volume",
    "consistency-group",
    "policy",
    "connection",
    "port",
    "network",
    "account",
    "vcenter",
    "vault",
    "appliance",
    "batch",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
OPTIONAL_TEXT = (str, type(None))

SCHEMA: dict[str, Any] = {
    "schema_version": {1},
    "tool": {"name": {"failback-wizard"}, "version": str},
    "taken_at": TIME,
    "profile": str,
    "rehearsal": bool,
    "architecture": ARCHITECTURES,
    "verdict": VERDICTS,
    "machines": [{"name": str, "id": str, "architecture": ARCHITECTURES - {"mixed"}, "verdict": VERDICTS}],
    "steps": [{"number": int, "pack": {"classic", "modernized"}, "id": str, "title": str, "status": STATUSES}],
    "findings": [
        {
            "requirement": str,
            "step": int,
            "seed": str,
            "subject": {"kind": KINDS, "name": str, "id": str},
            "machines": [str],
            "status": STATUSES,
            "evidence": str,
            "observed": dict,
            "cause": OPTIONAL_TEXT,
            "action": OPTIONAL_TEXT,
            "caused_by": OPTIONAL_TEXT,
            "sources": [{"system": SYSTEMS, "what": str, "seen_at": TIME}],
            "remedies": [str],
        }
    ],
}


def breaches(value: Any, wanted: Any = SCHEMA, at: str = "report") -> list[str]:
    """Return every place where a report does not keep the contract; no key may be missing or added."""
    if isinstance(wanted, dict):
        if not isinstance(value, dict) or list(value) != list(wanted):
            return [f"{at}: has {list(value) if isinstance(value, dict) else value!r}, not {list(wanted)}"]
        return [one for key in wanted for one in breaches(value[key], wanted[key], f"{at}.{key}")]
    if isinstance(wanted, list):
        if not isinstance(value, list):
            return [f"{at}: {value!r} is no list"]
        return [one for place, item in enumerate(value) for one in breaches(item, wanted[0], f"{at}[{place}]")]
    return [] if _fits(value, wanted) else [f"{at}: {value!r} does not fit {wanted}"]


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, re.Pattern):
        return isinstance(value, str) and wanted.fullmatch(value) is not None
    return value in wanted if isinstance(wanted, set) else isinstance(value, wanted)
