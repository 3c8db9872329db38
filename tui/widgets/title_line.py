"""The first line of every screen: which site, whether it is a rehearsal, how old what is shown is."""

from __future__ import annotations

from rich.text import Text
from textual.message import Message
from textual.timer import Timer

from tui.site import Site
from tui.views import words
from tui.widgets.line import Line
from wizard_steps.outside import visible
from wizard_steps.wording import _

_EVERY_REAL = 30.0
_EVERY_REHEARSED = 1.0


class TitleLine(Line):
    """Tells the age of what was seen; on a rehearsal, REHEARSAL and its clock. Its timer rests with its screen."""

    class Ticked(Message):
        """Time has passed: what counts it may tell it anew."""

    def __init__(self) -> None:
        super().__init__(id="title")
        self._site: Site | None = None
        self._timer: Timer | None = None

    def show_site(self, site: Site | None) -> None:
        """Tell about this site from now on; None: none is open."""
        fresh = site is not self._site
        self._site = site
        self.tick()
        if fresh and site is not None:
            self.rest()
            every = _EVERY_REAL if site.rehearsal is None else _EVERY_REHEARSED
            self._timer = self.set_interval(every, self._pass_time)

    def rest(self) -> None:
        """Stop telling the time: another screen is in front."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def wake(self) -> None:
        """Tell the time again."""
        site, self._site = self._site, None
        self.show_site(site)

    def _pass_time(self) -> None:
        self.tick()
        self.post_message(self.Ticked())

    def tick(self) -> None:
        """Write the line."""
        left = Text(" failback", style="bold")
        if self._site is None:
            self.say_both(left, Text())
            return
        left.append("  " + visible(self._site.engine.profile.name), "not bold")
        if self._site.engine.read_only:
            left.append("  " + _("read-only"), "bold")
        self.say_both(left, _state(self._site))


def _state(site: Site) -> Text:
    right = Text()
    now = site.engine.clock.now()
    if site.rehearsal is not None:
        speed = site.rehearsal.clock.speed
        right.append(" " + _("REHEARSAL") + " ", "bold reverse")
        right.append(now.strftime(" %H:%M:%S ") + f"x{speed:g}  ")
    if site.report is None:
        right.append(_("not looked yet") + " ")
    else:
        right.append(_("seen {age}").format(age=words.age(site.report.taken_at, now)) + " ")
    return right
