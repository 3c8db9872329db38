"""Formatting on the rehearsal site, from the added disk to the listed volume: through the real engine and pyvmomi."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from failback.changes import Change, Confirmation, Word
from failback.errors import UsageError
from failback.guest.credentials import GuestCredentials
from failback.rehearsal import description
from tests.guest.conftest import yes
from tests.guest.formatting_site import CANARY, REF, RUNS, Formatting, nobody, serial


@pytest.fixture
def site(tmp_path: Path) -> Formatting:
    return Formatting(tmp_path)


def test_the_added_disk_is_formatted_looked_at_and_listed_a_quarter_of_an_hour_later(site: Formatting) -> None:
    assert (site.row(site.case).status.value, site.row(site.case).remedies) == ("fail", ("format-retention-volume",))
    shown: list[Change] = []

    def confirm(change: Change) -> Confirmation:
        assert site.asked == []
        shown.append(change)
        return yes(change)

    outcome = site.format(confirm=confirm)

    assert outcome.word is Word.VERIFIED, outcome.evidence
    assert "looked inside, /mnt/retention has the file system ext4" in outcome.evidence
    assert "Format Hard disk 2 of MT02" in shown[0].title
    assert site.asked == ["MT02"]  # once, for both programs
    assert site.site.wire.guests.runs == RUNS
    assert site.folders() == []

    site.read_azure()
    case = site.engine.look()
    assert site.row(case, "ret-drive-formatted").status.value == "pass"
    assert site.row(case).status.value == "pending"
    site.site.clock.advance(15 * 60)
    assert site.row(site.engine.look()).status.value == "pass"


def test_a_refresh_of_the_configuration_server_lists_it_at_once(site: Formatting) -> None:
    site.format()
    site.read_azure()
    assert site.row(site.engine.look()).status.value == "pending"
    site.site.arm.refreshed(description.fabric_id())
    assert site.row(site.engine.look()).status.value == "pass"


def test_it_is_written_down_without_the_account_and_cannot_be_undone(site: Formatting) -> None:
    site.site.wire.guests.accounts[REF] = ("root", CANARY)
    site.password = CANARY
    told: list[str] = []

    outcome = site.format(progress=told.append)

    assert outcome.word is Word.VERIFIED
    entry = site.engine.history()[-1]
    assert (entry.change.remedy, entry.outcome, len(entry.operations)) == ("format-retention-volume", "verified", 2)
    written = [path.read_bytes() for path in site.home.rglob("*") if path.is_file()]
    assert not any(CANARY.encode() in content for content in written)
    everything = [*told, repr(site.engine.history()), repr(site.site.wire.calls), repr(vars(site.engine))]
    assert not any(CANARY in text for text in everything)
    with pytest.raises(UsageError, match="cannot be taken back"):
        site.engine.undo(entry.id, yes)


def test_without_an_account_nothing_is_sent_or_written_down(site: Formatting) -> None:
    before = len(site.engine.history())
    site.engine.ask_guest = nobody
    outcome = site.format()
    assert (outcome.word, "nothing was sent" in outcome.evidence) == (Word.FAILED, True)
    assert site.calls("CreateTemporaryDirectoryInGuest") == 0
    assert len(site.engine.history()) == before


def test_somebody_who_thinks_long_over_the_password_gets_it_all_read_again(site: Formatting) -> None:
    def slowly(machine: str) -> GuestCredentials:
        site.site.clock.advance(300)
        devices = site.site.store.get(REF, "config.hardware.device")
        site.site.store.set(REF, {"config.hardware.device": [one for one in devices if one.key != 2001]})
        return site.account(machine)

    site.engine.ask_guest = slowly
    outcome = site.format()
    assert outcome.word is Word.STALE, outcome.evidence
    assert site.site.wire.guests.runs == []


def test_a_wrong_password_is_told_in_plain_words_and_nothing_was_started(site: Formatting) -> None:
    site.password = "wrong"
    outcome = site.format()
    assert (outcome.word, "refused the user name or the password" in outcome.evidence) == (Word.FAILED, True)
    assert site.calls("StartProgramInGuest") == 0


@pytest.mark.parametrize("typed", ["", "mt02", "MT01", "yes"])
def test_another_name_than_the_machines_formats_nothing(typed: str, site: Formatting) -> None:
    outcome = site.format(confirm=lambda _change: Confirmation(agreed=True, typed=typed))
    assert (outcome.word, site.asked, site.calls("StartProgramInGuest")) == (Word.DECLINED, [], 0)


def _by_hand(site: Formatting) -> None:
    """Somebody else made the disk a volume in between, of which VMware Tools know nothing yet."""
    site.site.wire.guests.state[REF].not_blank.add(serial(site))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_by_hand, "nothing was written: the disk is not blank"),
        (lambda site: setattr(site.site.wire.guests.state[REF], "is_administrator", False), "no administrator"),
    ],
)
def test_what_the_program_refuses_inside_is_told_and_changed_nothing(
    spoil: Callable[[Formatting], None], why: str, site: Formatting
) -> None:
    spoil(site)
    before = site.volumes()
    outcome = site.format()
    assert (outcome.word, why in outcome.evidence) == (Word.FAILED, True), outcome.evidence
    assert site.volumes() == before
    assert site.folders() == []
    assert site.site.wire.guests.runs == RUNS[:1]  # and nobody looks afterwards as if it had been done


def test_an_account_that_may_not_enter_guests_is_said_before_it_is_asked_for(site: Formatting) -> None:
    held = site.site.wire.privileges
    for account in held:
        held[account] = {
            ref: {one for one in some if "GuestOperations" not in one} for ref, some in held[account].items()
        }
    shown: list[Change] = []

    def confirm(change: Change) -> Confirmation:
        shown.append(change)
        return Confirmation(agreed=False)

    assert site.format(confirm=confirm).word is Word.DECLINED
    assert "THIS ACCOUNT LACKS VirtualMachine.GuestOperations.Query" in shown[0].disturbs
    assert site.asked == []
