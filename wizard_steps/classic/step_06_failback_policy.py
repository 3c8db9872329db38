"""Step 6: failback policy."""

from __future__ import annotations

from wizard_steps.requirement import Requirements, Step
from wizard_steps.wording import N_

STEP = Step(6, "failback-policy", N_("Failback policy"))
rows = Requirements(STEP)
