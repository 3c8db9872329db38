"""Let a flow through the network security group that denies it: a rule of its own, just before the one that denies.

Everything the rule says stands in its name, so that a plan, its undo and its proof all speak of the same flow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from failback.changes.change import Change, ChangeTarget, State
from failback.changes.on_azure import last_part, request
from failback.changes.remedy import AZURE, CannotChange, Remedy, Shape, Verification, Weight
from wizard_steps.case import Case
from wizard_steps.classic import probing
from wizard_steps.classic.ports import Flow
from wizard_steps.outside import visible
from wizard_steps.reading import NotSeen
from wizard_steps.requirement import Finding
from wizard_steps.seen_by_probes import OUTBOUND, EffectiveRule, FlowProbe
from wizard_steps.wording import _

ALLOW: Final = "Allow"
FIRST, LAST = 100, 4096
"""The priorities that Azure takes for a rule of one's own."""
_NAME = re.compile(
    r"failback-(?P<direction>Outbound|Inbound)-(?P<source>[0-9.]+)-to-(?P<destination>[0-9.]+)"
    r"-tcp-(?P<port>\d+)-p(?P<priority>\d+)"
)


@dataclass(frozen=True)
class _Rule:
    """The rule to be, as its name says it."""

    direction: str
    source: str
    destination: str
    port: int
    priority: int

    @property
    def name(self) -> str:
        return f"failback-{self.direction}-{self.source}-to-{self.destination}-tcp-{self.port}-p{self.priority}"

    @staticmethod
    def named(name: str) -> _Rule:
        found = _NAME.fullmatch(name)
        if found is None:
            raise CannotChange(_("it is no rule of this program"))
        said = found.groupdict()
        return _Rule(said["direction"], said["source"], said["destination"], int(said["port"]), int(said["priority"]))

    def asks(self, probe: FlowProbe) -> bool:
        return (probe.direction, *_ends(probe), probe.port) == (
            self.direction,
            self.source,
            self.destination,
            self.port,
        )

    def body(self) -> dict[str, Any]:
        return {
            "properties": {
                "protocol": "Tcp",
                "sourceAddressPrefix": self.source,
                "sourcePortRange": "*",
                "destinationAddressPrefix": self.destination,
                "destinationPortRange": str(self.port),
                "access": ALLOW,
                "direction": self.direction,
                "priority": self.priority,
            }
        }


class AllowPort(Remedy):
    """PUT of a security rule, refused by Azure where one of its name is there; DELETE takes it away."""

    id = "allow-port"
    weight = Weight.HARMLESS
    probes = True
    reads = AZURE

    def target_of(self, case: Case, finding: Finding) -> ChangeTarget:
        """Return the network security group that denies the flow of a finding."""
        return _group_target(_denying(case, _denied(case, finding)))

    def plan(self, case: Case, finding: Finding) -> Change:
        """Return the change for the first flow of the finding that is denied; the next look shows the next."""
        probe = _denied(case, finding)
        denying = _denying(case, probe)
        target = _group_target(denying)
        rule = _Rule(probe.direction, *_ends(probe), probe.port, _free_priority(case, probe, denying))
        shape = self.shape(case, target, {rule.name: ALLOW})
        return self._change(f"{self.id}:{target.name}:{rule.name}", finding.requirement.id, target, shape)

    def shape(self, case: Case, target: ChangeTarget, wanted: State | None) -> Shape:
        """Add the rule that is named, or delete it."""
        if not wanted:
            raise CannotChange(_("which flow is meant is not known"))
        [(name, then)] = wanted.items()
        rule = _Rule.named(name)
        probe = _probe(case, rule)
        verdict = probing.flow(case, probe).value
        now = ALLOW if _is_there(case, probe, name) else None
        if now == then:
            raise CannotChange(_("the rule is already as wanted"))
        if then is not None:
            _refuse_needless_or_stale(case, probe, rule)
        path = f"{target.ref}/securityRules/{name}"
        call = (
            request("DELETE", path) if then is None else request("PUT", path, rule.body(), guard={"If-None-Match": "*"})
        )
        return Shape(
            title=(_("Delete the rule {rule}") if then is None else _("Add the rule {rule}")).format(
                rule=visible(f"{target.name}/{name}")
            ),
            before={name: now},
            after={name: then},
            calls=(call,),
            rests_on={"the flow is": ALLOW if verdict.allowed else "Deny", "by the rule": verdict.rule},
            disturbs=_(
                "nothing stops: one TCP port between two addresses is opened in this group, for everything in it. "
                "Azure refuses the rule if one of its name is there; deleting it has no guard"
            ),
            reversible=True,
            undo=_("the rule is deleted again"),
            privileges=(
                f"Microsoft.Network/networkSecurityGroups/securityRules/{'delete' if then is None else 'write'}",
            ),
        )

    def verify(self, change: Change, case: Case) -> Verification:
        """Ask the probe of this very flow again."""
        [(name, then)] = change.after.items()
        probe = _probe(case, _Rule.named(name))
        verdict = probing.flow(case, probe).value
        word = _("let through") if verdict.allowed else _("denied")
        return Verification(
            _is_there(case, probe, name) is (then is not None),
            _("the flow is {word}, by the rule {rule}").format(word=word, rule=visible(verdict.rule)),
        )


