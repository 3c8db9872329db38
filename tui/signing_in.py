"""From a profile to an open site: sign in, look once, and only then leave the sign-in screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from failback.errors import (
    CertificateChangedError,
    CertificateUntrustedError,
    FailbackError,
    InterruptedByOperatorError,
    SignInRefusedError,
)
from failback.profiles.model import Profile
from failback.secrets import Secret, SecretName, TypedOrKept
from tui.contract import Engine
from tui.dialogs.device_code_dialog import DeviceCodeDialog
from tui.dialogs.message_dialog import MessageDialog
from tui.dialogs.yes_dialog import YesDialog
from tui.job import Job
from tui.opening import store_for
from tui.recovering import Recovering
from tui.screens.profile_form_screen import ProfileFormScreen
from tui.screens.sign_in_screen import SignInScreen
from tui.site import Site
from tui.views import certificate_text
from wizard_steps.case import Case
from wizard_steps.judge import Report
from wizard_steps.wording import _


class SigningIn(Recovering):
    """The part of the application that opens sites."""

    def open_profile(self, name: str) -> None:
        """Read a profile and ask for its secrets."""
        store = self.store
        if store is not None:
            self.start_job(
                Job(
                    _("reading the profile"),
                    lambda _p, _c: store.load(name),
                    lambda found: self.push_screen(SignInScreen(found)),
                )
            )

    def new_profile(self) -> None:
        """Show the form for a new profile."""
        self.push_screen(ProfileFormScreen())

    def edit_profile(self, name: str) -> None:
        """Show the form for a saved profile."""
        store = self.store
        if store is not None:
            self.start_job(
                Job(
                    _("reading the profile"),
                    lambda _p, _c: store.load(name),
                    lambda found: self.push_screen(ProfileFormScreen(found)),
                )
            )

    def keep_profile(self, profile: Profile, *, is_new: bool) -> None:
        """Write a profile and go on to its sign-in."""
        store = self.store
        if store is not None:
            write = store.create if is_new else store.save
            self.start_job(
                Job(
                    _("writing the profile"),
                    lambda _p, _c: write(profile),
                    lambda kept: self.switch_screen(SignInScreen(kept)),
                )
            )

    def sign_in(self, profile: Profile, typed: Mapping[SecretName, Secret]) -> None:
        """Open the profile's site and look at it; the sign-in screen stays in front until that went well."""
        open_engine = self.open_engine
        if open_engine is None:
            return

        def run(progress: Callable[[str], None], cancelled: Callable[[], bool]) -> tuple[Engine, Case, Report]:
            progress(_("signing in to vCenter and Azure"))
            secrets = store_for(profile, typed)
            engine = open_engine(profile, secrets, self._show_code)
            try:
                case = engine.look(progress, cancelled)
                opened = engine, case, engine.judge(case)
            except BaseException:
                engine.close()  # one side may be signed in already
                raise
            self._tell_from_thread(engine.rights(None, progress, cancelled).told())
            if isinstance(secrets, TypedOrKept) and (error := secrets.keep_what_worked()):
                self._tell_from_thread(error.message(), severity="warning")
            return opened

        self.start_job(Job(_("signing in"), run, self._signed_in, lambda error: self._refused(error, profile, typed)))

    def _tell_from_thread(self, sentence: str, *, severity: str = "information") -> None:
        if sentence:
            self.call_from_thread(self.tell, sentence, severity=severity)

    def _signed_in(self, result: tuple[Engine, Case, Report]) -> None:
        self._forget_code()
        if self.site is not None:
            self.site.engine.close()
        self.site = Site(*result)
        if isinstance(self.screen, SignInScreen):
            self.pop_screen()
        self.open_pages()
        self.ask_about_unfinished()

    def _refused(self, error: FailbackError, profile: Profile, typed: Mapping[SecretName, Secret]) -> None:
        self._forget_code()
        if isinstance(error, InterruptedByOperatorError):
            self.tell(_("The sign-in was stopped."))
            return
        if isinstance(error, SignInRefusedError) and isinstance(self.screen, SignInScreen):
            self.screen.clear()
        if isinstance(error, CertificateChangedError) and error.seen:
            # A hard stop: whoever is in a hurry must not be able to wave it through where it is shown.
            self.push_screen(
                MessageDialog(
                    _("The certificate of this vCenter has changed"), certificate_text.changed(profile, error)
                )
            )
        elif isinstance(error, CertificateUntrustedError) and hasattr(error, "certificate"):
            certificate = error.certificate
            body = certificate_text.first_contact(profile, certificate, error.why)
            self.push_screen(
                YesDialog(_("First contact with this vCenter"), body, deed=_("they are the same: pin it and sign in")),
                lambda yes: self._pin(profile, certificate.sha256, typed) if yes else None,
            )
        else:
            self.show_error(error)

    def _pin(self, profile: Profile, fingerprint: str, typed: Mapping[SecretName, Secret]) -> None:
        """Keep the accepted certificate in the profile, then sign in to nothing but it."""
        store = self.store
        if store is None:
            return
        pinned = profile.with_pinned_certificate(fingerprint)

        def done(saved: Profile) -> None:
            self.sign_in(saved, typed)

        self.start_job(Job(_("keeping the certificate"), lambda _p, _c: store.save(pinned), done))

    def _show_code(self, code: Any) -> None:
        """Show a device code; called from the thread that signs in, which goes on waiting meanwhile."""
        self.call_from_thread(self.push_screen, DeviceCodeDialog(code), lambda _answer: self.stop_job())

    def _forget_code(self) -> None:
        """Take away the dialog with the code: the sign-in has ended, one way or the other."""
        if isinstance(self.screen, DeviceCodeDialog):
            self.pop_screen()
