"""The command palette: every action of the screen in front, and every page, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from wizard_steps.wording import _

if TYPE_CHECKING:
    from tui.app import FailbackApp

_NOT_LISTED = (
    "cursor",
    "scroll",
    "page_down",
    "page_up",
    "app.focus",
    "select_cursor",
    "command_palette",
    "screen.copy",
)


class WizardCommands(Provider):
    """Offers what the screen behind the palette can do now."""

    def _commands(self) -> Iterator[tuple[str, Callable[[], object]]]:
        wizard = cast("FailbackApp", self.app)
        if wizard.site is not None:
            for page in wizard.pages:
                number = _("step {number}: ").format(number=page.number) if page.number is not None else ""
                yield _("Go to {page}").format(page=number + page.title), partial(wizard.go_to, page.id)
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.description and active.enabled and not binding.action.startswith(_NOT_LISTED):
                yield _(binding.description), partial(wizard.run_action, binding.action, active.node)

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for title, act in dict(self._commands()).items():
            yield DiscoveryHit(Content(title), act)

    async def search(self, query: str) -> Hits:
        """What fits what was typed."""
        matcher = self.matcher(query)
        for title, act in dict(self._commands()).items():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), act)
