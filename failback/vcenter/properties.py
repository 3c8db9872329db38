"""Properties of managed objects, read through the PropertyCollector: pages, reasons for what is missing, declarations.

Only named paths are asked for, and never an attribute of a pyvmomi object: that would be a call for each, and one
unknown enumeration value in a large structure would spoil all of it. What vCenter would not tell comes with a reason.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from pyVmomi import vim, vmodl

from failback.errors import InterruptedByOperatorError
from failback.progress import Cancelled, never
from failback.vcenter.faults import UNREADABLE, why_missing
from failback.vcenter.session import Connection, SessionLostError
from wizard_steps.outside import visible
from wizard_steps.reading import Reading, Source, not_seen, seen
from wizard_steps.wording import _

T = TypeVar("T")

PAGE: Final = 500
"""Objects a page when few small properties of every object are read."""
HEAVY_PAGE: Final = 20
"""Objects a page when devices and layouts are read."""

_Collector = vmodl.query.PropertyCollector
_GONE = vmodl.fault.ManagedObjectNotFound


@dataclass(frozen=True)
class Answer:
    """What the server told of one object: values by path, and the reason for each path it would not tell."""

    ref: str
    values: Mapping[str, Any]
    missing: Mapping[str, str]


@dataclass(frozen=True)
class Property(Generic[T]):
    """One property the program reads: its path, what is made of its value, and what it means when it is not there."""

    path: str
    parse: Callable[[Any], T]
    when_absent: Callable[[Source], Reading[T]]

    def reading(self, answer: Answer, kind: str, at: datetime) -> Reading[T]:
        """Return the reading of this property from what the server told; never raises for what came from outside."""
        source = Source("vcenter", f"{kind}.{self.path}", at)
        reason = next((why for path, why in answer.missing.items() if _overlap(path, self.path)), None)
        if reason is not None:
            return not_seen(reason, source)
        if answer.values.get(self.path) is None:
            return self.when_absent(source)
        try:
            return seen(self.parse(answer.values[self.path]), source)
        except UNREADABLE as error:
            return not_seen(_unreadable(error), source)


def _overlap(one: str, other: str) -> bool:
    """Tell whether two paths are the same, or one is a part of the other: `config`, `config.flags`, `disk[4]`."""
    shorter, longer = sorted((one, other), key=len)
    return longer == shorter or longer.startswith((f"{shorter}.", f"{shorter}["))


def _unreadable(error: Exception) -> str:
    return _("vCenter told something this program cannot read ({error})").format(
        error=visible(f"{type(error).__name__}: {error}")
    )


def means(value: T) -> Callable[[Source], Reading[T]]:
    """Declare that an absent property means `value`, for sure."""
    return lambda source: seen(value, source)


def tells_nothing(source: Source) -> Reading[Any]:
    """Declare that an absent property leaves the question open."""
    return not_seen(_("vCenter holds no value for it"), source)


def readings(table: Mapping[str, Property[Any]], answer: Answer, kind: str, at: datetime) -> dict[str, Reading[Any]]:
    """Return a reading for every property of a table, under the table's own names."""
    return {name: each.reading(answer, kind, at) for name, each in table.items()}


def paths_of(table: Mapping[str, Property[Any]], *more: str) -> tuple[str, ...]:
    """Return every path of a table once, and `more` before them."""
    return tuple(dict.fromkeys([*more, *(each.path for each in table.values())]))


def _count_nothing(_count: int) -> None:
    """Take a count and tell nobody."""


