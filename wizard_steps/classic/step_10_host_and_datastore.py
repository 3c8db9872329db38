"""Step 10: the vCenter, its account, and what the master target's ESXi host offers.

What machines ask of the place they come home to stands in `step_10_original_location` and `step_10_alternate_location`.
"""

from __future__ import annotations

from wizard_steps.case import Case, Machine, Target, same_id
from wizard_steps.classic import failback_role, step_10_alternate_location, step_10_original_location
from wizard_steps.classic.health import judge_errors
from wizard_steps.classic.heartbeats import age, is_fresh
from wizard_steps.classic.host_licence import is_evaluation, is_free_edition, is_paid_edition
from wizard_steps.classic.in_reach import CONNECTED
from wizard_steps.classic.long_steps import HOST_AND_DATASTORE as STEP
from wizard_steps.classic.storage import VMFS, VSAN, datastores_of, is_usable_on, kind_of
from wizard_steps.classic.vcenter_record import judge_address, judge_discovery, record_of
from wizard_steps.conditions import all_hold
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Judgement, Requirements, attest, fail, info, not_applicable, passed, unknown, warn
from wizard_steps.seen_in_azure import ConfigurationServer, VCenterRecord
from wizard_steps.subjects import HostInUse
from wizard_steps.wording import N_, _, ngettext

rows = Requirements(STEP)


@rows.add(
    "vcenter-access",
    statement=N_("Site recovery reaches vCenter with an account that may do what failback needs."),
    seed="MT section, step 8 (lead-in)",
    subject="account",
    worst="fail",
    consequence_of=["vcenter-permissions"],
    remedies=["grant-vcenter-role"],
    cause=N_("Site recovery shows a label for its account, never the name under which it signs in to vCenter."),
    action=N_("Compare the account's name with the one entered on the configuration server (cspsconfigtool)."),
)
def account_is_right(case: Case, user: str) -> Judgement:
    """Fail for missing privileges; that the account is the one behind the label, a person vouches for."""
    missing = failback_role.missing(_held(case))
    if missing:
        return fail(
            ngettext("{user} lacks {count} privilege", "{user} lacks {count} privileges", len(missing)),
            user=Outside(user),
            count=len(missing),
        )
    _asked_everywhere(case)
    labels = [one.name for one in case.server.value.run_as_accounts.or_else(())]
    return attest(
        _("vouch that {user} is the account that site recovery uses under one of the labels {labels}"),
        user=Outside(user),
        labels=labels or _("(unread)"),
    )


def _held(case: Case) -> list[frozenset[str]]:
    """Return the privileges on each object asked about; raises `NotSeen` when none was."""
    held = list(case.vcenter.account_privileges.value.values())
    if not held:
        raise NotSeen(_("vCenter was asked about no object"))
    return held


def _asked_everywhere(case: Case) -> None:
    """Raise `NotSeen` unless vCenter answered for all that failback touches.

    These are the master targets' VMs, their hosts and the datastores there, and the VMs that are written over.
    """
    asked = case.vcenter.account_privileges.value
    _machines = case.chosen_machines.value  # raises: a target has no machines either where none were seen
    for target in case.targets.value:
        host = target.host.value
        touched = {target.vm.value.ref: target.vm.value.name, host.ref: host.name}
        touched |= {ref: case.datastore(ref).value.name for ref in host.datastore_refs.value}
        own = (one.source_vm.value for one in target.machines)
        touched |= {vm.ref: vm.name for vm in own if vm is not None}
        left_out = [name for ref, name in touched.items() if ref not in asked]
        if left_out:
            raise NotSeen(
                _("vCenter was not asked about {names}").format(names=", ".join(one.shown() for one in left_out))
            )


rows.extend(step_10_original_location.rows)
rows.extend(step_10_alternate_location.rows)


