"""Turns the network off in every Python that has this folder on its PYTHONPATH.

Connections to other machines and look-ups of their names raise OSError; loopback and Unix sockets
stay, for a kernel talks to its client through them. Only Python's own sockets are covered.
"""

import ipaddress
import socket


class NetworkIsOff(OSError):
    """A lesson tried to reach another machine."""


def _is_local(host) -> bool:
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse_remote(address) -> None:
    if isinstance(address, tuple) and not _is_local(address[0]):
        raise NetworkIsOff(f"the network is off in this test: no connection to {address[0]}")


def _guarded(name):
    original = getattr(socket.socket, name)

    def method(self, *args):
        # `sendto` has the address last, `connect` has nothing else.
        _refuse_remote(args[-1])
        return original(self, *args)

    return method


def _guarded_lookup(original):
    def lookup(host, *args, **kwargs):
        if not _is_local(host):
            raise NetworkIsOff(f"the network is off in this test: no look-up of {host}")
        return original(host, *args, **kwargs)

    return lookup


for _name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, _name, _guarded(_name))
for _name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
    setattr(socket, _name, _guarded_lookup(getattr(socket, _name)))
