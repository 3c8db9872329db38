"""What the operator decides: choices, what is vouched for, and what the rehearsal's engineer is asked to do."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from failback.changes.journal import operator_name
from tui.dialogs.choice_dialog import ChoiceDialog
from tui.dialogs.yes_dialog import YesDialog
from tui.job import Job
from tui.navigation import Navigation
from tui.screens.picker_screen import PickerScreen
from tui.views import choosing
from tui.views.candidates import Candidate, candidates
from tui.views.choosing import Slot
from wizard_steps.case import Case, Machine
from wizard_steps.outside import visible
from wizard_steps.requirement import Finding, Status
from wizard_steps.wording import _

_SHOWN = 12


class Deciding(Navigation):
    """The part of the application that takes decisions; they are kept in the profile and change nothing outside."""

    def ask_what_to_choose(self, page_id: str) -> None:
        """Ask what is to be chosen; where a page is about one thing only, go there at once."""
        known = self.needs_report()
        if known is None:
            return
        step = next((page.number for page in self.pages if page.id == page_id), None)
        found = choosing.slots(known[1], step) or choosing.slots(known[1])
        if len(found) == 1:
            self.open_picker(found[0])
            return
        lines = [(slot.key, Text(slot.sentence)) for slot in found]
        by_key = {slot.key: slot for slot in found}
        self.push_screen(
            ChoiceDialog(_("Choose what?"), lines, ascii_only=self.marks.ascii),
            lambda key: self.open_picker(by_key[key]) if key else None,
        )

    def open_picker(self, slot: Slot) -> None:
        """Judge every candidate in a thread, then show them."""
        known = self.needs_report()
        if known is None:
            return
        site, case, _report = known
        self.start_job(
            Job(
                _("judging every candidate"),
                lambda _p, _c: candidates(case, slot, site.engine.judge),
                lambda found: self.push_screen(PickerScreen(slot, found)),
            )
        )

    def take(self, slot: Slot, candidate: Candidate) -> None:
        """Take a candidate; one that cannot be taken as it stands is asked about, for it may be mended afterwards."""
        if candidate.refusal is None:
            self._keep(slot, candidate.value)
            return
        body = Text(
            _("{name} cannot be taken as it stands: {reason}").format(
                name=candidate.name.shown(), reason=candidate.refusal
            )
            + "\n\n"
        )
        body.append(_("It can be chosen all the same, to be mended before reprotect."))
        self.push_screen(
            YesDialog(_("Choose it all the same?"), body, deed=_("choose it")),
            lambda yes: self._keep(slot, candidate.value) if yes else None,
        )

    def _keep(self, slot: Slot, value: str) -> None:
        known = self.needs_report()
        if known is None:
            return
        site, case, _report = known
        choices = choosing.with_choice(case, slot, value)

        def back() -> None:
            if isinstance(self.screen, PickerScreen):
                self.pop_screen()

        self.work_on_case(_("keeping the choice"), lambda: site.engine.choose(choices), after=back)

    def change_location(self, machine: Machine) -> None:
        """Let a machine come home to its original place, or to another."""
        known = self.needs_report()
        if known is None:
            return
        mode = "original" if machine.location.or_else(None) == "alternate" else "alternate"
        choices = choosing.with_location(known[1], machine, mode)
        self.work_on_case(_("keeping the choice"), lambda: known[0].engine.choose(choices))

    def ask_to_vouch(self, findings: Sequence[Finding]) -> None:
        """Show what the operator would vouch for, and under which name."""
        known = self.needs_report()
        wanted = [one for one in findings if one.status is Status.ATTEST]
        if known is None or not wanted:
            return
        engine, name = known[0].engine, operator_name()
        body = Text(_(wanted[0].requirement.statement) + "\n\n", "bold")
        for one in wanted[:_SHOWN]:
            body.append(f"{visible(one.subject.name)}: {one.evidence}\n", "not bold")
        if len(wanted) > _SHOWN:
            body.append(_("and {count} more").format(count=len(wanted) - _SHOWN) + "\n", "not bold")
        body.append(
            "\n"
            + _("It is kept in the profile under your name, {who}, and counts for {hours} hours.").format(
                who=visible(name), hours=engine.profile.limits.attestation_hours
            ),
            "not bold",
        )

        def vouch() -> Case:
            for one in wanted[:-1]:
                engine.attest(one.requirement.id, one.subject.name, name)
            return engine.attest(wanted[-1].requirement.id, wanted[-1].subject.name, name)

        self.push_screen(
            YesDialog(_("Do you vouch for this?"), body, deed=_("I have checked it and vouch for it")),
            lambda yes: self.work_on_case(_("keeping your word"), vouch) if yes else None,
        )

    def play_engineer(self, findings: Sequence[Finding]) -> None:
        """Let the rehearsal's site engineer do what the findings ask of a person; then look again."""
        rehearsal = self.site.rehearsal if self.site else None
        if rehearsal is None:
            return
        actions = [action for one in findings for action in rehearsal.actions_for(one)]
        lines = [(str(place), Text(action.title)) for place, action in enumerate(actions)]

        def perform(key: str | None) -> None:
            if key is not None:
                action = actions[int(key)]
                self.start_job(
                    Job(
                        _("the site engineer is at it"),
                        lambda _p, _c: rehearsal.perform(action),
                        lambda _done: self.look(probe=self.is_probed),
                    )
                )

        body = Text(
            _("Only in a rehearsal: on a real site somebody has to do this. Enter lets the site engineer do it.")
        )
        self.push_screen(
            ChoiceDialog(_("Play the site engineer"), lines, body=body, ascii_only=self.marks.ascii), perform
        )
