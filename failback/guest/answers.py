"""What the look inside answered, read strictly: an answer that is not exactly as it should be tells nothing.

The answer comes from a machine that others run: its texts are kept as `Outside`, its size was bounded before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from failback.guest.programs import WINDOWS
from wizard_steps.outside import Outside
from wizard_steps.reading import Reading, not_seen, seen
from wizard_steps.seen_in_guest import RawDisk, SeenInGuest, VolumeInside
from wizard_steps.wording import _

FORMAT: Final = "failback-look-1"
FORMATTED: Final = "failback-format-1"
_LOCKED: Final = 1  # Win32_EncryptableVolume.GetLockStatus
_ON_WINDOWS: Final = frozenset(
    {"format", "system", "administrator", "bitLocker", "volumes", "installed", "caches", "blank", "end"}
)
_ON_LINUX: Final = frozenset(
    {"format", "system", "administrator", "mounts", "blocks", "blank", "installed", "caches", "end"}
)
_WHEN_FORMATTED: Final = frozenset({"format", "system", "serial", "size", "volume", "fileSystem", "end"})
_MULTIPATH: Final = "mpath"
_MULTIPATH_MEMBER: Final = "mpath_member"
_SERIAL: Final = re.compile(r"[0-9a-z]{8,64}")
_KERNEL_NAME: Final = re.compile(r"[A-Za-z0-9]{1,32}")


class OddAnswerError(Exception):
    """The answer is not what the program writes; `reason` is a translated clause that holds nothing of it."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


def read_look(content: bytes, system: str, at: datetime) -> SeenInGuest:
    """Return what a look inside showed at `at`; raises `OddAnswerError` for anything the program does not write."""
    try:
        data = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise OddAnswerError(_("its answer is garbled: it is no JSON")) from error
    wanted = _ON_WINDOWS if system == WINDOWS else _ON_LINUX
    answer = _object(data, wanted)
    if (answer["format"], answer["system"], answer["end"]) != (FORMAT, system, True):
        raise _odd("format")
    _flag(answer["administrator"], "administrator")
    try:
        return (_on_windows if system == WINDOWS else _on_linux)(answer, at)
    except RecursionError as error:
        raise _odd("blocks") from error


def read_formatted(content: bytes, system: str, question: Sequence[str], at: datetime) -> SeenInGuest:
    """Return what formatting brought about at `at`: the one volume that it read again, and nothing of the others.

    Raises `OddAnswerError` for anything that the program does not write, or that does not fit its question.
    """
    try:
        answer = _object(json.loads(content.decode("utf-8")), _WHEN_FORMATTED)
    except (ValueError, RecursionError) as error:
        raise OddAnswerError(_("its answer is garbled: it is no JSON")) from error
    wanted = (FORMATTED, system, *question[:2], volume_path(system, question[2]), file_system_of(system), True)
    if tuple(answer[key] for key in ("format", "system", "serial", "size", "volume", "fileSystem", "end")) != wanted:
        raise _odd("format")
    only_it = _("only the new volume was read")
    volume = VolumeInside(
        path=Outside(answer["volume"]),
        file_system=seen(Outside(answer["fileSystem"])),
        locked=not_seen(only_it),
        read_only=not_seen(only_it),
        installed=not_seen(only_it),
        caches=not_seen(only_it),
    )
    return SeenInGuest(looked_at=at, volumes=(volume,), lvm=not_seen(only_it), raw_disks=not_seen(only_it))


def volume_path(system: str, place: str) -> str:
    r"""Return a drive letter or mount point as the guest names the volume: `R:\`, `/mnt/retention`."""
    return f"{place}:\\" if system == WINDOWS else place


def file_system_of(system: str) -> str:
    """Return the file system that a retention volume is given."""
    return "NTFS" if system == WINDOWS else "ext4"


def serial_of(text: str) -> str:
    """Return a disk's serial number or UUID in the one form that compares."""
    return re.sub(r"[\s-]", "", text).casefold()


# -- Windows


def _on_windows(answer: Mapping[str, Any], at: datetime) -> SeenInGuest:
    bit_locker = _text(answer["bitLocker"], "bitLocker")
    if bit_locker not in ("present", "absent", "unread"):
        raise _odd("bitLocker")
    folders = {key: tuple(_text(one, key) for one in _list(answer[key], key)) for key in ("installed", "caches")}
    volumes = [
        _object(one, {"path", "fileSystem", "lockStatus", "readOnly"}) for one in _list(answer["volumes"], "volumes")
    ]
    blank = [_object(one, {"serial", "size"}) for one in _list(answer["blank"], "blank")]
    paths = [_text(one["path"], "path") for one in volumes]
    return SeenInGuest(
        looked_at=at,
        volumes=tuple(
            VolumeInside(
                path=Outside(path),
                file_system=seen(Outside(_text(one["fileSystem"], "fileSystem"))),
                locked=_lock(one, bit_locker),
                read_only=_or_unread(one["readOnly"], "readOnly"),
                installed=seen(_on_volume(folders["installed"], path, paths)),
                caches=seen(_on_volume(folders["caches"], path, paths)),
            )
            for path, one in zip(paths, volumes, strict=True)
        ),
        lvm=seen(()),
        raw_disks=seen(tuple(_raw_disks((one["serial"], one["size"]) for one in blank))),
    )


def _lock(volume: Mapping[str, Any], bit_locker: str) -> Reading[bool]:
    """Return whether BitLocker has a volume locked. Without BitLocker, a volume whose file system is read is open."""
    status = volume["lockStatus"]
    if status is not None:
        return seen(_number(status, "lockStatus") == _LOCKED)
    if bit_locker == "absent" and volume["fileSystem"]:
        return seen(False)
    if bit_locker == "unread":
        return not_seen(_("the account may not ask BitLocker: it needs an administrator's rights inside the guest"))
    return not_seen(_("BitLocker says nothing of it"))


