"""What a larger site costs: judging it, and looking at it over both wires. Each size is measured in its own process.

python -m benchmarks.site_sizes 100        one size, as JSON
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import ROOT, environment, median, python, table

if TYPE_CHECKING:
    from failback.engine import Engine
    from failback.rehearsal.site import Site

SIZES = (12, 100, 500)


def measure() -> None:
    """Print both tables."""
    found = {size: _in_its_own_process(size) for size in SIZES}
    first = found[SIZES[0]]
    each = {size: one["judging"] / size for size, one in found.items()}
    table(
        "Judging",
        ("machines", "whole", "per machine", "x the smallest"),
        [
            (
                str(size),
                f"{one['judging'] * 1000:.0f} ms",
                f"{each[size] * 1000:.2f} ms",
                f"{each[size] / each[12]:.2f}",
            )
            for size, one in found.items()
        ],
    )
    for wire in ("vcenter", "azure"):
        calls, sent = f"{wire} calls", f"{wire} bytes"
        table(
            f"One look at the wire of {wire}",
            ("machines", "calls", "kB", "calls per machine", "kB per machine", "calls x the smallest"),
            [
                (
                    str(size),
                    f"{one[calls]:.0f}",
                    f"{one[sent] / 1000:,.0f}",
                    f"{one[calls] / size:.1f}",
                    f"{one[sent] / 1000 / size:.1f}",
                    f"{one[calls] / first[calls]:.1f}",
                )
                for size, one in found.items()
            ],
        )


def _in_its_own_process(size: int) -> dict[str, float]:
    done = subprocess.run(
        python("-m", "benchmarks.site_sizes", str(size)),
        env=environment(ROOT / ".build"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


@dataclass
class Counted:
    """Calls and the bytes of their answers."""

    calls: int = 0
    sent: int = 0


def of_size(size: int) -> dict[str, float]:
    """Look at a ready rehearsal site of that many machines and judge it; seconds, calls and bytes."""
    engine, site = _opened(size)
    vcenter, azure = _counting(site)
    case = engine.look(probe=False)
    took = median(lambda: _seconds(engine, case), 5)
    engine.close()
    return {
        "judging": took,
        "vcenter calls": vcenter.calls,
        "vcenter bytes": vcenter.sent,
        "azure calls": azure.calls,
        "azure bytes": azure.sent,
    }


def _opened(size: int) -> tuple[Engine, Site]:
    """Return an engine over the ready site, enlarged before anything of it is built: copies of one of its machines."""
    from failback.rehearsal import description

    known = description.MACHINES
    more = tuple(
        replace(
            known[0],
            name=f"vm{number:04}",
            source_ip=f"10.21.{number // 200}.{number % 200 + 10}",
            azure_ip=f"10.61.{number // 200}.{number % 200 + 10}",
        )
        for number in range(size - len(known))
    )
    description.MACHINES = (*known, *more)[:size]  # type: ignore[assignment]  # of any length, here

    from failback.opening import open_rehearsal

    engine = open_rehearsal("ready", home=Path("/nonexistent"))
    assert engine.rehearsal is not None  # noqa: S101 -- it was just opened as one
    return engine, engine.rehearsal


def _counting(site: Site) -> tuple[Counted, Counted]:
    """Count what comes back over both wires from now on."""
    from failback.rehearsal import vcenter_wire, vcenter_wire_calls

    vcenter, azure = Counted(), Counted()
    handle, answer, over_soap = site.arm.handle, site.wire.answer, vcenter_wire_calls.over_soap

    def handling(*request: Any) -> Any:
        reply = handle(*request)
        azure.calls += 1
        azure.sent += len(reply.content)
        return reply

    def answering(*call: Any) -> Any:
        vcenter.calls += 1
        return answer(*call)

    def crossing(value: Any, declared: Any, version: str, stub: Any) -> Any:
        if stub is not None:  # an answer: arguments are bound to no session
            vcenter.sent += _length(value, declared, version)
        return over_soap(value, declared, version, stub)

    for where, name, counting in (
        (site.arm, "handle", handling),
        (site.wire, "answer", answering),
        (vcenter_wire, "over_soap", crossing),
    ):
        setattr(where, name, counting)
    return vcenter, azure


def _length(value: Any, declared: Any, version: str) -> int:
    from pyVmomi.SoapAdapter import SOAP_NSMAP, SerializeToStr
    from pyVmomi.VmomiSupport import F_OPTIONAL, Object

    if value is None:
        return 0
    field = Object(name="returnval", type=declared, version=version, flags=F_OPTIONAL)
    return len(SerializeToStr(value, field, version, dict(SOAP_NSMAP)))


def _seconds(engine: Engine, case: Any) -> float:
    began = time.perf_counter()
    engine.judge(replace(case))  # a copy has none of the joins that an earlier run has computed
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(of_size(int(sys.argv[1]))))
