"""The rule pack of the classic architecture: ten steps, in the order in which an operator takes them."""

from __future__ import annotations

from wizard_steps.classic import (
    step_01_machines,
    step_02_configuration_server,
    step_03_site_to_site,
    step_04_process_server,
    step_05_ports,
    step_06_failback_policy,
    step_07_master_target,
    step_08_master_target_vm,
    step_09_retention_drive,
    step_10_host_and_datastore,
)
from wizard_steps.requirement import Requirement, Step

_MODULES = (
    step_01_machines,
    step_02_configuration_server,
    step_03_site_to_site,
    step_04_process_server,
    step_05_ports,
    step_06_failback_policy,
    step_07_master_target,
    step_08_master_target_vm,
    step_09_retention_drive,
    step_10_host_and_datastore,
)

STEPS: tuple[Step, ...] = tuple(module.STEP for module in _MODULES)
REQUIREMENTS: tuple[Requirement, ...] = tuple(row for module in _MODULES for row in module.rows.rows)
