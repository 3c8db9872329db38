"""What the pages of the wizard share: turning them, looking again, going to a step."""

from __future__ import annotations

from textual import events
from textual.binding import Binding

from tui.screens.wizard_screen import WizardScreen
from wizard_steps.wording import N_

SPEEDS = (0.0, 1.0, 10.0, 60.0)

_ALONE = frozenset(
    {
        "look",
        "probe",
        "look_inside",
        "plan_all",
        "choose",
        "fix",
        "vouch",
        "engineer",
        "history",
        "rights",
        "write_report",
        "write_requests",
        "take_or_leave",
        "all",
        "location",
    }
)
"""Actions that wait for the work that is under way; their keys say so meanwhile."""


class PageScreen(WizardScreen):
    """A page: the machines, a step, or the verdict."""

    SHOWS_STEPS = True
    PROBED = False  # a page whose rows Azure's probes may answer
    BINDINGS = [
        Binding("n", "turn(1)", N_("Next")),
        Binding("escape,b,backspace", "back", N_("Back")),
        Binding("r", "look", N_("Look again")),
        Binding("l", "probe", N_("Look with probes")),
        Binding("g", "go", N_("Go to")),
        Binding("p", "plan_all", N_("Plan")),
        Binding("c", "choose", N_("Choose")),
        Binding("h", "history", N_("History")),
        Binding("u", "rights", N_("Account and rights")),
        Binding("w", "write_report", N_("Write report")),
        Binding("s", "speed", N_("Clock")),
        *(Binding(str(digit), f"step({digit or 10})", show=False) for digit in range(10)),
        Binding("m", "page('machines')", N_("Machines"), show=False),
        Binding("t", "page('verdict')", N_("Verdict"), show=False),
    ]

    def on_key(self, event: events.Key) -> None:
        """Say that a key waits for the work that is under way, instead of dropping it."""
        bound = self._bindings.key_to_bindings.get(event.key, ())
        if any(one.action in _ALONE for one in bound) and self.wizard.refuse_while_busy():
            event.stop()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A rehearsal alone has a clock to turn, and probes at every look; a read-only wizard plans nothing."""
        site = self.site
        if action == "probe":
            return self.is_probed_by_key
        if action == "speed":
            return site is not None and site.rehearsal is not None
        if action in ("plan_all", "choose", "rights", "write_report"):
            return site is not None and site.report is not None
        return super().check_action(action, parameters)

    def action_turn(self, offset: int) -> None:
        """Turn to the next page, or the one before."""
        self.wizard.turn(self.page_id, offset)

    def go_back(self) -> None:
        """Turn back; from the first page to the profiles."""
        self.wizard.turn(self.page_id, -1)

    def action_look(self) -> None:
        """Read everything again."""
        self.wizard.look()

    @property
    def is_probed_by_key(self) -> bool:
        """Whether this page has the key that asks Azure's probes; a rehearsal probes at every look."""
        return self.PROBED and self.site is not None and self.site.rehearsal is None

    def action_probe(self) -> None:
        """Read everything again, and ask Azure's network probes, which may take minutes."""
        self.wizard.look(probe=True)

    def action_go(self) -> None:
        """Ask where to go."""
        self.wizard.ask_where_to_go()

    def action_step(self, number: int) -> None:
        """Go to a step."""
        self.wizard.go_to(f"step-{number}")

    def action_page(self, page_id: str) -> None:
        """Go to a page."""
        self.wizard.go_to(page_id)

    def action_plan_all(self) -> None:
        """Plan everything that has a remedy."""
        self.wizard.plan(None)

    def action_choose(self) -> None:
        """Choose what this page is about."""
        self.wizard.ask_what_to_choose(self.page_id)

    def action_history(self) -> None:
        """Show what was changed."""
        self.wizard.show_history()

    def action_rights(self) -> None:
        """Show as whom one is signed in, and with which rights."""
        self.wizard.show_rights()

    def action_write_report(self) -> None:
        """Write the report to a file."""
        self.wizard.ask_where_to_write()

    def action_speed(self) -> None:
        """Turn the rehearsal's clock to the next speed."""
        if self.site is not None and self.site.rehearsal is not None:
            clock = self.site.rehearsal.clock
            faster = [speed for speed in SPEEDS if speed > clock.speed]
            clock.speed = faster[0] if faster else SPEEDS[0]
            self.show_site()
