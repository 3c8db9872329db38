"""What the rehearsal vCenter answers to those who only look: content, views, property pages, events, privileges."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timezone
from typing import TYPE_CHECKING, Any, Final

from pyVmomi import vim, vmodl
from pyVmomi.VmomiSupport import GetVmodlName

from failback.rehearsal.vcenter_wire_calls import Call
from failback.rehearsal.vcenter_wire_rights import held_by

if TYPE_CHECKING:
    from failback.rehearsal.vcenter_wire import Answer, Session, VCenterWire

_Collector = vmodl.query.PropertyCollector


def retrieve_service_content(wire: VCenterWire, call: Call) -> Any:
    """RetrieveServiceContent: who this is, and the ids of its services."""
    from failback.rehearsal.vcenter_wire import SINGLETONS

    about = vim.AboutInfo(
        vendor="VMware, Inc.", build="24022515", osType="linux-x64", productLineId="vpx", **wire.about
    )
    services = {name: wire.store.ref(moref) for name, (moref, _kind) in SINGLETONS.items()}
    return vim.ServiceInstanceContent(about=about, **services)


def current_time(wire: VCenterWire, call: Call) -> Any:
    """CurrentTime: the clock's."""
    return call.at


def logout(wire: VCenterWire, call: Call) -> None:
    """Logout: the session and everything of it are gone."""
    del wire.sessions[call.session]


def session_is_active(wire: VCenterWire, call: Call) -> bool:
    """SessionIsActive: whether that session of that user is known."""
    session = wire.sessions.get(call.args["sessionID"])
    return session is not None and session.user == call.args["userName"]


def create_container_view(wire: VCenterWire, call: Call) -> Any:
    """CreateContainerView over the root folder, recursively: the only views that the product makes."""
    from failback.rehearsal.vcenter_wire import ROOT_FOLDER

    container = call.args["container"]
    if container._GetMoId() != ROOT_FOLDER or not call.args["recursive"]:  # noqa: SLF001
        raise vmodl.fault.NotSupported(msg="the rehearsal vCenter makes recursive views of the root folder only")
    session = wire.sessions[call.session]
    moref = f"session[{session.key}]{uuid.uuid4()}"
    session.views[moref] = list(wire.store.of_kind(*(call.args["type"] or [vim.ManagedEntity])))
    return vim.view.ContainerView(moref)


def destroy_view(wire: VCenterWire, call: Call) -> None:
    """DestroyView."""
    if wire.sessions[call.session].views.pop(call.moref, None) is None:
        raise vmodl.fault.ManagedObjectNotFound(msg=f"{call.moref} is not there")


def retrieve_properties(wire: VCenterWire, call: Call) -> Any:
    """RetrievePropertiesEx: the first page of what the filter selects."""
    found: list[Any] = []
    session = wire.sessions[call.session]
    for spec in call.args["specSet"]:
        for moref in _selected(session, spec.objectSet):
            kind = wire.store.kind_of(moref)
            wanted = [each for each in spec.propSet if issubclass(kind, each.type)]
            if wanted:
                found.append(_content(wire, call, moref, wanted))
    options = call.args["options"]
    return _page(session, found, options.maxObjects if options else None)


def continue_retrieve_properties(wire: VCenterWire, call: Call) -> Any:
    """ContinueRetrievePropertiesEx: the next page of that token."""
    session = wire.sessions[call.session]
    rest = session.pages.pop(call.args["token"], None)
    if rest is None:
        raise vmodl.fault.InvalidArgument(invalidProperty="token", msg="this token is not known")
    size, *objects = rest
    return _page(session, objects, size)


def _selected(session: Session, objects: Iterable[Any]) -> Iterable[str]:
    """Resolve object specs: the object itself, or the list of a view by the traversal that pyvmomi users write."""
    for spec in objects:
        moref = spec.obj._GetMoId()  # noqa: SLF001
        if not spec.selectSet:
            yield moref
            continue
        (traversal,) = spec.selectSet
        if not isinstance(traversal, _Collector.TraversalSpec) or traversal.path != "view" or not spec.skip:
            raise vmodl.fault.NotSupported(msg="the rehearsal vCenter follows ContainerView.view only")
        if moref not in session.views:
            raise vmodl.fault.ManagedObjectNotFound(msg=f"{moref} is not there")
        yield from session.views[moref]


