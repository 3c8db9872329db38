"""Asks Azure's network probes what a case wants to know: rules, next hops, connections that are tried. Changes nothing.

All but the effective routes and rules go through the network watcher of the VM's own location. A question that is not
answered is not seen, with its reason; only a cancellation and a refused sign-in are raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, TypeVar

from failback.azure import allowed, arm_ids
from failback.azure.asking import Asker
from failback.azure.clients import AzureClients
from failback.azure.faults import WaitCancelledError, as_error
from failback.azure.fields import Row
from failback.azure.probe_answers import connectivity, effective_routes, effective_rules, flow_verdict, next_hop
from failback.clock import Clock
from failback.progress import Cancelled, Progress
from wizard_steps.case import Case
from wizard_steps.classic.networks import is_private
from wizard_steps.classic.probing import wanted_probes
from wizard_steps.outside import visible
from wizard_steps.reading import NotSeen, Reading, not_seen
from wizard_steps.seen_by_probes import (
    OUTBOUND,
    ConnectivityProbe,
    FlowProbe,
    NextHopProbe,
    Probe,
    ProbeAnswers,
)
from wizard_steps.seen_in_azure import SeenInAzure
from wizard_steps.wording import _

__all__ = ["probe", "wanted_probes"]

P = TypeVar("P", FlowProbe, NextHopProbe, ConnectivityProbe)
Watchers = Mapping[str, Reading[Mapping[str, str]]]
"""By subscription, case folded: the id of the watcher of each location."""

_NO_AGENT = re.compile(
    r"network\s?watcher.{0,40}(agent|extension)|(agent|extension).{0,40}network\s?watcher", re.IGNORECASE | re.DOTALL
)
_TELL_EVERY = 5  # a log of sixty lines tells no more than one of twelve
_NOWHERE = frozenset({"none", "internet"})


def probe(clients: AzureClients, case: Case, clock: Clock, progress: Progress, cancelled: Cancelled) -> SeenInAzure:
    """Ask everything `case` wants to know, a few questions at a time, from a worker thread.

    Returns what was seen in Azure together with the answers. Raises `InterruptedByOperatorError` when cancelled.
    """
    wanted = wanted_probes(case)
    with closing(clients.limited_to(allowed.PROBES)) as asking:
        ask = Asker(asking, clock, cancelled)
        try:
            progress(_("Azure: looking for the network watchers"))
            prober = _Prober(case, ask, _watchers(ask, wanted), _Count(len(wanted), progress))
            return replace(case.azure, probed=prober.answers(wanted))
        except WaitCancelledError as error:
            raise as_error(error, _("probing the network")) from error


class _Count:
    """Tells how many questions were asked, from any thread."""

    def __init__(self, total: int, tell: Progress) -> None:
        self._total, self._tell = total, tell
        self._asked = 0
        self._lock = Lock()

    def one_more(self, what: str) -> None:
        """Tell that one more is being asked."""
        with self._lock:
            self._asked += 1
            if self._asked in (1, self._total) or self._asked % _TELL_EVERY == 0:
                said = {"number": self._asked, "total": self._total, "what": what}
                self._tell(_("Azure: probe {number} of {total}: {what}").format(**said))


@dataclass(frozen=True)
class _Prober:
    """Puts questions to the watchers of the VMs' locations."""

    case: Case
    ask: Asker
    watchers: Watchers
    count: _Count

    def answers(self, wanted: Sequence[Probe]) -> ProbeAnswers:
        """Return the answer to every question, and of each interface where something is in the way, what it is."""
        found: list[Reading[Any]] = self.ask.together(self._one, wanted)
        by_key = {one.key: reading for one, reading in zip(wanted, found, strict=True)}

        def of(kind: type) -> dict[str, Reading[Any]]:
            return {one.key: by_key[one.key] for one in wanted if isinstance(one, kind)}

        denied = _interfaces(one for one in wanted if isinstance(one, FlowProbe) and _denies(by_key[one.key]))
        astray = _interfaces(one for one in wanted if isinstance(one, NextHopProbe) and _leads_nowhere(one, by_key))
        rules = self.ask.together(self._rules, denied)
        routes = self.ask.together(self._routes, astray)
        return ProbeAnswers(
            flows=of(FlowProbe),
            next_hops=of(NextHopProbe),
            connectivity=of(ConnectivityProbe),
            routes={nic.casefold(): reading for nic, reading in zip(astray, routes, strict=True)},
            rules={nic.casefold(): reading for nic, reading in zip(denied, rules, strict=True)},
        )

    def _one(self, question: Probe) -> Reading[Any]:
        self.count.one_more(_said(question))
        watcher = self._watcher(question.vm_id)
        if not watcher.was_seen:
            return watcher
        if isinstance(question, FlowProbe):
            return flow_verdict(
                self._post(watcher.value, allowed.FLOW_VERDICT, "VerificationIPFlowResult", _flow(question))
            )
        if isinstance(question, NextHopProbe):
            return next_hop(self._post(watcher.value, allowed.NEXT_HOP, "NextHopResult", _hop(question)))
        name = arm_ids.name(question.vm_id)
        answer = self._post(
            watcher.value, allowed.CONNECTIVITY, "ConnectivityInformation", _connection(question), _agent_missing(name)
        )
        return connectivity(answer, name)

    def _post(
        self,
        watcher_id: str,
        operation: allowed.Operation,
        kind: str,
        body: Mapping[str, Any],
        explain: Callable[[Exception], str | None] | None = None,
    ) -> Reading[Row]:
        names = (arm_ids.group(watcher_id), arm_ids.name(watcher_id))
        more = {} if explain is None else {"explain": explain}
        return self.ask.answer(
            operation, kind, *names, subscription=arm_ids.subscription(watcher_id), body=body, **more
        )

    def _watcher(self, vm_id: str) -> Reading[str]:
        """Return the id of the watcher of the place a VM stands in."""
        vm = self.case.azure.vm(vm_id).or_else(None)
        location = "" if vm is None else vm.location.or_else("")
        if not location:
            return not_seen(_("the location of {vm} was not seen").format(vm=visible(arm_ids.name(vm_id))))
        known = self.watchers[arm_ids.subscription(vm_id).casefold()]
        if known.was_seen and _place(location) not in known.value:
            return not_seen(
                _("there is no network watcher in {location}").format(location=visible(location)), known.source
            )
        return known.map(lambda by_place: by_place[_place(location)])

    def _rules(self, nic_id: str) -> Reading[Any]:
        return effective_rules(
            self._of_interface(allowed.EFFECTIVE_RULES, "EffectiveNetworkSecurityGroupListResult", nic_id)
        )

    def _routes(self, nic_id: str) -> Reading[Any]:
        return effective_routes(self._of_interface(allowed.EFFECTIVE_ROUTES, "EffectiveRouteListResult", nic_id))

    def _of_interface(self, operation: allowed.Operation, kind: str, nic_id: str) -> Reading[Row]:
        names = (arm_ids.group(nic_id), arm_ids.name(nic_id))
        return self.ask.answer(operation, kind, *names, subscription=arm_ids.subscription(nic_id))


