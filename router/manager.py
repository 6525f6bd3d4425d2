"""
What a service manager does for us, and what it is told (systemd's sd_listen_fds(3) and sd_notify(3), which others speak too).

It may hold our listeners open while we restart: who calls then waits in the kernel's queue for the seconds we need, instead of
being refused, and gets the real answer.
"""

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress

from twisted.python.systemd import ListenFDs

LISTENERS = ("public", "admin", "metrics")
"""What it may hold, by the name it gives them (`FileDescriptorName=`)."""


class StrangerError(Exception):
    """It holds something that is none of ours; the text says what to do."""


def handed_over(environment: MutableMapping[str, str]) -> dict[str, int]:
    """
    Return the listeners that are open already, by name; they are taken out of *environment*, so that no child takes them for its own.

    To be called before `twisted.internet.endpoints` is imported, which takes them out for itself. Raises `StrangerError` for one
    whose name tells us nothing, and for several of one name: it would be open, and nobody would ever answer there.
    """
    count = environment.get("LISTEN_FDS", "") if environment.get("LISTEN_PID") == str(os.getpid()) else ""
    found = ListenFDs.fromEnvironment(environment).inheritedNamedDescriptors()
    for name in found:
        if name not in LISTENERS:
            raise StrangerError(
                f"the service manager holds a socket called '{name}', which is none of ours; "
                f"call it {', '.join(LISTENERS[:-1])} or {LISTENERS[-1]} (FileDescriptorName= in its unit)"
            )
    if count.isdecimal() and len(found) != int(count):
        raise StrangerError(
            "the service manager holds a socket without a name of its own; "
            "name each of them differently (FileDescriptorName= in its unit, one ListenStream= in each)"
        )
    return found


def tell_ready(environment: MutableMapping[str, str]) -> None:
    """Tell the service manager, if one wants to know, that we take calls; it may be gone by now."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as wire, suppress(OSError):
        wire.connect("\0" + address[1:] if address.startswith("@") else os.fsencode(address))
        wire.send(b"READY=1")
