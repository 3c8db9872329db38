"""Writing the report, or a plan, to a file that the operator names; its whole path is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.text import Text

from failback.changes.plan import Plan
from failback.changes.reprotect_requests import requests_of
from failback.errors import InputError
from failback.home import create_private
from failback.report import FORMATS, Heading, write
from tui.dialogs.message_dialog import MessageDialog
from tui.dialogs.text_dialog import TextDialog
from tui.job import Job
from tui.navigation import Navigation
from wizard_steps.outside import visible
from wizard_steps.wording import _

_BY_SUFFIX = {".txt": "text", ".json": "json", ".md": "markdown", ".html": "html", ".xml": "junit"}


class Reporting(Navigation):
    """The part of the application that writes files."""

    def ask_where_to_write(self) -> None:
        """Ask for the report's file; its ending says in which form."""
        known = self.needs_report()
        if known is None:
            return
        site, _case, report = known
        endings = ", ".join(ending for ending, form in _BY_SUFFIX.items() if form in FORMATS)
        name = f"failback-{_plain(site.engine.profile.name)}-{report.taken_at:%Y%m%d-%H%M}.txt"

        def text(path: Path) -> str:
            form = _BY_SUFFIX.get(path.suffix, "text")
            heading = Heading(site.engine.profile.name, site.rehearsal is not None)
            return write(report, heading, form if form in FORMATS else "text")

        self._ask_for_path(
            _("Write the report"), _("The ending says the form: {endings}.").format(endings=endings), name, text
        )

    def ask_where_to_write_plan(self, plan: Plan) -> None:
        """Ask for the plan's file."""
        body = _("A plan that was written can be carried out later: failback apply FILE.")
        self._ask_for_path(_("Write the plan"), body, f"plan-{_plain(plan.profile)}.json", lambda _path: plan.to_text())

    def ask_where_to_write_requests(self) -> None:
        """Ask for the file of the reprotect requests; where no machine is ready, say why instead."""
        known = self.needs_report()
        if known is None:
            return
        site, case, report = known
        if site.is_expired:
            self.tell(_("This verdict has expired: press r."), severity="warning")
            return
        requests = requests_of(case, report)
        if not requests.made:
            self.push_screen(MessageDialog(_("No machine has a reprotect request"), Text(requests.in_words())))
            return
        body = requests.in_words() + "\n" + _("Each comes with the az rest line that sends it.")
        name = f"reprotect-{_plain(site.engine.profile.name)}-{report.taken_at:%Y%m%d-%H%M}.json"
        self._ask_for_path(_("Write the reprotect requests"), body, name, lambda _path: requests.to_text())

    def _ask_for_path(self, title: str, body: str, name: str, text: Callable[[Path], str]) -> None:
        def named(answer: str | None) -> None:
            if answer:
                path = Path(answer).expanduser().absolute()
                self.start_job(Job(_("writing the file"), lambda _p, _c: _written(path, text(path)), self._wrote))

        self.push_screen(TextDialog(title, Text(body), text=str(Path.cwd() / name)), named)

    def _wrote(self, path: Path) -> None:
        self.push_screen(
            MessageDialog(_("Written"), Text(_("The file is {path}").format(path=visible(str(path), 400))))
        )


def _plain(name: str) -> str:
    """Return a name as a part of a file name."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "-" for char in name)[:40]


def _written(path: Path, text: str) -> Path:
    """Write a new file, readable by nobody else; raises `InputError` when there is one already."""
    try:
        create_private(path, text.encode())
    except FileExistsError:
        raise InputError(
            visible(str(path)), _("there is a file of this name already"), _("choose another name")
        ) from None
    except OSError as error:
        raise InputError(
            visible(str(path)),
            _("it cannot be written ({reason})").format(reason=error.strerror),
            _("choose another place"),
        ) from error
    return path
