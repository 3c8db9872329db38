"""Step 8: the master target's virtual machine: snapshots, SCSI controllers, disk.EnableUUID, VMware Tools, vMotion."""

from __future__ import annotations

from wizard_steps.case import Case, Target
from wizard_steps.requirement import Judgement, Requirements, Step, fail, passed
from wizard_steps.wording import N_, _

STEP = Step(8, "master-target-vm", N_("Master target VM"))
rows = Requirements(STEP)


@rows.add(
    "mt-disk-enableuuid",
    statement=N_("The master target's VM has disk.EnableUUID set to TRUE."),
    seed="MT section, step 7",
    subject="master-target",
    worst="fail",
    remedies=["set-enable-uuid"],
    cause=N_("Without it the guest sees no stable disk UUIDs, and the master target mounts the wrong disks."),
    action=N_("Set disk.EnableUUID to TRUE in the VM's configuration parameters; a power cycle makes it effective."),
)
def disk_enable_uuid(case: Case, target: Target) -> Judgement:
    """The configuration row decides; spellings that disagree, or a row against the flag, are a failure (ruling)."""
    rows_found = {key: text.raw for key, text in target.vm.value.extra_config.value.items() if key.casefold() == "disk.enableuuid"}
    flag = target.vm.value.disk_uuid_flag.value
    values = {text.casefold() for text in rows_found.values()}
    if not rows_found:
        return fail(_("the row disk.EnableUUID is missing"), flag=flag)
    if values != {"true"}:
        return fail(_("disk.EnableUUID is {value}"), value=" / ".join(sorted(rows_found.values())), flag=flag)
    if not flag:
        return fail(_("disk.EnableUUID is TRUE, but the VM's own flag says it is off"), flag=flag)
    return passed(_("disk.EnableUUID is TRUE"), flag=flag)
