"""Names the process that holds a lane or reads a page, so that another on the same machine can tell when it is dead."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def name() -> str:
    """This process: host, id, birth and machine. Where the system does not tell the last two, nobody judges it."""
    return f"{socket.gethostname()}:{os.getpid()}:{_birth(os.getpid())}:{_machine()}"


def is_dead(holder: str) -> bool:
    """Whether a holder was a process of this very machine and is no more; one elsewhere is never known to be."""
    _host, pid, birth, machine = [*holder.rsplit(":", 3), "", "", ""][:4]
    if not (machine and birth and machine == _machine() and pid.isdecimal()):
        return False
    return _birth(int(pid)) != birth


def _machine() -> str:
    """The boot and the process namespace in which ids mean what they mean here; empty outside of Linux."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink().name.strip('pid:[]')}"
    except OSError:
        return ""


def _birth(pid: int) -> str:
    """When a process began, in clock ticks since boot (proc(5), field 22 of stat); empty when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state == "Z" else fields[18]
