"""A signal or a lost terminal under a command that changes something: it stops in order, and lets go of what it holds."""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import Any

import pytest

from failback.changes import Word
from failback.commands.changing import asking
from failback.commands.speaking import StatusLine, narrate
from failback.commands.stopping import Stop, interruptible, stoppable
from tests.promises.a_site import ASite

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent to this process itself")
SIGNALS = [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)]


@pytest.fixture(params=SIGNALS, ids=lambda one: one.name)
def number(request: pytest.FixtureRequest) -> Any:
    before = signal.getsignal(request.param)
    yield request.param
    assert signal.getsignal(request.param) == before, "the handler of before is put back"


def test_the_first_signal_asks_to_stop_and_the_second_does_not_ask(number: signal.Signals) -> None:
    with stoppable("stopping") as stop:
        os.kill(os.getpid(), number)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)


def test_a_signal_at_a_question_is_a_no_and_stops_the_rest(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    site = ASite()
    stop = Stop()

    def asked(*_prompt: Any, **_more: Any) -> bool:
        os.kill(os.getpid(), number)
        return True

    monkeypatch.setattr("click.confirm", asked)
    engine = site.engine(tmp_path / "home")
    first, second = site.change("set-enable-uuid"), site.change("exclude-from-drs")

    outcomes = site.apply(engine, first, second, confirm=asking(stop), cancelled=stop)

    assert [one.word for one in outcomes] == [Word.DECLINED, Word.CANCELLED]
    assert (site.sent(), "failback.lock" in site.rows()) == ([], False)


def test_inside_a_question_the_signals_end_it_and_outside_they_do_what_they_did(number: signal.Signals) -> None:
    with stoppable("stopping") as stop:
        with pytest.raises(KeyboardInterrupt), interruptible():
            os.kill(os.getpid(), number)
        assert not stop()
        os.kill(os.getpid(), number)
        assert stop()


def test_a_signal_that_whoever_started_it_had_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with stoppable("stopping") as stop:
            os.kill(os.getpid(), signal.SIGTERM)
            assert not stop()
    finally:
        signal.signal(signal.SIGTERM, before)


class _Gone:
    """A terminal whose other end was closed."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def write(self, _text: str) -> int:
        raise OSError(errno.EIO, "Input/output error")

    def flush(self) -> None:
        raise OSError(errno.EIO, "Input/output error")


def test_a_terminal_that_is_gone_disturbs_no_change(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    site = ASite()
    engine = site.engine(tmp_path / "home")
    monkeypatch.setattr(sys, "stderr", _Gone())
    monkeypatch.setenv("TERM", "xterm")

    [outcome] = site.apply(engine, site.change("set-enable-uuid"), progress=narrate)
    StatusLine().show("reading")

    assert outcome.word is Word.VERIFIED
    assert "failback.lock" not in site.rows()
