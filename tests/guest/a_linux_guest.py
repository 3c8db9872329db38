"""A guest of Linux in a folder: disks are image files, told of by stubs of lsblk, findmnt and mount; the rest is real."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from failback.guest.programs import FORMAT, LINUX

TEXT = FORMAT[LINUX].text
SERIAL = "6000c29a1b2c3d4e5f60718293a4b5c6"
SIZE = 8 * 2**20
LINES = {"path": "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n", "dev": "dev=/dev\n", "fstab": "fstab=/etc/fstab\n"}
"""The three lines of the program that name where it is. A test puts others in their place and changes nothing else."""

NEEDED = ("wipefs", "blkid", "mkfs.ext4", "flock", "base64")

_LSBLK = """#!{python} -IS
import json, sys
world = json.load(open({world!r}))
words = [one for one in sys.argv[1:] if not one.startswith("-")]
columns = words[0].split(",")
disks = {{one["name"]: one for one in world["disks"]}}
if len(words) > 1:
    name = words[1].rsplit("/", 1)[1]
    found = disks.get(name) or next(
        child for one in disks.values() for child in one.get("children", []) if child["name"] == name
    )
    rows = [found] + ([] if "-d" in sys.argv else found.get("children", []))
else:
    rows = list(disks.values())
for row in rows:
    print(" ".join(str(row.get(column.lower(), "")) for column in columns))
"""
_FINDMNT = """#!{python} -IS
import json, sys
world = json.load(open({world!r}))
mounted = world["mounts"].get(sys.argv[sys.argv.index("-M") + 1])
if mounted is None:
    sys.exit(1)
if "-o" in sys.argv:
    print(mounted[sys.argv[sys.argv.index("-o") + 1].lower()])
"""
_MOUNT = """#!{python} -IS
import json, subprocess, sys
world = json.load(open({world!r}))
if world["mount_fails"]:
    sys.exit(32)
[line] = [one.split() for one in open({fstab!r}) if sys.argv[1] in one.split()]
for disk in world["images"]:
    told = subprocess.run(["blkid", "-p", "-s", "UUID", "-o", "value", disk], capture_output=True, text=True)
    if "UUID=" + told.stdout.strip() == line[0]:
        world["mounts"][sys.argv[1]] = {{"source": disk, "fstype": line[2]}}
json.dump(world, open({world!r}, "w"))
"""


@dataclass
class LinuxGuest:
    """One guest. `disks` is what lsblk shows; changing it before `run` is what the tests do."""

    folder: Path
    disks: list[dict[str, Any]] = field(default_factory=list)
    root: bool = True
    mount_fails: bool = False
    lacks: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    mounts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("dev/mapper", "bin", "job", "mnt"):
            (self.folder / name).mkdir(parents=True)
        self.fstab.write_text("UUID=1 / ext4 defaults 0 1\n# /mnt/old")  # its last line has no end
        self.disks = [self.disk("sda", serial="ff" * 16), self.disk("sdb")]

    @property
    def fstab(self) -> Path:
        return self.folder / "fstab"

    @property
    def where(self) -> str:
        return str(self.folder / "mnt/retention")

    def image(self, name: str) -> Path:
        return self.folder / "dev" / name

    def disk(self, name: str, **more: Any) -> dict[str, Any]:
        """Make a blank disk, and return what lsblk shows of it."""
        with self.image(name).open("wb") as made:
            made.truncate(SIZE)
        return {"name": name, "type": "disk", "serial": SERIAL, "size": SIZE, "ro": 0, "mountpoint": "", **more}

    def fingerprint(self) -> dict[str, str]:
        """Return what must not change where something is refused: every disk, and the table of mounts."""
        files = [*(self.folder / "dev").rglob("*"), self.fstab, *self.folder.glob("fstab.*")]
        return {str(one): hashlib.sha256(one.read_bytes()).hexdigest() for one in files if one.is_file()}

    def run(self, *question: str, text: str = TEXT) -> int:
        """Run the program as it is, but for where it finds its tools, disks and table; return its exit code."""
        places = {
            "path": f"PATH={self.folder / 'bin'}\n",
            "dev": f"dev={self.folder / 'dev'}\n",
            "fstab": f"fstab={self.fstab}\n",
        }
        for name, line in LINES.items():
            assert text.count(line) == 1
            text = text.replace(line, places[name])
        text = text.replace("[ -b ", "[ -f ")  # nobody but root has block devices to give away
        self._put_tools()
        job = self.folder / "job"
        if question:
            (job / "question.txt").write_text("".join(f"{line}\n" for line in question))
        return subprocess.run(["/bin/sh", "-c", text], cwd=job, check=False, capture_output=True).returncode

    def format(self) -> int:
        """Run it for the disk that there is."""
        return self.run(SERIAL, str(SIZE), self.where)

    @property
    def answer(self) -> bytes:
        return (self.folder / "job/answer.json").read_bytes()

    def holds(self, name: str = "sdb") -> str:
        """Return the file system on a disk."""
        told = subprocess.run(
            ["blkid", "-p", "-s", "TYPE", "-o", "value", self.image(name)], check=False, capture_output=True, text=True
        )
        return told.stdout.strip()

    def _put_tools(self) -> None:
        world = self.folder / "world.json"
        state = {
            "disks": self.disks,
            "mounts": self.mounts,
            "mount_fails": self.mount_fails,
            "images": [str(one) for one in (self.folder / "dev").rglob("*") if one.is_file()],
        }
        world.write_text(json.dumps(state))
        tools = self.folder / "bin"
        names = [
            "cat",
            "cp",
            "echo",
            "head",
            "id",
            "ls",
            "mkdir",
            "mv",
            "printf",
            "rm",
            "sed",
            "sh",
            "sync",
            "tail",
            "tr",
            "udevadm",
            "systemctl",
            "wc",
            "python3",
        ]
        for name in [*names, *NEEDED]:
            found = shutil.which(name)
            if found and not (tools / name).exists():
                (tools / name).symlink_to(found)
        made = {"python": sys.executable, "world": str(world), "fstab": str(self.fstab)}
        for name, script in (("lsblk", _LSBLK), ("findmnt", _FINDMNT), ("mount", _MOUNT)):
            self._put(name, script.format(**made))
        self._put("id", f"#!/bin/sh\necho {0 if self.root else 1000}\n")
        for name in ("udevadm", "systemctl"):
            self._put(name, "#!/bin/sh\nexit 0\n")
        for name in self.fails:
            self._put(name, "#!/bin/sh\nexit 1\n")
        for name in self.lacks:
            (tools / name).unlink()

    def _put(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.unlink(missing_ok=True)
        path.write_text(script)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
