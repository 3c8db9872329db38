"""A plan: changes that were looked at together, when, for which profile, and a digest that tells any edit.

The digest is no signature: whoever can write the file can write the digest. What protects the operator is that
`apply` makes every change anew from what it reads, and refuses when the plan says anything else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

from failback.changes.canonical import digest_of
from failback.changes.change import Change, malformed
from wizard_steps.outside import visible
from wizard_steps.wording import _

SCHEMA_VERSION = 1
_FIELDS = frozenset({"schema_version", "made_at", "profile", "rehearsal", "digest", "changes"})


@dataclass(frozen=True)
class Plan:
    """What the remedies would change. `made_at` is aware, UTC; `rehearsal` marks a plan of the rehearsal site."""

    made_at: datetime
    profile: str
    rehearsal: bool
    changes: tuple[Change, ...]

    @cached_property
    def digest(self) -> str:
        """`sha256:<hex>` over the canonical JSON of everything else in the plan."""
        return digest_of(self._body())

    def _body(self) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "made_at": utc_text(self.made_at),
            "profile": self.profile,
            "rehearsal": self.rehearsal,
            "changes": [one.to_json() for one in self.changes],
        }

    def to_json(self) -> dict[str, Any]:
        """Return the plan as the contract writes it."""
        body = self._body()
        changes = body.pop("changes")
        return {**body, "digest": self.digest, "changes": changes}

    def to_text(self) -> str:
        """Return the plan as the text of a file; all of it ASCII, so that it can be looked at on any terminal."""
        return json.dumps(self.to_json(), indent=2) + "\n"

    @staticmethod
    def from_json(data: object) -> Plan:
        """Return the plan that `to_json` wrote; raises `UsageError` for anything else, also for an edited one."""
        if not isinstance(data, dict) or set(data) != _FIELDS:
            raise malformed(_("it does not have the fields of a plan"))
        if data["schema_version"] != SCHEMA_VERSION:
            raise malformed(
                _("it is of another version, {version}").format(version=visible(str(data["schema_version"])))
            )
        if not (
            isinstance(data["profile"], str)
            and isinstance(data["rehearsal"], bool)
            and isinstance(data["changes"], list)
        ):
            raise malformed(_("it does not have the fields of a plan"))
        changes = tuple(Change.from_json(one) for one in data["changes"])
        plan = Plan(utc_time(data["made_at"]), data["profile"], data["rehearsal"], changes)
        if plan.digest != data["digest"]:
            raise malformed(_("it was changed since it was made: its digest does not match"))
        return plan

    @staticmethod
    def from_text(text: str) -> Plan:
        """Return the plan in the text of a file; raises `UsageError` when there is none in it."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:  # also lists in lists without end
            raise malformed(_("it is not JSON")) from error
        try:
            return Plan.from_json(data)
        except RecursionError as error:  # its digest goes deeper than its reading did
            raise malformed(_("it does not have the fields of a plan")) from error


def utc_text(moment: datetime) -> str:
    """Return an aware time as `2026-11-22T10:00:00Z`; fractions of a second are kept when there are any."""
    return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def utc_time(text: object) -> datetime:
    """Return the time that `utc_text` wrote; raises `UsageError` for anything else."""
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError as error:
        raise malformed(_("{text} is no time").format(text=visible(str(text)))) from error
    if moment.tzinfo is None:
        raise malformed(_("{text} is a time without a zone").format(text=visible(str(text))))
    return moment
