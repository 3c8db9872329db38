from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
import tomli

from failback import profiles
from failback.errors import EXIT_WRONG_INPUT, HomeError, ProfileError, ProfileNotFoundError
from failback.home import MOST_MIB
from wizard_steps.choices import Attestation, Choices, LocationChoice, TargetChoice

FULL = """\
# the site in Osaka
schema_version = 1
name = "osaka-dr"

[vcenter]  # ask Tanaka for the password
host = "vcenter.example.com"
port = 443
username = "operator@vsphere.local"
ca_file = "ca.pem"

[azure]
tenant_id = "t-1"
subscription_id = "s-1"
sign_in = "client-certificate"
client_id = "c-1"
certificate_path = "sp.pem"
network_subscriptions = [
  "s-2",  # gateways
]

[vault]
resource_group = "rg"
name = "vault"
fabric = "CS01"

[site]
configuration_server_failback_ip = "10.20.0.10"
site_recovery_vcenter_user = "svc-asr@vsphere.local"
link_mbps = 500

# what the wizard was told
[choices]
machines = ["web01", "web02"]

[[choices.target]]
master_target = "MT01"
process_server = "PS-AZ-01"
retention_volume = "R"
esxi_host = "esx03.example.com"
machines = ["web01"]

[[choices.target]]
master_target = "MT02"

[[choices.location]]
machine = "web01"
mode = "alternate"
datastore = "vmfs-02"

[choices.same_machine]
"MT01" = "uuid-1/uuid-2"

[[attestations]]
requirement = "ret-not-locked"
subject = "MT01:R"
by = "operator"
at = 2026-11-22T10:00:00Z

[limits]
verdict_minutes = 5

# where passwords come from
[secrets]
store = "environment"
"""
PATH = Path("/etc/failback/osaka.toml")
SMALL = """\
schema_version = 1
[vcenter]
host = "vc"
username = "u"
[azure]
subscription_id = "s"
[vault]
resource_group = "rg"
name = "v"
"""


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAILBACK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_every_key_of_the_contract_is_read() -> None:
    profile = profiles.parse(FULL, PATH)
    assert profile.name == "osaka-dr"
    assert profile.vcenter.host == "vcenter.example.com"
    assert profile.vcenter.ca_file == PATH.parent / "ca.pem"
    assert profile.azure.certificate_path == PATH.parent / "sp.pem"
    assert profile.azure.network_subscriptions == ("s-2",)
    assert profile.choices == Choices(
        machines=("web01", "web02"),
        targets=(
            TargetChoice("MT01", "PS-AZ-01", "R", "esx03.example.com", ("web01",)),
            TargetChoice("MT02"),
        ),
        locations=(LocationChoice("web01", "alternate", "vmfs-02"),),
        same_machine={"MT01": "uuid-1/uuid-2"},
        configuration_server_failback_ip="10.20.0.10",
        site_recovery_vcenter_user="svc-asr@vsphere.local",
        link_mbps=500,
        fabric="CS01",
    )
    moment = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)
    assert profile.attestations == (Attestation("ret-not-locked", "MT01:R", "operator", moment),)
    assert profile.limits.verdict_minutes == 5
    assert profile.limits.attestation_hours == 24
    assert profile.secret_store == "environment"


def test_what_is_not_said_has_the_documented_default() -> None:
    profile = profiles.parse(SMALL, PATH)
    assert (profile.name, profile.vcenter.port, profile.azure.cloud) == ("osaka", 443, "public")
    assert (profile.azure.sign_in, profile.secret_store, profile.choices) == ("azure-cli", "ask", Choices())