def _watchers(ask: Asker, wanted: Sequence[Probe]) -> Watchers:
    """Return the watchers of every subscription that a VM to be asked stands in."""
    subscriptions = list(
        {one.casefold(): one for one in (arm_ids.subscription(probe.vm_id) for probe in wanted)}.values()
    )

    def of(subscription: str) -> Reading[Mapping[str, str]]:
        rows = ask.every(allowed.WATCHERS, "NetworkWatcher", subscription=subscription)
        return rows.map(lambda found: {_place(row.text("location")): row.text("id") for row in found})

    return dict(zip(map(str.casefold, subscriptions), ask.together(of, subscriptions), strict=True))


def _place(location: str) -> str:
    """Return the form under which Azure's two spellings of a location compare: `Japan West`, `japanwest`."""
    return location.replace(" ", "").casefold()


# -- what is sent


def _flow(question: FlowProbe) -> dict[str, Any]:
    """Return the question in Azure's words; the port of the end that does not listen may be any."""
    goes_out = question.direction == OUTBOUND
    return {
        "targetResourceId": question.vm_id,
        "targetNicResourceId": question.nic_id,
        "direction": question.direction,
        "protocol": "TCP",
        "localIPAddress": question.local,
        "localPort": "*" if goes_out else str(question.port),
        "remoteIPAddress": question.remote,
        "remotePort": str(question.port) if goes_out else "*",
    }


def _hop(question: NextHopProbe) -> dict[str, Any]:
    return {
        "targetResourceId": question.vm_id,
        "targetNicResourceId": question.nic_id,
        "sourceIPAddress": question.source,
        "destinationIPAddress": question.destination,
    }


def _connection(question: ConnectivityProbe) -> dict[str, Any]:
    return {
        "source": {"resourceId": question.vm_id},
        "destination": {"address": question.destination, "port": question.port},
        "protocol": "Tcp",
    }


# -- what is made of it


def _agent_missing(vm: str) -> Callable[[Exception], str | None]:
    """Return what tells, of an error, that the VM lacks the agent; Azure has no code of its own for it."""

    def explain(error: Exception) -> str | None:
        if not _NO_AGENT.search(str(getattr(error, "message", error))):
            return None
        return _("the Network Watcher agent is missing on {vm}").format(vm=visible(vm))

    return explain


def _denies(answer: Reading[Any]) -> bool:
    verdict = answer.or_else(None)
    return verdict is not None and not verdict.allowed


def _leads_nowhere(question: NextHopProbe, answers: Mapping[str, Reading[Any]]) -> bool:
    hop = answers[question.key].or_else(None)
    try:
        return hop is not None and hop.kind.casefold() in _NOWHERE and is_private(question.destination)
    except NotSeen:
        return False


def _interfaces(questions: Any) -> list[str]:
    return list({one.nic_id.casefold(): one.nic_id for one in questions}.values())


def _said(question: Probe) -> str:
    """Return a question as a person would say it: names of Azure's own resources, and addresses."""
    name = visible(arm_ids.name(question.vm_id))
    if isinstance(question, FlowProbe):
        sign = "->" if question.direction == OUTBOUND else "<-"
        return f"{name} {sign} {visible(question.remote)} tcp/{question.port}"
    if isinstance(question, NextHopProbe):
        return f"{name} -> {visible(question.destination)}"
    return f"{name} -> {visible(question.destination)} tcp/{question.port}"
