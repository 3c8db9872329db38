"""What Azure's own words about a server come to: status words, load words, and the errors it reports itself.

The words are free text. A word nobody knows is unknown, with the word as it was sent; it is never taken for good.
"""

from __future__ import annotations

from collections.abc import Sequence

from wizard_steps.conditions import Condition, all_hold
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen
from wizard_steps.requirement import Judgement, fail, info, passed, unknown, warn
from wizard_steps.seen_in_azure import ConfigurationServer, HealthError, ProcessServer
from wizard_steps.wording import N_, _

GOOD = frozenset({"running", "started", "healthy", "normal", "green"})
CAUTION = frozenset({"warning", "yellow", "amber"})
BAD = frozenset({"stopped", "critical", "red", "error", "notrunning"})
_ONLY_TOLD = frozenset({"information", "informational", "info"})
HARMLESS_ERRORS = frozenset({"161011"})  # no test failover was done
_LOADS = {
    "system": N_("system load"),
    "cpu": N_("processor load"),
    "memory": N_("memory use"),
    "space": N_("disk space"),
    "throughput": N_("throughput"),
    "web": N_("web server load"),
    "database": N_("database load"),
}


def judge_word(what: str, word: Reading[str]) -> Judgement:
    """Judge a status or load word; `what` is the translated name of the thing it speaks of."""
    text = word.value
    key = text.strip().casefold()
    if key in GOOD:
        return passed(_("{what}: {word}"), what=what, word=Outside(text))
    if key in BAD:
        return fail(_("{what}: {word}"), what=what, word=Outside(text), remedies=())
    if key in CAUTION:
        return warn(_("{what}: {word}"), what=what, word=Outside(text), remedies=())
    return unknown(
        _("{what}: Azure says {word}, a word this program does not know"),
        what=what,
        word=Outside(text),
        action=_("Look at the server in the portal and judge by what it shows there."),
    )


def load_conditions(server: ConfigurationServer | ProcessServer, names: Sequence[str]) -> tuple[Condition, ...]:
    """Return one condition for each load word of a server; one that was not sent is not known."""

    def condition(name: str) -> Condition:
        what = _(_LOADS.get(name, name))
        unsent: Reading[str] = not_seen(_("Azure sends no word about {what}").format(what=what))
        return lambda: judge_word(what, server.loads[name].word if name in server.loads else unsent)

    return tuple(condition(name) for name in names)


def judge_errors(errors: Reading[tuple[HealthError, ...]]) -> Judgement:
    """Judge the errors site recovery reports of one of its parts: Error fails, Warning warns, Information informs."""
    told = [one for one in errors.value if one.code not in HARMLESS_ERRORS]
    if not told:
        return passed(_("site recovery reports no error"))
    return all_hold(*(_error_condition(one) for one in told))


def _error_condition(error: HealthError) -> Condition:
    return lambda: _judge_error(error)


def _judge_error(error: HealthError) -> Judgement:
    level = error.level.strip().casefold()
    judgement = {"error": fail, "warning": warn}.get(level, info if level in _ONLY_TOLD else unknown)
    return judgement(
        _("site recovery reports {code}: {message}"),
        code=Outside(error.code),
        message=error.message,
        cause=error.possible_causes.shown(1000) if error.possible_causes else _("Azure names no cause of it."),
        action=error.recommended_action.shown(1000)
        if error.recommended_action
        else _("Look this error up in the portal and mend what it speaks of, then look again."),
        remedies=(),
    )
