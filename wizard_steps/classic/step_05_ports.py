"""Step 5: ports."""

from __future__ import annotations

from wizard_steps.requirement import Requirements, Step
from wizard_steps.wording import N_

STEP = Step(5, "ports", N_("Ports"))
rows = Requirements(STEP)
