"""The reprotect requests of the machines that are ready, and why the others have none."""

from __future__ import annotations

import json
from dataclasses import dataclass

from failback.changes.remedy import CannotChange
from failback.changes.reprotect_request import ReprotectRequest, reprotect_request
from wizard_steps.case import Case, Machine
from wizard_steps.judge import Report
from wizard_steps.outside import visible
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Verdict
from wizard_steps.wording import _, ngettext

_READY = (Verdict.READY, Verdict.READY_WITH_WARNINGS)


@dataclass(frozen=True)
class Requests:
    """The requests, and the machines without one: raw name and reason."""

    made: tuple[ReprotectRequest, ...]
    without: tuple[tuple[str, str], ...]

    def to_text(self) -> str:
        """Return them as JSON, each with the line that sends it by the Azure CLI."""
        without = [{"machine": name, "why": why} for name, why in self.without]
        return json.dumps({"requests": [one.to_json() for one in self.made], "without": without}, indent=2) + "\n"

    def in_words(self) -> str:
        """Return how many there are, and which machines have none and why, a line each."""
        count = len(self.made)
        first = ngettext("{count} machine has a request.", "{count} machines have a request.", count)
        return "\n".join([first.format(count=count), *self.reasons()])

    def reasons(self) -> list[str]:
        """Return why machines have none, a sentence each."""
        return [
            _("{name} has none: {why}").format(name=visible(name), why=visible(why, 400)) for name, why in self.without
        ]


def requests_of(case: Case, report: Report) -> Requests:
    """Return the requests of the machines whose verdict is ready, with or without warnings."""
    machines = {one.item.id: one for one in case.machines.or_else(())}
    made: list[ReprotectRequest] = []
    without: list[tuple[str, str]] = []
    for one in report.machines:
        result = _request(case, machines.get(one.id), one.verdict)
        if isinstance(result, str):
            without.append((one.name, result))
        else:
            made.append(result)
    return Requests(tuple(made), tuple(without))


def _request(case: Case, machine: Machine | None, verdict: Verdict) -> ReprotectRequest | str:
    if verdict not in _READY or machine is None:
        return _("it is not ready yet")
    try:
        return reprotect_request(case, machine)
    except (NotSeen, CannotChange) as missing:
        return missing.reason
