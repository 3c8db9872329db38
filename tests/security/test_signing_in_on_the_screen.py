"""Each way to sign in, chosen and carried out in the wizard at 80x24, by keys alone."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from failback import profiles
from failback.errors import InterruptedByOperatorError
from failback.profiles.model import KEYRINGS, SIGN_INS, AzureSettings, Profile
from failback.secrets import SecretName, SecretStore, TypedOrKept
from tests.security.test_keyrings import Kept
from tests.tui.fake_engine import FakeEngine, FakeStore, profile
from tests.tui.walking import Walk, walking
from tui.views.profile_fields import fields_of, profile_of

CANARY = "canary-77e0"


@dataclass(frozen=True)
class Code:
    address: str = "https://microsoft.com/devicelogin"
    code: str = "ABCD-EFGH"


class Opener:
    """Opens a site; with `waits` it shows a device code first and waits until it is let go on or stopped."""

    def __init__(self, *, waits: bool = False) -> None:
        self.engine = FakeEngine()
        self.go_on = threading.Event()
        self.secrets: SecretStore | None = None
        self.passwords: list[str] = []
        if waits:
            look = self.engine.look

            def waiting(progress: Any, cancelled: Any) -> Any:
                self.show(Code())
                while not self.go_on.wait(0.01):
                    if cancelled():
                        raise InterruptedByOperatorError("the sign-in", "it was stopped", "sign in again")
                return look(progress, cancelled)

            self.engine.look = waiting  # type: ignore[method-assign]

    def __call__(self, site: Profile, secrets: SecretStore, show_code: Any) -> FakeEngine:
        self.secrets, self.show = secrets, show_code
        self.passwords.append(secrets.get(SecretName.VCENTER_PASSWORD, "operator@vc").reveal())
        return self.engine


async def until_the_code_is_shown(walk: Walk, opener: Opener) -> None:
    await walk.press("enter")
    await walk.pilot.press(*CANARY, "enter")
    await walk.settle(lambda: walk.screen == "DeviceCodeDialog")


async def test_a_device_code_is_shown_with_its_address_and_goes_away_by_itself() -> None:
    opener = Opener(waits=True)
    async with walking(store=FakeStore(profile(sign_in="device-code")), open_engine=opener) as walk:
        await until_the_code_is_shown(walk, opener)
        assert "https://microsoft.com/devicelogin" in walk.text
        assert "ABCD-EFGH" in walk.text
        await walk.pilot.press("enter")
        await walk.pilot.pause()
        assert walk.screen == "DeviceCodeDialog", "Enter, out of habit, stops nothing"
        opener.go_on.set()
        await walk.settle(lambda: walk.screen == "MachinesScreen")


async def test_waiting_for_a_device_code_is_stopped_by_escape_and_the_form_stays() -> None:
    opener = Opener(waits=True)
    async with walking(store=FakeStore(profile(sign_in="device-code")), open_engine=opener) as walk:
        await until_the_code_is_shown(walk, opener)
        await walk.pilot.press("escape")
        await walk.settle(lambda: walk.app.job is None)
        assert walk.screen == "SignInScreen"
        assert opener.engine.closed, "what was signed in already is signed out"


@pytest.mark.parametrize("store", ["ask", "environment", *KEYRINGS])
async def test_the_screen_says_where_a_secret_will_live_before_it_is_typed(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path))
    words = {
        "ask": "goes to no file",
        "environment": "FAILBACK_",
        "secret-service": "Secret Service",
        "macos": "macOS Keychain",
        "windows": "Windows Credential Manager",
        "encrypted-file": "encrypted with a passphrase",
        "kernel": "memory of the kernel",
    }
    chosen = replace(profile(), secret_store=store)
    if store in KEYRINGS:
        chosen = replace(profile(), secret_store="keyring", keyring=store)
    async with walking(store=FakeStore(chosen), open_engine=Opener()) as walk:
        await walk.press("enter")
        assert words[store] in " ".join(walk.text.split())
        assert ("passphrase of the encrypted file" in walk.text) == (store == "encrypted-file")


async def test_what_was_typed_is_kept_only_once_both_sides_let_us_in(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Kept()
    monkeypatch.setattr("tui.opening.open_keyring", lambda *_: ring)
    chosen = replace(profile(), secret_store="keyring", keyring="kernel")
    opener = Opener()
    opener.engine.refusal = InterruptedByOperatorError("the look", "it was stopped", "look again")
    async with walking(store=FakeStore(chosen), open_engine=opener) as walk:
        await walk.press("enter", *CANARY, "enter")
        assert walk.screen == "SignInScreen"
        assert ring.secrets == {}
        opener.engine.refusal = None
        await walk.press("f2")
        await walk.settle(lambda: walk.screen == "MachinesScreen")
        assert ring.secrets == {(SecretName.VCENTER_PASSWORD, "operator@vc"): CANARY}
        assert isinstance(opener.secrets, TypedOrKept)
    again = Opener()
    async with walking(store=FakeStore(chosen), open_engine=again) as walk:
        await walk.press("enter", "enter")
        await walk.settle(lambda: walk.screen == "MachinesScreen")
        assert again.passwords == [CANARY], "an empty line takes what is kept"


NEEDED: dict[str, dict[str, str]] = {
    "azure-cli": {},
    "device-code": {"tenant": "t"},
    "client-secret": {"tenant": "t", "client": "c"},
    "client-certificate": {"tenant": "t", "client": "c", "certificate": "sp.pem"},
    "managed-identity": {},
}


@pytest.mark.parametrize("kind", SIGN_INS)
@pytest.mark.parametrize("cloud", ["public", "custom"])
def test_the_form_has_a_line_for_all_that_each_way_to_sign_in_needs(
    kind: str, cloud: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path))
    values = {field.id: field.text for field in fields_of(None)}
    values |= {"name": "osaka", "host": "vc", "username": "u", "subscription": "s", "group": "g", "vault": "v"}
    values |= {"sign_in": kind, "cloud": cloud, "proxy": "http://proxy:3128", "azure_ca": str(tmp_path / "ca.pem")}
    values |= NEEDED[kind]
    if cloud == "custom":
        values |= {"authority": "https://login.example", "manager": "https://arm.example"}
    made = profiles.create(profile_of(values, None))
    assert (made.azure.sign_in, made.azure.cloud, made.azure.proxy) == (kind, cloud, "http://proxy:3128")
    saved = {field.id: field.text for field in fields_of(made)}
    assert profile_of({**saved, "name": made.name}, made) == made, "a form that changes nothing changes nothing"


def test_clearing_the_pin_in_the_form_leaves_the_rest_of_the_profile_alone() -> None:
    before = profile().with_pinned_certificate("AB:" * 31 + "AB")
    values = {field.id: field.text for field in fields_of(before)}
    assert profile_of({**values, "pin": ""}, before) == replace(
        before, vcenter=replace(before.vcenter, certificate_sha256=None)
    )
    assert isinstance(before.azure, AzureSettings)
