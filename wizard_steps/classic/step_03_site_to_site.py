"""Step 3: site-to-site connection."""

from __future__ import annotations

from wizard_steps.requirement import Requirements, Step
from wizard_steps.wording import N_

STEP = Step(3, "site-to-site", N_("Site-to-site connection"))
rows = Requirements(STEP)
