"""Step 10: eSXi host and datastore."""

from __future__ import annotations

from wizard_steps.requirement import Requirements, Step
from wizard_steps.wording import N_

STEP = Step(10, "host-and-datastore", N_("ESXi host and datastore"))
rows = Requirements(STEP)