@rows.add(
    "mt-host-vmfs",
    statement=N_("The master target's ESXi host has a VMFS datastore."),
    seed="MT section, step 10",
    subject="esxi-host",
    worst="fail",
    remedies=["refresh-configuration-server"],
    cause=N_("Without one the datastore input of reprotect stays empty, and nobody can go on."),
    action=N_("Present a VMFS datastore to this host, or move the master target to a host that has one; then refresh."),
)
def host_has_vmfs(case: Case, used: HostInUse) -> Judgement:
    """Take accessible ones only; vSAN alone is a warning, because later documents admit it (ruling)."""
    if used.host.connection_state.value != CONNECTED:
        return unknown(
            _("{host} is {state}: what vCenter shows of its datastores is what it last knew"),
            host=used.host.name,
            state=Outside(used.host.connection_state.value),
        )
    usable = [one for one in datastores_of(case, used.host) if is_usable_on(one, used.host.ref)]
    vmfs = [one.name for one in usable if kind_of(one) == VMFS]
    vsan = [one.name for one in usable if kind_of(one) == VSAN]
    if vmfs:
        return passed(_("{host} has {vmfs}"), host=used.host.name, vmfs=vmfs)
    if vsan:
        return warn(_("no VMFS datastore, only vSAN: {vsan}"), vsan=vsan, remedies=[])
    others = [f"{one.name.shown()} {Outside(one.kind.value).shown()}" for one in usable]
    return fail(_("no accessible VMFS datastore; there is: {others}"), others=others or _("none"))


@rows.add(
    "reprotect-datastore-input-nonempty",
    statement=N_("The datastore input of reprotect has something to offer."),
    seed="MT section, step 10",
    subject="master-target",
    worst="fail",
    consequence_of=["mt-host-vmfs", "mt-vmware-tools", "mt-tools-datastore-discovery", "vcenter-permissions"],
    remedies=["refresh-configuration-server"],
    cause=N_(
        "It shows what site recovery has discovered on the master target's host; nothing discovered, nothing shown."
    ),
    action=N_("Check VMFS, VMware Tools and the account's privileges, then refresh the configuration server."),
)
def datastore_input_is_filled(case: Case, target: Target) -> Judgement:
    """Judge site recovery's own list for the master target."""
    listed = target.registered.value.datastores.value
    if listed:
        return passed(_("it offers {datastores}"), datastores=[one.name for one in listed])
    return fail(_("site recovery lists no datastore for it"), count=0)


@rows.add(
    "vcenter-connected",
    statement=N_("The vCenter is registered in the vault, and discovery works."),
    seed="reprotect page",
    subject="vcenter",
    worst="fail",
    remedies=["add-vcenter-record", "refresh-configuration-server"],
    cause=N_("Without discovery site recovery knows neither hosts nor datastores."),
    action=N_("Register the vCenter in the vault, or mend its address, port and account there; then refresh."),
)
def vcenter_is_connected(case: Case, server: ConfigurationServer) -> Judgement:
    """Judge the record of this vCenter: discovery status, heartbeat, and the errors it carries."""
    record = record_of(case)
    if record is None:
        return fail(_("the vault knows no vCenter"), remedies=["add-vcenter-record"])
    return all_hold(
        lambda: judge_discovery(record, ["refresh-configuration-server"]),
        lambda: _is_heard_of(case, record),
        lambda: judge_errors(record.health_errors),
    )


def _is_heard_of(case: Case, record: VCenterRecord) -> Judgement:
    last = record.last_heartbeat
    return (passed if is_fresh(case, last) else warn)(
        _("heartbeat {minutes} minutes ago"),
        minutes=age(case, last),
        last=last.value,
        remedies=["refresh-configuration-server"],
    )


