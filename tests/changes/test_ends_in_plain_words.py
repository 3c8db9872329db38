"""What an operation in Azure that ended badly is called, when Azure itself gives no reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from failback.changes import Word
from failback.rehearsal import description as described
from tests.changes.ready_site import Site

WORDS = {
    "Canceled": "it was cancelled in Azure",
    "Cancelled": "it was cancelled in Azure",
    "TimedOut": "it ended as TimedOut, and Azure gives no reason",
    "Failed": "it ended as Failed, and Azure gives no reason",
}


@pytest.mark.parametrize("word", WORDS)
def test_an_operation_that_ends_badly_without_a_reason_is_told_in_plain_words(word: str, tmp_path: Path) -> None:
    site = Site(tmp_path)
    down = described.network_id("connections", "cn-osaka")
    site.arm.edit(down, lambda body: body["properties"].update(connectionStatus="NotConnected"))
    one = site.plan("reset-connection", "connection", "cn-osaka")
    site.arm.operations.end_next_with(word)

    outcome = site.apply(one)

    assert outcome.word is Word.FAILED
    assert WORDS[word] in outcome.evidence
    assert "invalid status" not in outcome.evidence
