"""Step 7: master target."""

from __future__ import annotations

from wizard_steps.requirement import Requirements, Step
from wizard_steps.wording import N_

STEP = Step(7, "master-target", N_("Master target"))
rows = Requirements(STEP)
