"""Asking Azure: the one place where a call is made, and where its failure becomes "not seen" with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any, TypeVar

from failback.azure.allowed import Operation
from failback.azure.clients import AzureClients
from failback.azure.faults import Fault, Kind, fault_of
from failback.azure.fields import Row
from failback.azure.whole import NAMED_OTHERWISE, WholePages, is_the_one, named
from failback.clock import Clock
from failback.progress import Cancelled
from wizard_steps.reading import Reading, Source, not_seen, seen
from wizard_steps.wording import _

T = TypeVar("T")
U = TypeVar("U")

AT_ONCE = 6
"""How many requests are under way at a time; Site Recovery throttles a vault long before a client tires."""

ANSWER_SECONDS, ANSWER_PAUSE = 180.0, 2.0
"""How long an answer of a probe is waited for, and how often it is looked for where Azure names no pause."""

Explain = Callable[[Exception], str | None]


def _no_better_reason(_error: Exception) -> str | None:
    return None


class Asker:
    """Makes listed calls and nothing else. Every answer is a `Reading`; only a cancellation is raised."""

    def __init__(self, clients: AzureClients, clock: Clock, cancelled: Cancelled) -> None:
        """Ask through `clients`; times of sight are `clock`'s; `cancelled` is asked before each request."""
        self.clients = clients
        self._clock = clock
        self._cancelled = cancelled
        self._turnstile = BoundedSemaphore(AT_ONCE)

    def one(
        self, operation: Operation, kind: str, *names: str, subscription: str | None = None, **options: Any
    ) -> Reading[Row]:
        """Return a single resource as a row of `kind`."""

        def call() -> Row:
            return self._resource(operation, kind, names, subscription, options)

        return self._attempt(operation, call)

    def one_or_none(
        self, operation: Operation, kind: str, *names: str, subscription: str | None = None, **options: Any
    ) -> Reading[Row | None]:
        """Return a single resource, or None when Azure says there is none (404)."""
        source = Source("azure", operation.title, self._clock.now())
        try:
            with self._turnstile:
                return seen(self._resource(operation, kind, names, subscription, options), source)
        except Exception as error:  # noqa: BLE001 -- sorted by `fault_from`, which raises what is no answer
            fault = fault_from(error)
            return seen(None, source) if fault.kind is Kind.NOT_FOUND else not_seen(fault.reason, source)

    def every(
        self, operation: Operation, kind: str, *names: str, subscription: str | None = None, **options: Any
    ) -> Reading[tuple[Row, ...]]:
        """Return a whole collection, to its last page: one that breaks off in the middle is not seen at all."""

        def call() -> tuple[Row, ...]:
            whole = {**options, "raw_response_hook": WholePages(self.clients.cloud.host)}
            pages = self._call(operation, subscription, names, whole)
            return tuple(self._listed(one, kind) for one in pages)

        return self._attempt(operation, call)

    def answer(
        self,
        operation: Operation,
        kind: str,
        *names: str,
        subscription: str,
        body: Mapping[str, Any] | None = None,
        explain: Explain = _no_better_reason,
    ) -> Reading[Row]:
        """Return what a POST that only asks is answered, however long Azure takes over it, within a limit.

        `explain` may put a better reason in the place of the general one for an error.
        """

        def call() -> Row:
            from failback.azure.polling import StrictPolling

            endpoint = self.clients.cloud.resource_manager
            polling = StrictPolling(
                self._clock, endpoint, cancelled=self._cancelled, deadline=ANSWER_SECONDS, interval=ANSWER_PAUSE
            )
            sent = names if body is None else (*names, dict(body))
            return self._row(self._call(operation, subscription, sent, {"polling": polling}).result(), kind)

        return self._attempt(operation, call, explain)

    def together(self, call: Callable[[T], U], rows: Sequence[T]) -> list[U]:
        """Return `call` of every row, a few at a time, in the order of the rows."""
        if not rows:
            return []
        with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(rows)), thread_name_prefix="azure") as pool:
            return list(pool.map(call, rows))

    def or_raise(self, operation: Operation, kind: str, *names: str) -> Row:
        """Return a single resource, or raise what the library raises: for the call that decides how to go on."""
        return self._resource(operation, kind, names, None, {})

    def _attempt(self, operation: Operation, call: Callable[[], T], explain: Explain = _no_better_reason) -> Reading[T]:
        source = Source("azure", operation.title, self._clock.now())
        try:
            with self._turnstile:
                return seen(call(), source)
        except Exception as error:  # noqa: BLE001 -- sorted by `fault_from`, which raises what is no answer
            reason = fault_from(error).reason
            return not_seen(explain(error) or reason, source)

    def _call(
        self, operation: Operation, subscription: str | None, names: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        """Make a listed call: the only place where a method of a client is called for reading.

        Names come out of Azure's own ids; one that would lead to another path is refused (`ValueError`).
        """
        if any(name in ("", ".", "..") for name in names):
            raise ValueError(names)
        client: Any = getattr(self.clients, operation.client)
        if operation.client in {"compute", "network"}:
            client = client(subscription)
        method: Callable[..., Any] = getattr(getattr(client, operation.group), operation.name)
        return method(*names, cancelled=self._cancelled, **options)

    def _resource(
        self,
        operation: Operation,
        kind: str,
        names: tuple[str, ...],
        subscription: str | None,
        options: dict[str, Any],
    ) -> Row:
        """Return the resource that was asked for by the last of `names`; raises `ValueError` for anything else."""
        row = self._row(self._call(operation, subscription, names, options), kind)
        if not is_the_one(row.json, names[-1]):
            raise ValueError(kind)
        return row

    def _listed(self, model: Any, kind: str) -> Row:
        row = self._row(model, kind)
        if kind not in NAMED_OTHERWISE and not named(row.json):
            raise ValueError(kind)
        return row

    def _row(self, model: Any, kind: str) -> Row:
        if not isinstance(model, Mapping):
            raise TypeError(kind)
        return Row(model, kind, self._clock.now())


def fault_from(error: Exception) -> Fault:
    """Return what a failed call means. A shape nobody expected is a malformed answer; a cancellation is raised."""
    if isinstance(error, (TypeError, LookupError, AttributeError, ValueError)):
        return Fault(Kind.MALFORMED, _("the answer could not be understood"), _("read again"))
    fault = fault_of(error)
    if fault.kind is Kind.CANCELLED:
        raise error
    return fault


def combine(readings: Iterable[Reading[tuple[T, ...]]], source: Source | None = None) -> Reading[tuple[T, ...]]:
    """Return several collections as one; one that was not seen makes the whole not seen, with its reason.

    `source` is where it was looked for when there is no collection at all.
    """
    found: list[T] = []
    for reading in readings:
        if not reading.was_seen:
            return reading
        found.extend(reading.value)
        source = reading.source
    return seen(tuple(found), source)
