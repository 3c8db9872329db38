"""What the answers of Azure's network probes mean, as plain data. An answer that makes no sense is not seen.

Microsoft's page words the end of a connectivity check `Reachable` and `Unreachable`, its library `Connected` and
`Disconnected`; both are understood. A check that sent no packet, or whose agent stood still, proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from failback.azure.fields import Row, listed, text, whole, words
from wizard_steps.outside import visible
from wizard_steps.reading import NotSeen, Reading, not_seen, seen
from wizard_steps.seen_by_probes import Connectivity, EffectiveRoute, EffectiveRule, FlowVerdict, HopIssue, NextHop
from wizard_steps.wording import _

T = TypeVar("T")

_ACCESS = {"allow": True, "deny": False}
_REACHED = {"connected": True, "reachable": True, "degraded": True, "disconnected": False, "unreachable": False}
_AGENT_STOPPED = "AgentStopped"


def _made(answer: Reading[Row], build: Callable[[Row], T]) -> Reading[T]:
    """Return what `build` makes of an answer; one that it cannot understand, or that proves nothing, is not seen."""
    if not answer.was_seen:
        return not_seen(answer.reason or "", answer.source)
    try:
        return seen(build(answer.value), answer.source)
    except NotSeen as missing:
        return not_seen(missing.reason, answer.source)
    except (ValueError, TypeError, LookupError, AttributeError):
        return not_seen(_("the answer could not be understood"), answer.source)


def _word(raw: Any) -> str:
    """Return a word; null is none, and must not be taken for the hop that Azure calls "None"."""
    if not isinstance(raw, str):
        raise TypeError(raw)
    return raw


def flow_verdict(answer: Reading[Row]) -> Reading[FlowVerdict]:
    """Return what the security groups do with a flow."""
    return _made(answer, lambda row: FlowVerdict(_ACCESS[row.text("access").casefold()], row.text("ruleName")))


def next_hop(answer: Reading[Row]) -> Reading[NextHop]:
    """Return where a packet goes next. Azure writes "System Route" where no route table decides."""

    def build(row: Row) -> NextHop:
        table = row.text("routeTableId")
        return NextHop(
            kind=_word(row.json["nextHopType"]),
            address=row.text("nextHopIpAddress") or None,
            route_table_id=table if table.startswith("/") else None,
        )

    return _made(answer, build)


def connectivity(answer: Reading[Row], vm: str) -> Reading[Connectivity]:
    """Return what became of a connection that `vm` tried."""

    def build(row: Row) -> Connectivity:
        issues = tuple(one for hop in listed(row.at("hops") or []) for one in _issues(hop))
        if any(one.kind == _AGENT_STOPPED for one in issues):
            raise NotSeen(_("the Network Watcher agent in {vm} stands still").format(vm=visible(vm)))
        reached = _was_reached(row)
        latency = row.at("avgLatencyInMs")
        return Connectivity(reached, whole(latency) if reached and latency is not None else None, issues)

    return _made(answer, build)


def _was_reached(row: Row) -> bool:
    """Tell whether a connection came about; raises `NotSeen` where the check proves neither."""
    word = _word(row.json["connectionStatus"])
    reached = _REACHED.get(word.casefold())
    if reached is None:
        raise NotSeen(_('the connectivity check ended with the word "{word}"').format(word=visible(word)))
    if not reached and row.at("probesSent") == 0:
        raise NotSeen(_("the connectivity check sent no packet"))
    return reached


def _issues(hop: Any) -> tuple[HopIssue, ...]:
    return tuple(_issue(one, text(hop.get("address") or "")) for one in listed(hop.get("issues") or []))


def _issue(raw: Mapping[str, Any], hop: str) -> HopIssue:
    context = listed(raw.get("context") or [])
    about = tuple(text(row["value"]) for row in context if row.get("value"))
    return HopIssue(text(raw.get("type") or ""), hop, about)


def effective_routes(answer: Reading[Row]) -> Reading[tuple[EffectiveRoute, ...]]:
    """Return the routes that apply at an interface."""

    def build(row: Row) -> tuple[EffectiveRoute, ...]:
        return tuple(
            EffectiveRoute(
                prefixes=words(one.get("addressPrefix") or []),
                next_hop=_word(one["nextHopType"]),
                source=text(one.get("source") or ""),
                active=text(one.get("state") or "").casefold() == "active",
            )
            for one in _all_of(row)
        )

    return _made(answer, build)


def _all_of(row: Row) -> list[Any]:
    """Return the rows of an answer that is a list; raises `NotSeen` for the first page of several."""
    if row.at("nextLink"):
        raise NotSeen(_("Azure did not tell all of it at once"))
    return listed(row.json["value"])


def effective_rules(answer: Reading[Row]) -> Reading[tuple[EffectiveRule, ...]]:
    """Return the security rules that apply at an interface, group by group."""

    def build(row: Row) -> tuple[EffectiveRule, ...]:
        return tuple(rule for group in _all_of(row) for rule in _rules(group))

    return _made(answer, build)


def _rules(group: Mapping[str, Any]) -> tuple[EffectiveRule, ...]:
    group_id = text((group.get("networkSecurityGroup") or {}).get("id") or "")
    return tuple(
        EffectiveRule(
            group_id=group_id,
            name=text(one["name"]),
            direction=text(one["direction"]),
            allows=_ACCESS[text(one["access"]).casefold()],
            priority=whole(one.get("priority") or 0),
        )
        for one in listed(group.get("effectiveSecurityRules") or [])
    )
