"""Step 4: process server in Azure."""

from __future__ import annotations

from wizard_steps.requirement import Requirements, Step
from wizard_steps.wording import N_

STEP = Step(4, "process-server", N_("Process server in Azure"))
rows = Requirements(STEP)