def _content(wire: VCenterWire, call: Call, moref: str, wanted: Iterable[Any]) -> Any:
    content = _Collector.ObjectContent(obj=wire.store.ref(moref))
    for spec in wanted:
        if spec.all or not spec.pathSet:
            raise vmodl.fault.NotSupported(msg="the rehearsal vCenter answers named paths only")
        for path in spec.pathSet:
            value = wire.store.get(moref, path, call.at)
            fault = wire.store.hidden(moref, path)
            if fault is not None:
                content.missingSet.append(_Collector.MissingProperty(path=path, fault=fault))
            elif value is not None:
                content.propSet.append(vmodl.DynamicProperty(name=path, val=value))
    return content


def _page(session: Session, objects: list[Any], size: int | None) -> Any:
    if not objects:
        return None
    if not size or len(objects) <= size:
        return _Collector.RetrieveResult(objects=objects)
    token = str(uuid.uuid4())
    session.pages[token] = [size, *objects[size:]]
    return _Collector.RetrieveResult(token=token, objects=objects[:size])


def query_events(wire: VCenterWire, call: Call) -> Any:
    """QueryEvents by entity, type and time, the oldest first."""
    spec = call.args["filter"]
    unknown = {"userName", "alarm", "scheduledTask", "category", "tag"} & {
        name for name, value in vars(spec).items() if value
    }
    if unknown:
        raise vmodl.fault.NotSupported(msg=f"the rehearsal vCenter filters no events by {', '.join(sorted(unknown))}")
    return [event for event in sorted(wire.events, key=lambda each: each.createdTime) if _fits(event, spec)]


def _fits(event: Any, spec: Any) -> bool:
    if spec.entity and (event.vm is None or event.vm.vm != spec.entity.entity):
        return False
    if spec.eventTypeId and GetVmodlName(type(event)).rpartition(".")[2] not in spec.eventTypeId:
        return False
    if spec.time:
        at = event.createdTime.astimezone(timezone.utc)
        return (not spec.time.beginTime or at >= spec.time.beginTime) and (
            not spec.time.endTime or at <= spec.time.endTime
        )
    return True


def fetch_user_privileges(wire: VCenterWire, call: Call) -> Any:
    """FetchUserPrivilegeOnEntities: what that account holds; an unknown account holds nothing."""
    return [
        vim.AuthorizationManager.UserPrivilegeResult(
            entity=entity,
            privileges=sorted(held_by(wire, call.args["userName"], entity._GetMoId())),  # noqa: SLF001
        )
        for entity in call.args["entities"]
    ]


def query_assigned_licenses(wire: VCenterWire, call: Call) -> Any:
    """QueryAssignedLicenses, of one entity or of all."""
    asked = call.args["entityId"]
    return [
        vim.LicenseAssignmentManager.LicenseAssignment(
            entityId=entity,
            assignedLicense=vim.LicenseManager.LicenseInfo(
                licenseKey="00000-00000-00000-00000-00000", editionKey=edition, name=edition, total=0
            ),
        )
        for entity, edition in wire.licences.items()
        if edition is not None and asked in (None, entity)
    ]


def _find(path: str, argument: str, *, every: bool) -> Answer:
    def answer(wire: VCenterWire, call: Call) -> Any:
        if not call.args["vmSearch"]:
            raise vmodl.fault.NotSupported(msg="the rehearsal vCenter searches machines only")
        wanted = call.args[argument].casefold()
        asked = "config.instanceUuid" if call.args.get("instanceUuid") else path
        machines = wire.store.of_kind(vim.VirtualMachine)
        found = [
            wire.store.ref(moref)
            for moref in machines
            if str(wire.store.get(moref, asked, call.at) or "").casefold() == wanted
        ]
        return found if every else next(iter(found), None)

    return answer


ANSWERS: Final[dict[str, Answer]] = {
    "RetrieveServiceContent": retrieve_service_content,
    "CurrentTime": current_time,
    "Logout": logout,
    "SessionIsActive": session_is_active,
    "CreateContainerView": create_container_view,
    "DestroyView": destroy_view,
    "RetrievePropertiesEx": retrieve_properties,
    "ContinueRetrievePropertiesEx": continue_retrieve_properties,
    "QueryEvents": query_events,
    "FetchUserPrivilegeOnEntities": fetch_user_privileges,
    "QueryAssignedLicenses": query_assigned_licenses,
    "FindByUuid": _find("config.uuid", "uuid", every=False),
    "FindAllByUuid": _find("config.uuid", "uuid", every=True),
    "FindByIp": _find("guest.ipAddress", "ip", every=False),
    "FindAllByIp": _find("guest.ipAddress", "ip", every=True),
    "FindByDnsName": _find("guest.hostName", "dnsName", every=False),
    "FindAllByDnsName": _find("guest.hostName", "dnsName", every=True),
}
