"""Step 7, continued: what the machines and their consistency groups ask of the master target."""

from __future__ import annotations

from functools import partial

from wizard_steps.case import Case, Machine, read, same_id
from wizard_steps.classic.long_steps import MASTER_TARGET
from wizard_steps.classic.operating_systems import LINUX, family, is_same_or_newer, version_of
from wizard_steps.outside import Outside
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Judgement, Requirements, fail, info, not_applicable, passed, unknown, warn
from wizard_steps.seen_in_azure import MasterTarget
from wizard_steps.subjects import ConsistencyGroup
from wizard_steps.wording import N_, _

rows = Requirements(MASTER_TARGET)


@rows.add(
    "mvm-same-os-family",
    statement=N_("The machines of a consistency group are all Windows or all Linux."),
    seed="components table, MT, para 3",
    subject="consistency-group",
    worst="fail",
    cause=N_("A group shares one master target, and a master target serves one family of operating systems."),
    action=N_(
        "The group cannot be reprotected as it is. Ask Microsoft support; regrouping means disabling and enabling "
        "replication, which this stage does not allow."
    ),
)
def group_has_one_family(case: Case, group: ConsistencyGroup) -> Judgement:
    """Compare the members; a group is an id that two or more items share: single machines carry one as well."""
    families = [(one.name, family(one.item.os_type.value)) for one in group.machines]
    shown = [f"{Outside(name).shown()} {kind}" for name, kind in families]
    return (passed if len({kind for _name, kind in families}) == 1 else fail)(_("{members}"), members=shown)


@rows.add(
    "mvm-same-mt",
    statement=N_("The machines of a consistency group come home through one master target."),
    seed="components table, MT, para 3",
    subject="consistency-group",
    worst="fail",
    cause=N_("Machines that are replicated as one are written by one master target."),
    action=N_(
        "Choose the same master target for every machine of the group; where a part is reprotected already, that one."
    ),
)
def group_shares_target(case: Case, group: ConsistencyGroup) -> Judgement:
    """Count members reprotected already with the target they use; one that was left out splits the group in time."""
    batch = {one.item.id for one in case.machines.value}
    going = [one for one in group.machines if one.is_reprotected.value or one.item.id in batch]
    left_out = [Outside(one.name) for one in group.machines if one not in going]
    targets = [(one.name, _target_id(one)) for one in going]
    ids = {target.casefold() for _name, target in targets}
    if len(ids) > 1:
        return fail(
            _("they go different ways: {ways}"),
            ways=[f"{Outside(name).shown()} -> {_target_name(case, target)}" for name, target in targets],
        )
    if left_out:
        return warn(
            _("{machines} of this group are not among the chosen machines"),
            machines=left_out,
            action=_("Choose every machine of the group, so that they are reprotected together."),
        )
    return passed(
        _("{count} machines, all through {target}"),
        count=len(targets),
        target=_target_name(case, targets[0][1]),
    )


def _target_id(machine: Machine) -> str:
    """Return the site recovery id of the target a machine uses, or is to use; raises `NotSeen`."""
    if not machine.is_reprotected.value:
        return machine.target.value.registered.value.id
    used = machine.item.master_target_id.value
    if used is None:
        raise NotSeen(
            _("site recovery does not say which master target {machine} uses").format(
                machine=Outside(machine.name).shown()
            )
        )
    return used


def _target_name(case: Case, target_id: str) -> str:
    known = case.server.value.master_targets.value
    return next((one.name.shown() for one in known if same_id(one.id, target_id)), Outside(target_id).shown())