def _on_volume(folders: tuple[str, ...], path: str, paths: list[str]) -> tuple[Outside, ...]:
    """Return the folders that lie on a volume: under its path, and under no longer one (a volume may be a folder)."""
    mine = []
    for folder in folders:
        under = [one for one in paths if (folder + "\\").casefold().startswith(one.casefold())]
        if under and max(under, key=len) == path:
            mine.append(Outside(folder))
    return tuple(mine)


# -- Linux


def _on_linux(answer: Mapping[str, Any], at: datetime) -> SeenInGuest:
    mounts = [
        _object(one, {"target", "source", "fstype", "options"}) for one in _filesystems(answer["mounts"], "mounts")
    ]
    blocks = list(_blocks(_object(answer["blocks"], {"blockdevices"})["blockdevices"]))
    places = {key: _places(answer[key], key) for key in ("installed", "caches")}
    on_disk = [one for one in mounts if isinstance(one["source"], str) and one["source"].startswith("/dev/")]
    return SeenInGuest(
        looked_at=at,
        volumes=tuple(
            VolumeInside(
                path=Outside(path := _text(one["target"], "target")),
                file_system=seen(Outside(_text(one["fstype"], "fstype"))),
                locked=seen(False),  # what is mounted was unlocked
                read_only=seen("ro" in _text(one["options"], "options").split(",")),
                installed=_here(places["installed"], path),
                caches=_here(places["caches"], path),
            )
            for one in on_disk
        ),
        lvm=seen(
            tuple(Outside(one["name"]) for one in blocks if one["type"] == "lvm" or one["fstype"] == "LVM2_member")
        ),
        raw_disks=_blank_on_linux(answer, blocks),
    )


def _filesystems(value: object, field: str) -> list[Any]:
    return _list(_object(value, {"filesystems"})["filesystems"], field)


def _blocks(value: object) -> Iterator[dict[str, Any]]:
    """Yield every block device of the tree that lsblk writes; `children` tells whether anything lies on it."""
    for one in _list(value, "blocks"):
        if not isinstance(one, dict):
            raise _odd("blocks")
        children = one.get("children", [])
        device = _object({**one, "children": children}, {"name", "type", "size", "serial", "fstype", "children"})
        for key in ("name", "type"):
            _text(device[key], key)
        yield device
        yield from _blocks(children)


def _places(value: object, field: str) -> Reading[tuple[str, ...]]:
    """Return the mount points that hold what was found; one that nobody can tell leaves the question open."""
    found = []
    for one in _list(value, field):
        if one is None:
            return not_seen(_("the guest does not say on which volume a folder of site recovery's lies"))
        [mount] = _filesystems(one, field)[-1:] or [None]
        found.append(_text(_object(mount, {"target"})["target"], field))
    return seen(tuple(dict.fromkeys(found)))


def _here(places: Reading[tuple[str, ...]], path: str) -> Reading[tuple[Outside, ...]]:
    return places.map(lambda found: tuple(Outside(one) for one in found if one == path))


def _blank_on_linux(answer: Mapping[str, Any], blocks: list[dict[str, Any]]) -> Reading[tuple[RawDisk, ...]]:
    if not _flag(answer["administrator"], "administrator"):
        return not_seen(_("the account may not read the disks: it needs root's rights inside the guest"))
    names = [_text(one, "blank") for one in _list(answer["blank"], "blank")]
    if not all(_KERNEL_NAME.fullmatch(name) for name in names):
        raise _odd("blank")
    blank = [one for one in blocks if one["type"] == "disk" and one["name"] in names and _holds_nothing(one)]
    return seen(tuple(_raw_disks((one["serial"] or "", one["size"]) for one in blank)))


def _holds_nothing(disk: dict[str, Any]) -> bool:
    """Tell whether lsblk shows nothing on a disk, or nothing but the map through which multipath reaches it."""
    if disk["fstype"] not in (None, "", _MULTIPATH_MEMBER):
        return False
    return all(one["type"] == _MULTIPATH and not one["fstype"] and not one.get("children") for one in disk["children"])


# -- pieces


def _raw_disks(found: Iterator[tuple[Any, Any]]) -> Iterator[RawDisk]:
    """Yield the disks that can be told apart: those with a serial number."""
    for serial, size in found:
        told = serial_of(_text(serial, "serial"))
        if _SERIAL.fullmatch(told):
            yield RawDisk(told, _number(size, "size"))


def _odd(field: str) -> OddAnswerError:
    return OddAnswerError(_("its answer is garbled: {field} is not as it should be").format(field=field))


def _object(value: object, keys: frozenset[str] | set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(keys):
        raise _odd(min(keys))
    return value


def _list(value: object, field: str) -> list[Any]:
    if not isinstance(value, list):
        raise _odd(field)
    return value


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise _odd(field)
    return value


def _flag(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise _odd(field)
    return value


def _or_unread(value: object, field: str) -> Reading[bool]:
    if value is None:
        return not_seen(_("the guest does not say it"))
    return seen(_flag(value, field))


def _number(value: object, field: str) -> int:
    """Return a whole number; lsblk before 2.33 and the program for Windows write it as text."""
    text = value if isinstance(value, str) else str(value) if type(value) is int else ""
    if not re.fullmatch(r"[0-9]{1,19}", text):
        raise _odd(field)
    return int(text)
