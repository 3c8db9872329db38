"""A call to vCenter that fails, or a property it will not tell, makes unknown what depends on it, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from xml.parsers.expat import ExpatError

import pytest
from pyVmomi import vim, vmodl

from failback.errors import SignInRefusedError
from failback.in_depth import machines_that_matter
from failback.progress import never, silent
from failback.rehearsal.site import Site
from failback.rehearsal.vcenter_wire_calls import ANY, Call, Fault
from failback.vcenter import read_clusters, read_hosts, read_machines
from tests.proof.judging import Judged, opened
from tests.proof.unknown import hold_to_unknown


@dataclass
class Aimed(Fault):
    """A fault of the calls that `hits` picks."""

    hits: Callable[[Call], bool] = lambda _call: True

    def strikes(self, call: Call) -> bool:
        """Tell whether this call is hit."""
        return self.hits(call)


def reads(kind: type, *, in_depth: bool = False) -> Callable[[Call], bool]:
    """Return what picks the calls that read properties of a class."""

    def hits(call: Call) -> bool:
        if call.name != "RetrievePropertiesEx":
            return False
        spec = call.args["specSet"][0].propSet[0]
        return bool(spec.type is kind and ("config.extraConfig" in spec.pathSet) is in_depth)

    return hits


def calls(name: str) -> Callable[[Call], bool]:
    """Return what picks the calls of a name."""
    return lambda call: call.name == name


CALLS: dict[str, Callable[[Call], bool]] = {
    "machines": reads(vim.VirtualMachine),
    "machines in depth": reads(vim.VirtualMachine, in_depth=True),
    "hosts": reads(vim.HostSystem),
    "datastores": reads(vim.Datastore),
    "clusters": reads(vim.ClusterComputeResource),
    "datastore clusters": reads(vim.StoragePod),
    "the manager of licences": reads(vim.LicenseManager),
    "QueryAssignedLicenses": calls("QueryAssignedLicenses"),
    "QueryEvents": calls("QueryEvents"),
    "FetchUserPrivilegeOnEntities": calls("FetchUserPrivilegeOnEntities"),
    "RetrieveEntityPermissions": calls("RetrieveEntityPermissions"),
    "roles": reads(vim.AuthorizationManager),
    "networks": reads(vim.Network),
    "datacenters": reads(vim.Datacenter),
    "CreateContainerView": calls("CreateContainerView"),
    "Login": calls("Login"),
    "every call": lambda _call: True,
}
FAULTS: dict[str, BaseException] = {
    "no answer in time": TimeoutError("timed out"),
    "the connection breaks": ConnectionResetError(104, "Connection reset by peer"),
    "the session is not known": vim.fault.NotAuthenticated(msg="The session is not authenticated."),
    "no permission": vim.fault.NoPermission(msg="Permission to perform this operation was denied."),
    "too busy": vim.fault.HostConnectFault(msg="Too many requests."),
    "an error of the server": vmodl.fault.SystemError(msg="A general system error occurred.", reason="internal"),
    "broken XML": ExpatError("not well-formed"),
    "a value nobody knows": ValueError("unknown enumeration value"),
}


def judged_with(ready: Judged, break_it: Callable[[Site], None]) -> Judged:
    """Judge the ready site's Azure with what a vCenter that was broken shows."""
    with opened() as (site, engine):
        site.clock.sleep = lambda _seconds: None
        break_it(site)
        estate = replace(ready.case.estate, vcenter=engine._read_vcenter(silent, never))
        refs = machines_that_matter(replace(ready.case, estate=estate))
        estate = replace(estate, vcenter=engine._read_in_depth(estate.vcenter, refs, silent, never))
        case = replace(ready.case, estate=estate)
        return Judged(case, engine.judge(case))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_fails_makes_what_depends_on_it_unknown(call: str, fault: str, ready: Judged) -> None:
    def break_it(site: Site) -> None:
        site.wire._faults.append(Aimed(ANY, ANY, FAULTS[fault], None, 0, CALLS[call]))

    hold_to_unknown(ready, judged_with(ready, break_it))


def test_a_refused_password_is_for_the_operator_to_put_right_first() -> None:
    with opened() as (site, engine):
        site.wire.fault("Login", vim.fault.InvalidLogin(msg="no"), times=None)
        with pytest.raises(SignInRefusedError):
            engine.look()


PATHS = sorted(
    {
        (kind, each.path)
        for kind, table in (
            (vim.VirtualMachine, read_machines.DEEP),
            (vim.HostSystem, {**read_hosts.OF_EVERY_HOST, "mhz": read_hosts.CORE_MHZ, "cores": read_hosts.CORES}),
            (vim.Datastore, read_hosts.OF_EVERY_DATASTORE),
            (vim.ClusterComputeResource, read_clusters.OF_EVERY_CLUSTER),
            (vim.StoragePod, read_clusters.OF_EVERY_POD),
        )
        for each in table.values()
    },
    key=str,
)


@pytest.mark.parametrize(("kind", "path"), PATHS, ids=lambda part: getattr(part, "__name__", part))
def test_a_property_in_the_missing_set_makes_what_depends_on_it_unknown(kind: type, path: str, ready: Judged) -> None:
    def break_it(site: Site) -> None:
        for ref in site.store.of_kind(kind):
            site.store.hide(ref, path, vim.fault.NoPermission(msg="denied", privilegeId="System.Read"))

    hold_to_unknown(ready, judged_with(ready, break_it))