@rows.add(
    "mt-os-same-or-newer",
    statement=N_("The master target runs the machine's operating system, in the same version or a newer one."),
    seed="components table, MT, para 3",
    subject="machine",
    worst="fail",
    consequence_of=["mvm-same-os-family"],
    cause=N_("An older system cannot mount every file system that a newer one has written."),
    action=N_("Choose a master target of the same family and the same version or a newer one, or deploy one."),
)
def target_is_new_enough(case: Case, machine: Machine) -> Judgement:
    """Compare Windows by NT version, Linux by family alone: a Linux master target is always Ubuntu."""
    target = machine.target.value
    mine, its = family(machine.item.os_type.value), family(target.registered.value.os_type.value)
    if mine != its:
        return fail(_("the machine runs {mine}, {target} runs {its}"), mine=mine, target=Outside(target.name), its=its)
    if mine == LINUX:
        return passed(_("both run Linux"), mine=mine, its=its)
    text = machine.item.os_version.value
    if text is None:
        return unknown(_("site recovery does not state the machine's Windows version"))
    values = {"machine": text, "target": version_of(target)}
    verdict = is_same_or_newer(values["target"].raw, text.raw)
    if verdict is None:
        return unknown(_("these versions cannot be compared: machine {machine}, master target {target}"), **values)
    return (passed if verdict else fail)(_("the machine runs {machine}, the master target {target}"), **values)


@rows.add(
    "mt-create-matching-os",
    statement=N_("There is a master target for the machine's family of operating systems."),
    seed="MT section, step 2",
    subject="machine",
    worst="fail",
    consequence_of=["mt-os-same-or-newer", "mvm-same-os-family"],
    cause=N_("No registered master target can take this machine."),
    action=N_("Deploy one: Windows with the unified setup on a VM, Linux on an Ubuntu VM with Microsoft's script."),
)
def family_has_target(case: Case, machine: Machine) -> Judgement:
    """Look for one, chosen or not; whether the chosen one fits is judged in its own row."""
    wanted = family(machine.item.os_type.value)
    known = case.server.value.master_targets.value
    families = [(one.name, read(partial(_family, one))) for one in known]
    fitting = [name for name, its in families if its.was_seen and its.value == wanted]
    if fitting:
        return passed(_("{targets} run {family}"), targets=fitting, family=wanted)
    _all_known = [its.value for _name, its in families]  # one that was not read might be the one
    return fail(
        _("the machine runs {family}; the {count} registered master targets do not"), family=wanted, count=len(known)
    )


def _family(target: MasterTarget) -> str:
    return family(target.os_type.value)


@rows.add(
    "uuid-clash",
    statement=N_("The machine and its master target do not share a UUID."),
    seed="reprotect page",
    subject="machine",
    worst="fail",
    cause=N_("Machines cloned from one template may carry the same UUID; reprotect then fails."),
    action=N_("Deploy the master target anew, not from the template of the machine."),
)
def uuids_differ(case: Case, machine: Machine) -> Judgement:
    """Compare BIOS and instance UUID of both, and the instance UUID that site recovery remembers."""
    target, source = machine.target.value.vm.value, machine.source_vm.value
    remembered = machine.item.infrastructure_vm_id.value
    if source is None and remembered is None:
        return not_applicable(_("a physical machine: it has no UUID in vCenter"))
    its = {target.instance_uuid.value.casefold(), target.bios_uuid.value.casefold()}
    mine = {remembered.casefold()} if remembered else set()
    if source is not None:
        mine |= {source.instance_uuid.value.casefold(), source.bios_uuid.value.casefold()}
    if shared := sorted(mine & its):
        return fail(_("both carry {uuid}"), uuid=shared)
    return passed(_("no UUID is shared"), uuids=sorted(mine))


@rows.add(
    "group-reprotect-by-plan",
    statement=N_("A consistency group is reprotected together."),
    seed="reprotect page; Az PowerShell source",
    subject="consistency-group",
    worst="info",
)
def group_goes_together(case: Case, group: ConsistencyGroup) -> Judgement:
    """Tell both ways: the reprotect page asks for a recovery plan, PowerShell refuses plans here."""
    return info(
        _("{machines}: use a recovery plan in the portal, or submit all their requests one after the other"),
        machines=[Outside(one.name) for one in group.machines],
    )
