"""How well Azure hears a configuration server: through its recovery services provider."""

from __future__ import annotations

from wizard_steps.case import Case
from wizard_steps.classic.heartbeats import age
from wizard_steps.outside import Outside
from wizard_steps.requirement import Judgement, fail, passed, unknown, warn
from wizard_steps.seen_in_azure import ConfigurationServer, Provider
from wizard_steps.wording import _, ngettext


def judge_provider(case: Case, server: ConfigurationServer, provider: Provider) -> Judgement:
    """Judge one provider: connected, and heard of. Its heartbeat has limits of its own."""
    word, minutes = provider.connection_status.value, age(case, provider.last_heartbeat)
    said = {"name": server.name, "word": Outside(word), "minutes": minutes}
    if word.casefold() in {"disconnected", "notconnected"}:
        return fail(
            _("{name} is {word}; its last heartbeat to Azure is {minutes} minutes old"),
            **said,
        )
    if word.casefold() != "connected":
        return unknown(_("the connection of {name} is {word}, a word this program does not know"), **said)
    if minutes > case.limits.provider_fail_minutes:
        return fail(
            _("{name} counts as {word}, but its last heartbeat to Azure is {minutes} minutes old"),
            **said,
        )
    if minutes >= case.limits.heartbeat_fail_minutes:
        return warn(
            _("{name} is {word}, but its last heartbeat to Azure is {minutes} minutes old"),
            **said,
        )
    return passed(
        ngettext(
            "{name} is {word}, heartbeat to Azure {minutes} minute ago",
            "{name} is {word}, heartbeat to Azure {minutes} minutes ago",
            minutes,
        ),
        **said,
    )
