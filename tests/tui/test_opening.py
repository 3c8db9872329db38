from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from textual.widgets import Button, Input

from failback.errors import (
    CertificateChangedError,
    CertificateUntrustedError,
    FailbackError,
    ProfileError,
    SignInRefusedError,
)
from failback.profiles.model import Profile
from failback.secrets import SecretName, SecretStore
from tests.tui.fake_engine import FakeEngine, FakeStore, profile
from tests.tui.walking import Walk, walking
from tui.dialogs.yes_dialog import YesDialog
from wizard_steps.choices import Limits
from wizard_steps.outside import Outside

PASSWORD = "canary-9c41"
OLD, NEW = ":".join(["AB"] * 32), ":".join(["CD"] * 32)


class Opener:
    """Opens engines, and refuses as often as it is told to."""

    def __init__(self, *errors: FailbackError) -> None:
        self.errors = list(errors)
        self.engine = FakeEngine()
        self.passwords: list[str] = []
        self.pins: list[str | None] = []

    def __call__(self, site: Profile, secrets: SecretStore, show_code: Any) -> FakeEngine:
        if site.secret_store == "ask":
            self.passwords.append(secrets.get(SecretName.VCENTER_PASSWORD, "anybody").reveal())
        self.pins.append(site.vcenter.certificate_sha256)
        if self.errors:
            raise self.errors.pop(0)
        return self.engine


class Certificate:
    subject, issuer = Outside("CN=vcenter"), Outside("CN=CA [/]")
    not_before = not_after = datetime(2026, 1, 1, tzinfo=timezone.utc)
    sha256 = NEW


async def _sign_in(walk: Walk) -> None:
    await walk.press("enter")
    assert walk.screen == "SignInScreen"
    await walk.press(*PASSWORD, "enter")


async def test_with_no_profile_the_first_screen_says_how_to_make_one() -> None:
    async with walking(store=FakeStore(), open_engine=Opener()) as walk:
        assert "Press n to make one" in walk.text
        await walk.press("b", "enter")
        assert walk.screen == "ProfilesScreen"


async def test_a_profile_with_a_mistake_is_listed_with_the_mistake() -> None:
    store = FakeStore(profile())
    store.broken["osaka"] = ProfileError("osaka.toml", "line 4: unknown key hots, do you mean host", "mend it")
    async with walking(store=store, open_engine=Opener()) as walk:
        assert any("line 4: unknown key hots" in line for line in walk.lines)
        await walk.go_to_line("osaka")
        await walk.press("enter")
        assert walk.screen == "MessageDialog"
        await walk.press("enter")
        assert walk.screen == "ProfilesScreen"


async def test_the_password_is_asked_for_hidden_used_and_shown_nowhere() -> None:
    opener = Opener()
    async with walking(store=FakeStore(profile()), open_engine=opener) as walk:
        await walk.press("enter")
        await walk.press(*PASSWORD)
        assert PASSWORD not in walk.text
        assert "operator@vsphere.local" in walk.text
        await walk.press("enter")
        assert opener.passwords == [PASSWORD]
        assert walk.screen == "MachinesScreen"


async def test_nothing_is_sent_while_the_password_is_missing() -> None:
    opener = Opener()
    async with walking(store=FakeStore(profile()), open_engine=opener) as walk:
        await walk.press("enter", "enter")
        assert "nothing was sent" in walk.text
        assert opener.pins == []


async def test_a_refused_password_is_one_sentence_and_the_form_waits_for_another() -> None:
    opener = Opener(SignInRefusedError("vCenter", "the password was refused", "check it, then sign in again"))
    async with walking(store=FakeStore(profile()), open_engine=opener) as walk:
        await _sign_in(walk)
        assert "the password was refused" in walk.text
        await walk.press("enter")
        assert walk.app.screen.query_one(Input).value == ""
        await walk.press(*PASSWORD, "enter")
        assert walk.screen == "MachinesScreen"


async def test_at_first_contact_the_certificate_is_shown_and_pinned_only_by_y() -> None:
    refused = CertificateUntrustedError("vCenter", "its certificate is not trusted", "compare it")
    refused.certificate = Certificate()  # type: ignore[attr-defined]
    store, opener = FakeStore(profile()), Opener(refused)
    async with walking(store=store, open_engine=opener) as walk:
        await _sign_in(walk)
        assert isinstance(walk.app.screen, YesDialog)
        assert NEW[:48] in walk.text
        assert isinstance(walk.app.focused, Button)
        await walk.press("enter")
        assert walk.screen == "SignInScreen"
        assert store.kept["ready"].vcenter.certificate_sha256 is None
        opener.errors.append(refused)
        await walk.press("f2", "y")
        await walk.settle(lambda: walk.screen == "MachinesScreen")
        assert store.kept["ready"].vcenter.certificate_sha256 == NEW
        assert opener.pins[-1] == NEW


