"""The forms: what is typed goes where it belongs, is checked, and is not lost without a question."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Button, Input

from failback.secrets import SecretName, SecretStore
from tests.tui.fake_engine import FakeEngine, FakeStore, profile
from tests.tui.test_opening import Opener
from tests.tui.walking import Walk, walking
from tui.dialogs.yes_dialog import YesDialog
from tui.views.profile_fields import fields_of, profile_of
from tui.views.vcenter_address import is_address, split_address


def line(walk: Walk, field_id: str) -> Input:
    return walk.app.screen.query_one(f"#field-{field_id}", Input)


@pytest.mark.parametrize(
    ("typed", "host", "port", "shown"),
    [
        ("vc.example.com", "vc.example.com", 443, "vc.example.com"),
        ("vc.example.com:443", "vc.example.com", 443, "vc.example.com"),
        ("127.0.0.1:35569", "127.0.0.1", 35569, "127.0.0.1:35569"),
        ("[2001:db8::1]:8443", "2001:db8::1", 8443, "[2001:db8::1]:8443"),
        ("[2001:db8::1]", "2001:db8::1", 443, "[2001:db8::1]"),
        ("2001:db8::1", "2001:db8::1", 443, "[2001:db8::1]"),
    ],
)
async def test_the_line_for_vcenter_takes_a_port_and_shows_it_again(
    typed: str, host: str, port: int, shown: str
) -> None:
    store = FakeStore(profile())
    async with walking(store=store, open_engine=Opener()) as walk:
        await walk.press("e")
        line(walk, "host").value = typed
        await walk.press("f2")
        vcenter = store.kept["ready"].vcenter
        assert (vcenter.host, vcenter.port) == (host, port)
        await walk.press("escape", "e")
        assert line(walk, "host").value == shown


@pytest.mark.parametrize(
    "typed",
    [
        "https://vc",
        "vc/sdk",
        "vc:",
        "vc:0",
        "vc:65536",
        "vc:https",
        "vc:44 3",
        "[vc]",
        "[::1]:",
        "::1]:443",
        "-vc",
        "a b",
    ],
)
async def test_what_is_no_address_is_refused_in_the_form_and_nothing_is_saved(typed: str) -> None:
    store = FakeStore(profile())
    before = store.kept["ready"]
    async with walking(store=store, open_engine=Opener()) as walk:
        await walk.press("e", "end")
        line(walk, "host").value = typed
        await walk.press("f2")
        assert walk.screen == "ProfileFormScreen"
        assert 'vCenter: type a name or an IP address, or one with ":port"' in walk.text
        assert walk.app.focused is line(walk, "host")
    assert store.kept["ready"] == before
    assert not is_address(typed)


def test_a_port_of_the_saved_profile_stays_when_the_form_changes_nothing() -> None:
    saved = replace(profile(), vcenter=replace(profile().vcenter, host="fe80::1", port=8443))
    values = {field.id: field.text for field in fields_of(saved)}
    assert profile_of(values, saved) == saved
    assert split_address(values["host"]) == ("fe80::1", 8443)


async def test_escape_asks_before_it_throws_away_what_was_typed() -> None:
    async with walking(store=FakeStore(profile()), open_engine=Opener()) as walk:
        await walk.press("n", "down", *"vc1", "escape")
        assert isinstance(walk.app.screen, YesDialog)
        assert "Not saved yet: vCenter." in walk.text
        assert isinstance(walk.app.focused, Button)
        await walk.press("enter")
        assert walk.screen == "ProfileFormScreen"
        assert line(walk, "host").value == "vc1"
        await walk.press("escape", "y")
        assert walk.screen == "ProfilesScreen"


@pytest.mark.parametrize("key", ["n", "e"])
async def test_escape_asks_nothing_where_nothing_was_typed(key: str) -> None:
    async with walking(store=FakeStore(profile()), open_engine=Opener()) as walk:
        await walk.press(key, "end", "x", "backspace")  # typed, and taken back
        await walk.press("escape")
        assert walk.screen == "ProfilesScreen"


@pytest.mark.parametrize("onward", ["tab", "down", "enter"])
async def test_keys_that_arrive_together_go_each_into_its_own_line(onward: str) -> None:
    async with walking(store=FakeStore(profile()), open_engine=Opener()) as walk:
        await walk.press("n")
        await walk.press_at_once(*"osaka", onward, *"vc1", onward, *"me", "shift+tab", "up", *"x")
        assert [line(walk, one).value for one in ("host", "username")] == ["vc1", "me"]
        assert line(walk, "name").value == "x", "going back selects the line, as it always does"


class BothSecrets(Opener):
    """Takes note of both secrets."""

    def __call__(self, site: Any, secrets: SecretStore, show_code: Any) -> FakeEngine:
        self.client_secret = secrets.get(SecretName.AZURE_CLIENT_SECRET, "anybody").reveal()
        return super().__call__(site, secrets, show_code)


async def test_password_and_client_secret_that_arrive_together_are_told_apart_and_sign_in() -> None:
    opener = BothSecrets()
    async with walking(store=FakeStore(profile(sign_in="client-secret")), open_engine=opener) as walk:
        await walk.press("enter")
        await walk.press_at_once(*"word", "enter", *"secret", "enter")
        await walk.settle(lambda: walk.screen == "MachinesScreen")
        assert (opener.passwords, opener.client_secret) == (["word"], "secret")