def _refuse_needless_or_stale(case: Case, probe: FlowProbe, rule: _Rule) -> None:
    """Raise `CannotChange` where a flow needs no rule, or where the rule's place in the group is no longer right."""
    verdict = probing.flow(case, probe).value
    if verdict.allowed:
        raise CannotChange(_("the flow is let through already, by {rule}").format(rule=visible(verdict.rule)))
    if _free_priority(case, probe, _denying(case, probe)) != rule.priority:
        raise CannotChange(_("the priorities of the group have changed since"))


def _is_there(case: Case, probe: FlowProbe, name: str) -> bool:
    """Tell whether a rule applies: it decides the flow, or stands before another group that denies it still."""
    verdict = probing.flow(case, probe).value
    if last_part(verdict.rule) == name:
        return True
    return not verdict.allowed and any(last_part(one.name) == name for one in _rules(case, probe))


def _ends(probe: FlowProbe) -> tuple[str, str]:
    """Return the address that connects and the one that listens."""
    return (probe.local, probe.remote) if probe.direction == OUTBOUND else (probe.remote, probe.local)


def _flows(case: Case) -> Iterator[FlowProbe]:
    return (one for one in probing.wanted_probes(case) if isinstance(one, FlowProbe))


def _probe(case: Case, rule: _Rule) -> FlowProbe:
    found = next((one for one in _flows(case) if rule.asks(one)), None)
    if found is None:
        raise NotSeen(_("this flow is not probed any more"))
    return found


def _denied(case: Case, finding: Finding) -> FlowProbe:
    """Return the first denied flow that a finding speaks of; raises `CannotChange` when the groups deny none."""
    addresses = _addresses(case, finding)
    number = finding.subject.thing.number if isinstance(finding.subject.thing, Flow) else None
    for probe in _flows(case):
        if number not in (None, probe.port) or not addresses & set(_ends(probe)):
            continue
        verdict = probing.flow(case, probe)
        if verdict.was_seen and not verdict.value.allowed:
            return probe
    raise CannotChange(
        _("no network security group was seen to deny it: probe first, or look at the firewalls on the way")
    )


def _addresses(case: Case, finding: Finding) -> set[str]:
    """Return the Azure addresses of the machines and the process server that a finding speaks of."""
    found = set()
    for machine in case.machines.or_else(()):
        vm = machine.azure_vm.or_else(None)
        if vm is not None and _speaks_of(finding, machine.name) and finding.subject.kind in ("machine", "port"):
            found |= {probe.local for probe in _flows(case) if probe.vm_id == vm.id and probe.direction == OUTBOUND}
    for target in case.targets.or_else(()):
        if target.process_server.was_seen and _speaks_of(finding, target.process_server.value.name.raw):
            found.add(target.process_server.value.ip_address.value)
    return found


def _speaks_of(finding: Finding, name: str) -> bool:
    thing = finding.subject.thing
    return name in ((thing.source,) if isinstance(thing, Flow) else (finding.subject.name,))


def _denying(case: Case, probe: FlowProbe) -> EffectiveRule:
    """Return the rule that denies a flow, with the group it stands in; raises `CannotChange` where it has none."""
    name = last_part(probing.flow(case, probe).value.rule)
    rules = _rules(case, probe)
    hits = [one for one in rules if one.name.rpartition("/")[2] == name and not one.allows]
    hits = [one for one in hits if one.direction == probe.direction]
    groups = {one.group_id.casefold() for one in hits}
    if len(groups) != 1 or "/networksecuritygroups/" not in hits[0].group_id.casefold():
        raise CannotChange(
            _(
                "the rule {rule} that denies it stands in no one network security group (a rule of Azure Virtual "
                "Network Manager, or in several groups): whoever keeps it must open the port"
            ).format(rule=visible(name))
        )
    return hits[0]


def _rules(case: Case, probe: FlowProbe) -> tuple[EffectiveRule, ...]:
    probed = case.azure.probed
    if probed is None or probe.nic_id.casefold() not in probed.rules:
        raise NotSeen(_("the rules of the interface were not read"))
    return probed.rules[probe.nic_id.casefold()].value


def _free_priority(case: Case, probe: FlowProbe, denying: EffectiveRule) -> int:
    """Return the free priority that is nearest below that of the denying rule."""
    taken = {
        one.priority
        for one in _rules(case, probe)
        if one.group_id.casefold() == denying.group_id.casefold() and one.direction == probe.direction
    }
    below = range(min(denying.priority - 1, LAST), FIRST - 1, -1)
    free = next((one for one in below if one not in taken), None)
    if free is None:
        raise CannotChange(_("no priority below that of the denying rule is free: make room in the group first"))
    return free


def _group_target(rule: EffectiveRule) -> ChangeTarget:
    return ChangeTarget("network", last_part(rule.group_id), "azure", rule.group_id)
