"""Four ADB clients behind one small interface: two stock binaries, adb-shell and Tango.

A client has one key and connects to `host:port` of a phone; what `connect` gives back is a session with
`shell`, `raw`, `push`, `pull`, `install`, `uninstall`, `service`, `reboot` and `close`.
"""

import socket

from adb_libraries import AdbShell, Tango
from adb_stock import BINARIES, Stock

CLIENTS = [*BINARIES, "adb-shell", "tango"]


def client(name, home, key):
    """One of CLIENTS; `home` is a folder of its own."""
    if name in BINARIES:
        return Stock(name, home, key)
    return AdbShell(key) if name == "adb-shell" else Tango(key)


def closed_by_peer(connection, seconds=10):
    """Whether the other side closes the connection, whatever it still says before."""
    connection.settimeout(seconds)
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def dial(address, seconds=10):
    host, port = address.split(":")
    return socket.create_connection((host, int(port)), seconds)
