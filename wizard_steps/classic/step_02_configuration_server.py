"""Step 2: configuration server."""

from __future__ import annotations

from wizard_steps.requirement import Requirements, Step
from wizard_steps.wording import N_

STEP = Step(2, "configuration-server", N_("Configuration server"))
rows = Requirements(STEP)
