"""The steps whose rows fill more than one module: the parts and the step's own module share them from here."""

from __future__ import annotations

from wizard_steps.requirement import Step
from wizard_steps.wording import N_

MACHINES = Step(1, "machines", N_("Failed-over machines"))
CONFIGURATION_SERVER = Step(2, "configuration-server", N_("Configuration server"))
PROCESS_SERVER = Step(4, "process-server", N_("Process server in Azure"))
MASTER_TARGET = Step(7, "master-target", N_("Master target"))
MASTER_TARGET_VM = Step(8, "master-target-vm", N_("Master target VM"))
RETENTION_DRIVE = Step(9, "retention-drive", N_("Retention drive"))
HOST_AND_DATASTORE = Step(10, "host-and-datastore", N_("ESXi host and datastore"))
