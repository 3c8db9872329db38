"""The journal: what was going to be changed, what was sent, and what became of it; by whom, when, from where.

Every change leaves three kinds of records: `intent` (before anything is sent), `sent` (one for each call that was
accepted, with the handle to find its work again) and `outcome`. An entry of the history is what the records of one
change come to; one without an outcome was interrupted, and nobody may take it for done. What a later start found out
about such a one is a record of its own, `found`. The locks that were taken and let go of stand beside them as `lock`.
"""

from __future__ import annotations

import getpass
import socket
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from failback.changes.change import Change, ChangeTarget
from failback.changes.journal_file import Damage, JournalFile
from failback.changes.lock import Lock
from failback.changes.operation import Operation
from failback.changes.plan import utc_text, utc_time
from failback.clock import Clock

FILE_NAME = "journal.jsonl"
OPEN_ENDED = frozenset({None, "unknown"})
"""What an entry came to that leaves open what became of it."""
_NOT_DONE = frozenset({"failed", "stale"})
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

    `outcome` is `None` as long as none was recorded: in flight, or cut off by a crash. `found` is what a later start
    found out: done, not-done or cannot-tell.
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
    found: str | None = None
    found_evidence: str = ""
    found_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet what became of it: cut off, unclear, or left to go on by itself."""
        left = self.outcome == "cancelled" and bool(self.operations)
        return self.found is None and (self.outcome in OPEN_ENDED or left)

    @property
    def was_done(self) -> bool:
        """Whether it is known that it was carried out: it was read again."""
        return self.outcome == "verified" or self.found == "done"

    @property
    def was_not_done(self) -> bool:
        """Whether it is known that it was not carried out: refused, stopped before anything was sent, found so."""
        stopped = self.outcome == "cancelled" and not self.operations
        return self.found == "not-done" or (self.found is None and (stopped or self.outcome in _NOT_DONE))


def undone_by(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Return, by the id of each entry that was undone, the entry of the change that is known to have done so."""
    return {one.origin.undoes: one for one in entries if one.origin.undoes is not None and one.was_done}


class LockState(str, Enum):
    """How far a lock got. What is neither let go of nor refused may still be on the VM."""

    TAKING = "taking"
    TAKEN = "taken"
    REFUSED = "refused"
    RELEASING = "releasing"
    RELEASED = "released"


@dataclass(frozen=True)
class LockEntry:
    """A lock of the journal: on which master target, for which profile, and how far it got."""

    lock: Lock
    target: ChangeTarget
    profile: str
    rehearsal: bool
    state: LockState
    operations: tuple[Operation, ...] = ()

    @property
    def may_be_held(self) -> bool:
        """Whether it may still be on the VM."""
        return self.state not in (LockState.REFUSED, LockState.RELEASED)


class Journal:
    """The journal in one folder. Each record is on disk before its method returns; see `JournalFile` for the rest."""

    def __init__(self, folder: Path, clock: Clock, *, who: str | None = None, where: str | None = None) -> None:
        """Keep the journal in `folder`; `who` and `where` default to the user and the computer."""
        self._file = JournalFile(folder / FILE_NAME)
        self._clock = clock
        self._who = who or operator_name()
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

    def found(self, entry_id: str, word: str, evidence: str) -> None:
        """Record what a later start found out about a change whose end nobody had seen."""
        self._append("found", {"entry": entry_id, "found": word, "evidence": evidence})

    def new_lock(self) -> Lock:
        """Return a lock in the name of whoever writes this journal, from now on."""
        return Lock(uuid.uuid4().hex, self._who, self._where, self._clock.now())

    def lock(
        self, state: LockState, lock: Lock, target: ChangeTarget, origin: Origin, operation: Operation | None = None
    ) -> None:
        """Record how far a lock got."""
        fields = {
            "state": state.value,
            "lock": lock.to_json(),
            "target": asdict(target),
            "profile": origin.profile,
            "rehearsal": origin.rehearsal,
            "operation": None if operation is None else operation.to_json(),
        }
        self._append("lock", fields)

    def _append(self, event: str, fields: Mapping[str, Any]) -> int:
        return self._file.append({"event": event, "at": utc_text(self._clock.now()), **fields})

    def history(self) -> tuple[Entry, ...]:
        """Return every entry that can be believed, oldest first."""
        entries: dict[str, Entry] = {}
        for line in self._file.read().lines:
            if line["event"] == "intent":
                entry = _begun(line)
                entries[entry.id] = entry
            elif line["event"] != "lock" and str(line["entry"]) in entries:  # else its intent was moved away meanwhile
                entries[str(line["entry"])] = _gone_on(entries[str(line["entry"])], line)
        return tuple(entries.values())

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry by its id; `None` when there is none that can be believed."""
        return next((one for one in self.history() if one.id == entry_id), None)

    def locks(self) -> tuple[LockEntry, ...]:
        """Return every lock that was taken or tried, oldest first."""
        entries: dict[str, LockEntry] = {}
        for line in self._file.read().lines:
            if line["event"] == "lock":
                entry = _lock_entry(line, entries.get(line["lock"]["id"]))
                entries[entry.lock.id] = entry
        return tuple(entries.values())

    def own_locks(self, profile: str) -> frozenset[str]:
        """Return the ids of the locks that runs of a profile wrote here."""
        return frozenset(one.lock.id for one in self.locks() if one.profile == profile)

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
    if line["event"] == "found":
        return replace(entry, found=line["found"], found_evidence=line["evidence"], found_at=utc_time(line["at"]))
    return replace(entry, outcome=line["outcome"], evidence=line["evidence"], ended_at=utc_time(line["at"]))


def _lock_entry(line: Mapping[str, Any], before: LockEntry | None) -> LockEntry:
    known = () if before is None else before.operations
    told = line["operation"]
    return LockEntry(
        Lock.from_json(line["lock"]),
        ChangeTarget(**line["target"]),
        line["profile"],
        line["rehearsal"],
        LockState(line["state"]),
        known if told is None else (*known, Operation.from_json(told)),
    )


def operator_name() -> str:
    """Return under which name the operator is written down: that of the account on this computer."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this user id: a container
        return "?"
