"""Step 9: retention drive."""

from __future__ import annotations

from wizard_steps.requirement import Requirements, Step
from wizard_steps.wording import N_

STEP = Step(9, "retention-drive", N_("Retention drive"))
rows = Requirements(STEP)