@dataclass
class Collector:
    """Reads properties over one connection. `on_page` is told how many objects have come so far."""

    connection: Connection
    cancelled: Cancelled = never
    on_page: Callable[[int], None] = field(default=_count_nothing)

    def of_all(self, kind: type[Any], paths: Sequence[str], page: int = PAGE) -> list[Answer]:
        """Read `paths` of every object of a class in the inventory, to the last page.

        An answer that pyvmomi cannot read (a value newer than itself) spoils a whole page: then the objects are read
        one by one. Raises `SessionLostError` when the view went away with its session; whoever runs it starts again.
        """
        try:
            return self._in_a_view(kind, paths, page)
        except UNREADABLE:
            refs = [answer.ref for answer in self._in_a_view(kind, ["name"], page)]
            return self.of_these(kind, refs, paths)

    def _in_a_view(self, kind: type[Any], paths: Sequence[str], page: int) -> list[Answer]:
        content = self.connection.content
        view = content.viewManager.CreateContainerView(content.rootFolder, [kind], True)
        walk = _Collector.TraversalSpec(name="view", path="view", skip=False, type=vim.view.ContainerView)
        objects = [_Collector.ObjectSpec(obj=view, skip=True, selectSet=[walk])]
        try:
            # One that moves in the inventory meanwhile may come on two pages.
            found = {each.ref: each for each in self._told(objects, kind, paths, page)}
        except _GONE as gone:
            raise SessionLostError from gone
        with contextlib.suppress(Exception):  # it dies with the session anyway
            view.Destroy()
        return list(found.values())

    def of_these(
        self, kind: type[Any], refs: Iterable[str], paths: Sequence[str], page: int = HEAVY_PAGE
    ) -> list[Answer]:
        """Read `paths` of the objects named; one that vCenter says is gone meanwhile is left out of the answer.

        One that vCenter merely leaves out comes with that as the reason at every path.
        """
        wanted, found = list(refs), list[Answer]()
        for start in range(0, len(wanted), page):
            batch = wanted[start : start + page]
            try:
                told = list(self._told(self._named(kind, batch), kind, paths, None))
                if {each.ref for each in told} != set(batch):
                    raise ValueError("other objects than those asked for")
                found += told
            except (_GONE, *UNREADABLE):
                found += self._one_by_one(kind, batch, paths)
            self.on_page(len(found))
        return found

    def _one_by_one(self, kind: type[Any], refs: Iterable[str], paths: Sequence[str]) -> Iterator[Answer]:
        for ref in refs:
            stop_if(self.cancelled)
            with contextlib.suppress(_GONE):
                try:
                    told = [each for each in self._told(self._named(kind, [ref]), kind, paths, None) if each.ref == ref]
                except UNREADABLE:
                    told = [self._path_by_path(kind, ref, paths)]
                yield told[0] if told else Answer(ref, {}, dict.fromkeys(paths, _("vCenter left it out of its answer")))

    def _path_by_path(self, kind: type[Any], ref: str, paths: Sequence[str]) -> Answer:
        """Read what can be read of one object; the path that cannot gets its reason."""
        values, missing = dict[str, Any](), dict[str, str]()
        for path in paths:
            try:
                (answer,) = self._told(self._named(kind, [ref]), kind, [path], None)
            except UNREADABLE as error:
                missing[path] = _unreadable(error)
            else:
                values |= answer.values
                missing |= answer.missing
        return Answer(ref, values, missing)

    def _named(self, kind: type[Any], refs: Iterable[str]) -> list[Any]:
        return [_Collector.ObjectSpec(obj=kind(ref, self.connection.stub)) for ref in refs]

    def _told(self, objects: list[Any], kind: type[Any], paths: Sequence[str], page: int | None) -> Iterator[Answer]:
        """Yield the answers, page by page; a path this server does not know is left out and given as a reason.

        vCenter refuses the whole call for one unknown path (`InvalidProperty`), as older releases do for newer ones.
        """
        asked, unknown = list(paths), dict[str, str]()
        found: list[Any] | None = None
        while found is None:
            try:
                found = list(self._pages(objects, kind, asked, page))
            except vmodl.query.InvalidProperty as refused:
                strange = _blamed(refused.name, asked)
                asked.remove(strange)
                unknown[strange] = _("this vCenter knows no property {path}").format(path=visible(strange))
        for content in found:
            if any(isinstance(each.fault, vim.fault.NotAuthenticated) for each in content.missingSet):
                raise SessionLostError
            missing = {each.path: why_missing(each.fault) for each in content.missingSet}
            values = {each.name: each.val for each in content.propSet}
            yield Answer(content.obj._GetMoId(), values, {**unknown, **missing})  # noqa: SLF001

    def _pages(self, objects: list[Any], kind: type[Any], paths: Sequence[str], page: int | None) -> Iterator[Any]:
        collector = self.connection.content.propertyCollector
        what = _Collector.PropertySpec(type=kind, all=False, pathSet=list(paths))
        options = _Collector.RetrieveOptions(maxObjects=page)
        told = collector.RetrievePropertiesEx([_Collector.FilterSpec(objectSet=objects, propSet=[what])], options)
        count = 0
        while told is not None:
            yield from told.objects
            count += len(told.objects)
            if page is not None:
                self.on_page(count)
            stop_if(self.cancelled)
            told = self._next_page(collector, told.token) if told.token else None

    @staticmethod
    def _next_page(collector: Any, token: str) -> Any:
        told = collector.ContinueRetrievePropertiesEx(token)
        if told is None:
            raise ValueError("a page that was promised did not come")
        return told


def stop_if(cancelled: Cancelled) -> None:
    """Raise `InterruptedByOperatorError` when somebody asked to stop reading."""
    if cancelled():
        raise InterruptedByOperatorError(
            _("Reading vCenter"), _("it was stopped"), _("read again when you like; nothing was changed")
        )


def _blamed(name: str, asked: Sequence[str]) -> str:
    """Return the path that an `InvalidProperty` names, or raise when it names none of those that were asked for."""
    for path in asked:
        if path == name or path.startswith(f"{name}.") or path.endswith(f".{name}"):
            return path
    raise ValueError(f"InvalidProperty names {name}, which was not asked for")