async def test_a_changed_certificate_stops_hard_shows_both_and_cannot_be_accepted_there() -> None:
    changed = CertificateChangedError("vCenter", "its certificate has changed", "ask", pinned=OLD, seen=NEW)
    pinned = profile().with_pinned_certificate(OLD)
    store, opener = FakeStore(pinned), Opener(changed)
    async with walking(store=store, open_engine=opener) as walk:
        await _sign_in(walk)
        assert walk.screen == "MessageDialog"
        assert OLD[:48] in walk.text
        assert NEW[:48] in walk.text
        assert not walk.app.screen.query(Input)
        await walk.press("y", "tab", "enter")
        assert store.kept["ready"].vcenter.certificate_sha256 == OLD
        assert opener.pins == [OLD], "nothing was tried again"
        assert walk.screen == "SignInScreen"


async def test_with_secrets_from_elsewhere_enter_signs_in_at_once() -> None:
    stored = replace(profile(), secret_store="environment")
    async with walking(store=FakeStore(stored), open_engine=Opener()) as walk:
        await walk.press("enter")
        assert "No secret is asked for" in walk.text
        await walk.press("enter")
        assert walk.screen == "MachinesScreen"


async def test_a_sign_in_that_hangs_can_be_stopped_and_the_form_stays() -> None:
    opener = Opener()
    opener.engine.gate.clear()
    async with walking(store=FakeStore(profile()), open_engine=opener) as walk:
        await walk.press("enter", *PASSWORD)
        await walk.pilot.press("enter")
        await walk.pilot.pause()
        await walk.pilot.press("f2")
        walk.app.stop_job()
        await walk.settle(lambda: walk.app.job is None)
        assert walk.screen in {"SignInScreen", "MessageDialog"}


async def test_a_new_profile_is_made_by_keys_and_leads_to_the_sign_in() -> None:
    store = FakeStore()
    async with walking(store=store, open_engine=Opener()) as walk:
        await walk.press("n", "f2")
        assert "name of the profile" in walk.text
        for value in ("osaka", "vc1", "operator", "sub", "", None, "", "group", "vault"):
            if value is not None:
                await walk.press(*value)
            await walk.press("enter")
        await walk.press("f2")
        assert walk.screen == "SignInScreen"
        assert store.kept["osaka"].vcenter.host == "vc1"


async def test_a_pinned_certificate_is_cleared_in_the_form_and_everything_else_stays() -> None:
    saved = replace(profile().with_pinned_certificate(OLD), limits=Limits(verdict_minutes=3))
    store = FakeStore(saved)
    async with walking(store=store, open_engine=Opener()) as walk:
        await walk.press("e")
        assert walk.screen == "ProfileFormScreen"
        pin = walk.app.screen.query_one("#field-pin", Input)
        assert pin.value == OLD
        pin.value = ""
        await walk.press("f2")
        assert walk.screen == "SignInScreen"
        assert store.kept["ready"] == replace(saved, vcenter=replace(saved.vcenter, certificate_sha256=None))


async def test_the_form_says_which_words_a_line_admits_and_completes_one_that_was_begun() -> None:
    async with walking(store=FakeStore(), open_engine=Opener()) as walk:
        await walk.press("n")
        assert "device-code" not in walk.text
        await walk.press(*["down"] * 5)
        assert "azure-cli, device-code, client-secret, client-certificate, managed-identity" in walk.text
        await walk.press(*["backspace"] * len("azure-cli"), *"dev")
        await walk.press("right")
        assert walk.app.screen.query_one("#field-sign_in", Input).value == "device-code"


@pytest.mark.parametrize("name", ["[/]", "a\x1b]0;x\x07"])
async def test_a_profile_of_any_name_breaks_no_screen(name: str) -> None:
    async with walking(store=FakeStore(profile(name=name)), open_engine=Opener()) as walk:
        await _sign_in(walk)
        assert "\x1b" not in walk.text
        await walk.press("escape")
        assert walk.screen == "ProfilesScreen"


async def test_opening_another_site_signs_out_of_the_one_before() -> None:
    first, second = FakeEngine(), FakeEngine()
    opener = Opener()
    opener.engine = first
    async with walking(store=FakeStore(profile()), open_engine=opener) as walk:
        await _sign_in(walk)
        await walk.press("escape")
        opener.engine = second
        await _sign_in(walk)
        assert (first.closed, second.closed) == (True, False)
