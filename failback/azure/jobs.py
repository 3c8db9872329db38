"""What a job of the vault says of its failure: Azure's own errors, causes and advice, in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from failback.azure import allowed, arm_ids
from failback.azure.clients import AzureClients
from wizard_steps.outside import visible
from wizard_steps.wording import _

_JOB = re.compile(r"(/subscriptions/.*?/vaults/[^/]+)/.*/operationresults/([^/?]+)", re.IGNORECASE)
_LONGEST = 400


@dataclass(frozen=True)
class JobWords:
    """`why` a job failed, with code and causes; `next_step` is Azure's advice, empty without any. Safe to show."""

    why: str
    next_step: str


def job_said(clients: AzureClients, addresses: Sequence[str]) -> JobWords | None:
    """Return what the job of an operation says, found by the operation's addresses.

    None where there is no such job, it says nothing, or it cannot be read: the operation's own words stay then.
    """
    found = next((hit for one in addresses if (hit := _JOB.search(one))), None)
    if found is None:
        return None
    vault, job = found.groups()
    names = (arm_ids.group(vault), arm_ids.part(vault, "vaults"), job)
    from azure.core.exceptions import AzureError

    try:
        with closing(clients.limited_to((allowed.JOB,))) as reading:
            answer: Any = reading.site_recovery.replication_jobs.get(*names)
            return said_by(answer.as_dict())
    except AzureError:
        return None


def said_by(job: Mapping[str, Any]) -> JobWords | None:
    """Return what a job's JSON says of its errors; None where it names none."""
    rows = [
        row
        for error in (job.get("properties") or {}).get("errors") or []
        if isinstance(error, Mapping)
        for row in _rows(error)
    ]
    if not rows:
        return None
    why = dict.fromkeys(_one(code, text, causes) for code, text, causes, _advice in rows)
    advice = dict.fromkeys(advice for *_rest, advice in rows if advice)
    return JobWords("; ".join(why), " ".join(advice))


def _rows(error: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield code, message, causes and advice of the service's and of the provider's account of an error."""
    for part, code, text in (
        ("serviceErrorDetails", "code", "message"),
        ("providerErrorDetails", "errorCode", "errorMessage"),
    ):
        told = error.get(part)
        if isinstance(told, Mapping) and (told.get(code) or told.get(text)):
            words = (told.get(name) for name in (code, text, "possibleCauses", "recommendedAction"))
            number, message, causes, advice = (visible(str(one or ""), limit=_LONGEST) for one in words)
            yield number, message, causes, advice


def _one(code: str, text: str, causes: str) -> str:
    said = _("error {code}: {text}").format(code=code, text=text) if code else text
    return _("{said} (possible causes: {causes})").format(said=said, causes=causes) if causes else said