@pytest.mark.parametrize(
    ("old", "new", "marked", "words"),
    [
        (
            'host = "vc',
            'hots = "vc',
            'hots = "vc',
            ['"hots" is not known under [vcenter]', 'nearest known key is "host"'],
        ),
        ("[vault]", "[volt]", "[volt]", ['"volt" is not known', 'nearest known key is "vault"']),
        ('master_target = "MT02"', 'mastertarget = "MT02"', "mastertarget", ["[[choices.target]]", '"master_target"']),
        ("port = 443", 'port = "443"', 'port = "443"', ['"port" cannot be "443"', "a whole number from 1 to 65535"]),
        ('host = "vc', 'host = "https://vc', 'host = "https', ['alone, without "https://"']),
        ('host = "vcenter.example.com"', 'host = "vc:8443"', 'host = "vc:8443"', ['put the port into "port"']),
        ('host = "vcenter.example.com"', 'host = "[::1]:8443"', 'host = "[::1]', ['put the port into "port"']),
        ('host = "vcenter.example.com"', 'host = "vc/sdk"', 'host = "vc/sdk"', ["without a path"]),
        ('host = "vcenter.example.com"', 'host = "[::1"', 'host = "[::1"', ["a name or an IP address alone"]),
        ('host = "vcenter.example.com"', 'host = "a@vc"', 'host = "a@vc"', ["a name or an IP address alone"]),
        ('host = "vcenter.example.com"', 'host = "[/]"', 'host = "[/]"', ["a name or an IP address alone"]),
        ('resource_group = "', 'resource_group = "../', 'resource_group = "../', ["a name in Azure"]),
        ("port = 443", "port = 70000", "port = 70000", ["70000", "65535"]),
        ("port = 443", "port = true", "port = true", ["True", "a whole number"]),
        ('machines = ["web01", "web02"]', 'machines = "web01"', 'machines = "web01"', ["a list of texts"]),
        ('mode = "alternate"', 'mode = "elsewhere"', 'mode = "elsewhere"', ['"original", "alternate"']),
        ("at = 2026-11-22T10:00:00Z", "at = 2026-11-22T10:00:00", "at = 2026-11-22T10:00:00", ["with its zone"]),
        ("verdict_minutes = 5", "verdict_minuets = 5", "verdict_minuets = 5", ["verdict_minutes"]),
        ('store = "environment"', 'store = "plaintext"', 'store = "plaintext"', ['"ask", "keyring", "environment"']),
        ('store = "environment"', 'password = "hunter2"', 'password = "hunter2"', ["holds no secret"]),
        ("schema_version = 1", "schema_version = 2", "schema_version = 2", ["newer version"]),
        ('"MT01" = "uuid-1/uuid-2"', '"MT01" = 5', '"MT01" = 5', ["a text in quotes"]),
        ('client_id = "c-1"', "", "[azure]", ['"client_id" is missing under [azure]', "client-certificate"]),
        ("[site]", '[site]\nname = "x"', 'name = "x"', ['"name" is not known under [site]']),
        ('sign_in = "client-certificate"', 'authority = "https://x"', 'authority = "https://x"', ["custom"]),
        (
            "port = 443",
            'certificate_sha256 = "AB:CD"',
            "certificate_sha256",
            ["SHA-256 fingerprint"],
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_to_write(old: str, new: str, marked: str, words: list[str]) -> None:
    assert old in FULL
    with pytest.raises(ProfileError) as raised:
        profiles.parse(text := FULL.replace(old, new, 1), PATH)
    message = raised.value.message()
    line = text[: text.index(marked)].count("\n") + 1
    assert f"line {line}:" in message
    for word in words:
        assert word in message
    assert raised.value.exit_code == EXIT_WRONG_INPUT
    assert "hunter2" not in message


@pytest.mark.parametrize("host", ["vc", "10.0.0.1", "fe80::1", "[2001:db8::1]", "fe80::1%eth0", "vc_1.例え.example"])
def test_a_vcenter_may_be_a_name_or_an_address_of_either_kind(host: str) -> None:
    assert profiles.parse(SMALL.replace('host = "vc"', f'host = "{host}"'), PATH).vcenter.host == host


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 100_000,
        "schema_version = " + "9" * 10_000,
    ],
)
def test_a_text_that_exhausts_the_parser_is_a_mistake_in_the_profile(text: str) -> None:
    with pytest.raises(ProfileError) as raised:
        profiles.parse(text, PATH)
    assert raised.value.exit_code == EXIT_WRONG_INPUT


def test_tables_that_are_nested_deeper_than_a_message_can_show_are_a_mistake_in_the_profile() -> None:
    for deep in (950, 975, 990, 999, 1000, 1001):  # what the parser takes and `repr` does not is a narrow band
        with pytest.raises(ProfileError):
            profiles.parse(f"{SMALL}[choices.same_machine]\n{'.'.join('a' * deep)} = 1\n", PATH)


def test_a_file_that_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(ProfileError, match="line 3"):
        profiles.parse('schema_version = 1\n[vcenter]\nhost "x"\n', PATH)


def test_a_typo_explains_a_missing_key_and_is_told_first() -> None:
    with pytest.raises(ProfileError, match='"usrname" is not known'):
        profiles.parse(SMALL.replace("username", "usrname"), PATH)


def test_hidden_characters_of_a_profile_are_made_visible_in_its_errors() -> None:
    with pytest.raises(ProfileError) as raised:
        profiles.parse(SMALL + '"a\\u001b]0;x" = 1\n', PATH)
    assert "\x1b" not in raised.value.message()
    assert "\\x1b" in raised.value.message()


def test_saving_choices_keeps_every_comment_and_every_other_line() -> None:
    path = profiles.path_of("osaka")
    path.write_text(FULL)
    profile = profiles.load("osaka")
    chosen = replace(profile.choices, machines=("db01",))
    profiles.save(profile.with_choices(chosen))

    text = path.read_text()
    assert profiles.load("osaka").choices == chosen
    assert text.partition("[choices]")[0] == FULL.partition("[choices]")[0]
    assert text[text.index("[[attestations]]") :] == FULL[FULL.index("[[attestations]]") :]


def test_saving_nothing_new_changes_no_byte() -> None:
    path = profiles.path_of("osaka")
    path.write_text(FULL)
    profiles.save(profiles.load("osaka"))
    assert path.read_text() == FULL


def test_a_first_choice_is_added_to_a_file_that_had_none() -> None:
    path = profiles.path_of("small")
    path.write_text(SMALL)
    picked = Choices(machines=("[/]", 'we"b\n01'), targets=(TargetChoice("MT01"),))
    profiles.save(profiles.load("small").with_choices(picked))
    assert profiles.load("small").choices == picked
    assert path.read_text().startswith(SMALL)


def test_choices_written_inline_are_replaced_without_losing_a_setting() -> None:
    path = profiles.path_of("inline")
    path.write_text("choices = {machines = ['a'], same_machine = {x = 'y'}}\n" + SMALL)
    profile = profiles.load("inline")
    profiles.save(profile.with_choices(replace(profile.choices, machines=("b",))))
    again = profiles.load("inline")
    assert again.choices.machines == ("b",)
    assert again.choices.same_machine == {"x": "y"}
    assert again.vcenter == profile.vcenter


def test_what_somebody_else_wrote_meanwhile_is_kept() -> None:
    path = profiles.path_of("osaka")
    path.write_text(FULL)
    mine = profiles.load("osaka")
    path.write_text(FULL.replace("port = 443", "port = 8443"))
    profiles.save(mine.with_choices(replace(mine.choices, machines=("db01",))))
    again = profiles.load("osaka")
    assert again.vcenter.port == 8443
    assert again.choices.machines == ("db01",)


def test_a_file_that_somebody_broke_meanwhile_is_told_and_left_as_it_is() -> None:
    path = profiles.path_of("osaka")
    path.write_text(FULL)
    mine = profiles.load("osaka")
    path.write_text(broken := FULL + "\n[vault")
    with pytest.raises(ProfileError, match="line"):
        profiles.save(mine.with_choices(Choices(machines=("web03",))))
    assert path.read_text() == broken


def test_a_pinned_certificate_an_attestation_and_a_removed_choice_come_back_as_saved() -> None:
    path = profiles.path_of("osaka")
    path.write_text(FULL)
    fingerprint = ":".join(["AB"] * 32)
    vouched = Attestation("x", "y", "z", datetime(2026, 11, 22, 11, tzinfo=timezone.utc))
    profile = profiles.load("osaka").with_pinned_certificate(fingerprint).with_attestations((vouched,))
    profiles.save(profile.with_choices(Choices(fabric="CS02")))
    again = profiles.load("osaka")
    assert again.vcenter.certificate_sha256 == fingerprint
    assert again.attestations == (vouched,)
    assert again.choices == Choices(fabric="CS02")
    assert again.vault.fabric == "CS02"
    assert "\n# where passwords come from\n[secrets]" in path.read_text()


def test_files_and_folders_are_private_and_nothing_is_left_beside_them(own_home: Path) -> None:
    profiles.create(replace(profiles.parse(SMALL, PATH), path=None, name="new"))
    profiles.save(profiles.load("new").with_choices(Choices(machines=("a",))))
    assert stat.S_IMODE((own_home / "profiles").stat().st_mode) == 0o700
    assert stat.S_IMODE((own_home / "profiles" / "new.toml").stat().st_mode) == 0o600
    assert [one.name for one in (own_home / "profiles").iterdir()] == ["new.toml"]


def test_a_new_profile_never_overwrites_an_old_one() -> None:
    fresh = replace(profiles.parse(SMALL, PATH), path=None, name="new")
    profiles.create(fresh)
    with pytest.raises(ProfileError, match="exists already"):
        profiles.create(fresh)


def test_a_new_profile_is_not_written_through_a_symbolic_link(tmp_path: Path) -> None:
    (profiles.profile_folder() / "new.toml").symlink_to(tmp_path / "elsewhere.toml")
    with pytest.raises(ProfileError, match="exists already"):
        profiles.create(replace(profiles.parse(SMALL, PATH), path=None, name="new"))
    assert not (tmp_path / "elsewhere.toml").exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_profile_that_others_may_write_to_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    path = tmp_path / "open.toml"
    path.write_text(SMALL)
    path.chmod(0o666)
    with pytest.raises(HomeError, match="chmod 600"):
        profiles.load(str(path))


def test_a_profile_that_is_not_there_is_told_with_the_next_step() -> None:
    with pytest.raises(ProfileNotFoundError, match="failback profile list"):
        profiles.load("nowhere")
    with pytest.raises(ProfileNotFoundError):
        profiles.remove("nowhere")


@pytest.mark.parametrize("name", ["", "..", "a b", "[/]", "\x1b]0;x", "-x"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(ProfileError):
        profiles.load(name)


def test_saved_profiles_are_listed_by_name_and_removed() -> None:
    for name in ("b", "a"):
        profiles.create(replace(profiles.parse(SMALL, PATH), path=None, name=name))
    assert profiles.saved_profiles() == ["a", "b"]
    profiles.remove("a")
    assert profiles.saved_profiles() == ["b"]


def test_a_written_profile_is_valid_toml_that_names_no_default() -> None:
    text = profiles.text_of(profiles.parse(FULL, PATH), PATH)
    document = tomli.loads(text)
    assert document["limits"] == {"verdict_minutes": 5}
    assert document["azure"]["certificate_path"] == "sp.pem"
    assert profiles.parse(text, PATH) == profiles.parse(FULL, PATH)


def test_a_plan_finds_its_profile_by_the_name_it_calls_itself() -> None:
    profiles.path_of("one").write_text(SMALL)
    profiles.path_of("broken").write_text("schema_version = 99")
    profiles.path_of("two").write_text('name = "osaka-dr"\n' + SMALL)
    assert profiles.load_named("osaka-dr").path == profiles.path_of("two")
    assert profiles.load_named("one").path == profiles.path_of("one")
    with pytest.raises(ProfileNotFoundError, match='profile "tokyo"'):
        profiles.load_named("tokyo")


def test_a_profile_in_another_encoding_or_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_bytes("name = 'é'".encode("latin-1"))
    with pytest.raises(ProfileError, match="UTF-8"):
        profiles.load(str(tmp_path / "site.toml"))
    with pytest.raises(ProfileError, match="cannot be written"):
        profiles.create(replace(profiles.parse(SMALL, PATH), path=tmp_path / "no" / "folder.toml"))


def test_a_file_that_happens_to_lie_here_does_not_stand_for_a_saved_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "osaka").write_text("not a profile")
    profiles.path_of("osaka").write_text(SMALL)
    assert profiles.load("osaka").vcenter.host == "vc"
    assert profiles.path_of("./osaka.toml") == tmp_path / "osaka.toml"


def test_a_profile_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(SMALL)
    os.truncate(path, MOST_MIB * 2**20 + 1)
    with pytest.raises(HomeError, match="larger than 16 MiB"):
        profiles.load(str(path))
