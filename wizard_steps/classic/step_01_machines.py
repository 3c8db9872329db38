"""Step 1: failed-over machines."""

from __future__ import annotations

from wizard_steps.requirement import Requirements, Step
from wizard_steps.wording import N_

STEP = Step(1, "machines", N_("Failed-over machines"))
rows = Requirements(STEP)