@rows.add(
    "vcenter-permissions",
    statement=N_("The account that site recovery uses has the failback role."),
    seed="prepare-on-prem; reprotect page",
    subject="account",
    worst="fail",
    remedies=["grant-vcenter-role"],
    cause=N_(
        "An account that may only read gives an empty list of datastores, and failback cannot make or attach disks."
    ),
    action=N_("Give the account the role Azure_Site_Recovery at the datacenter, propagated to its children."),
)
def account_has_role(case: Case, user: str) -> Judgement:
    """Compare what the account holds on each object with the role that Microsoft's page lists."""
    held = _held(case)
    missing = failback_role.missing(held)
    values = {"user": Outside(user), "objects": len(held)}
    if missing:
        return fail(_("{user} lacks {missing}"), **values, missing=list(missing))
    _asked_everywhere(case)
    return passed(_("{user} has every privilege on the {objects} objects asked about"), **values)


@rows.add(
    "same-vcenter-and-cs",
    statement=N_("The machines come home to the vCenter and the configuration server they came from."),
    seed="types-of-failback; reprotect",
    subject="vcenter",
    worst="warn",
    cause=N_("One of Microsoft's pages allows only the original vCenter, another one also a discovered alternate one."),
    action=N_("Choose the original vCenter where it still exists. After a rebuild, update its address in the vault."),
)
def vcenter_is_the_original(case: Case, server: ConfigurationServer) -> Judgement:
    """Compare the ids under which the machines were protected, and the vCenter's address in the vault and here."""
    record = record_of(case)
    if record is None:
        return not_applicable(_("the vault knows no vCenter to compare with"))
    return all_hold(lambda: _came_from_here(case, server, record), lambda: judge_address(case, record))


def _came_from_here(case: Case, server: ConfigurationServer, record: VCenterRecord) -> Judgement:
    """Judge where the machines were protected; physical machines have no vCenter."""
    here = record.infrastructure_id.value.casefold()
    strangers = [Outside(one.name) for one in case.machines.value if _came_from_elsewhere(one, here, server)]
    if strangers:
        return warn(_("{machines} came from another vCenter or configuration server"), machines=strangers)
    return passed(_("all machines came from here"))


def _came_from_elsewhere(machine: Machine, here: str, server: ConfigurationServer) -> bool:
    home = machine.item.vcenter_infrastructure_id.value
    return (home is not None and home.casefold() != here) or not same_id(machine.item.fabric_id, server.id)


@rows.add(
    "no-free-esxi",
    statement=N_("The master target's ESXi host is licensed; the free edition is no target of failback."),
    seed="reprotect page",
    subject="esxi-host",
    worst="fail",
    cause=N_("The free edition offers only a part of the vSphere API, and that part cannot write."),
    action=N_("Assign a licence to the host, or choose a master target on a licensed one."),
)
def host_is_licensed(case: Case, used: HostInUse) -> Judgement:
    """Judge the edition key of the assigned licence; one nobody knows, a person vouches for."""
    edition = used.host.licence_edition.value
    if edition is None:
        return attest(_("no licence is read for {host}; vouch that it is not the free edition"), host=used.host.name)
    values = {"host": used.host.name, "edition": Outside(edition)}
    if is_free_edition(edition):
        return fail(_("{host} has the free edition ({edition})"), **values)
    if is_evaluation(edition):
        return warn(_("{host} runs on an evaluation licence ({edition}), which ends"), **values)
    if is_paid_edition(edition):
        return passed(_("{host} is licensed as {edition}"), **values)
    return attest(_("{host} is licensed as {edition}; vouch that this is not the free edition"), **values)


@rows.add(
    "temp-disk-excluded",
    statement=N_("The temporary disk of the Azure VM is left out of the reprotect request."),
    seed="old failback doc; Az PowerShell source",
    subject="machine",
    worst="info",
)
def temporary_disk_is_left_out(case: Case, machine: Machine) -> Judgement:
    """Tell that the exclusion is always in the request, whether or not the size brings such a disk."""
    vm = machine.azure_vm.or_else(None)
    has_one = vm.has_temporary_disk.or_else(None) if vm else None
    size = Outside(vm.size.or_else(_("unread"))) if vm else _("unread")
    words = {True: _("brings one"), False: _("brings none"), None: _("is not known to bring one")}[has_one]
    return info(_("the request always excludes it; size {size} {words}"), size=size, words=words)
