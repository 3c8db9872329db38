"""The journal: what was going to be changed, what was sent, and what became of it; by whom, when, from where.

Every change leaves three kinds of records: `intent` (before anything is sent), `sent` (one for each call that was
accepted, with the handle to find its work again) and `outcome`. An entry of the history is what the records of one
change come to; one without an outcome was interrupted, and nobody may take it for done.
"""

from __future__ import annotations

import getpass
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from failback.changes.change import Change
from failback.changes.journal_file import Damage, JournalFile
from failback.changes.operation import Operation
from failback.changes.plan import utc_text, utc_time
from failback.clock import Clock

FILE_NAME = "journal.jsonl"
_VERSION = 1


@dataclass(frozen=True)
class Origin:
    """What a change was carried out for: the profile, whether it is the rehearsal's, the plan, and what it undoes."""

    profile: str
    rehearsal: bool
    plan_digest: str
    undoes: str | None = None


@dataclass(frozen=True)
class Entry:
    """One change in the history. `id` is what `failback history undo` takes; times are aware, UTC.

    `outcome` is `None` as long as none was recorded: in flight, or cut off by a crash.
    """

    id: str
    at: datetime
    who: str
    where: str
    origin: Origin
    change: Change
    operations: tuple[Operation, ...] = ()
    outcome: str | None = None
    evidence: str = ""
    ended_at: datetime | None = None


class Journal:
    """The journal in one folder. Each record is on disk before its method returns; see `JournalFile` for the rest."""

    def __init__(self, folder: Path, clock: Clock, *, who: str | None = None, where: str | None = None) -> None:
        """Keep the journal in `folder`; `who` and `where` default to the user and the computer."""
        self._file = JournalFile(folder / FILE_NAME)
        self._clock = clock
        self._who = who or _user()
        self._where = where or socket.gethostname()

    @property
    def path(self) -> Path:
        """The journal's file."""
        return self._file.path

    def intent(self, change: Change, origin: Origin) -> str:
        """Record what is about to be sent, and return the entry's id. Raises `HomeError`: then nothing may be sent."""
        number = self._append(
            "intent",
            {
                "v": _VERSION,
                "who": self._who,
                "where": self._where,
                "profile": origin.profile,
                "rehearsal": origin.rehearsal,
                "plan": origin.plan_digest,
                "undoes": origin.undoes,
                "change": change.to_json(),
            },
        )
        return str(number)

    def sent(self, entry_id: str, operation: Operation) -> None:
        """Record that a call was accepted, and by which handle its work is found."""
        self._append("sent", {"entry": entry_id, "operation": operation.to_json()})

    def outcome(self, entry_id: str, word: str, evidence: str) -> None:
        """Record what became of a change."""
        self._append("outcome", {"entry": entry_id, "outcome": word, "evidence": evidence})

    def _append(self, event: str, fields: Mapping[str, Any]) -> int:
        return self._file.append({"event": event, "at": utc_text(self._clock.now()), **fields})

    def history(self) -> tuple[Entry, ...]:
        """Return every entry that can be believed, oldest first."""
        entries: dict[str, Entry] = {}
        for line in self._file.read().lines:
            if line["event"] == "intent":
                entry = _begun(line)
                entries[entry.id] = entry
            else:
                entries[str(line["entry"])] = _gone_on(entries[str(line["entry"])], line)
        return tuple(entries.values())

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry by its id; `None` when there is none that can be believed."""
        return next((one for one in self.history() if one.id == entry_id), None)

    def verify_chain(self) -> Damage | None:
        """Return the first line that is not as it was written; `None` when every line is."""
        return self._file.read().damage

    def head(self) -> str:
        """Return the digest of the last line: kept elsewhere, it tells later whether lines at the end are missing."""
        return self._file.read().head


def _begun(line: Mapping[str, Any]) -> Entry:
    origin = Origin(line["profile"], line["rehearsal"], line["plan"], line["undoes"])
    return Entry(
        str(line["seq"]), utc_time(line["at"]), line["who"], line["where"], origin, Change.from_json(line["change"])
    )


def _gone_on(entry: Entry, line: Mapping[str, Any]) -> Entry:
    if line["event"] == "sent":
        return replace(entry, operations=(*entry.operations, Operation.from_json(line["operation"])))
    return replace(entry, outcome=line["outcome"], evidence=line["evidence"], ended_at=utc_time(line["at"]))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this user id: a container
        return "?"
