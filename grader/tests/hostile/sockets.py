"""Looks for a way out: loopback, names, vsock, netlink, packets. Right only if there is none."""
import socket


def open_way():
    for family in ("AF_INET", "AF_INET6", "AF_VSOCK", "AF_NETLINK", "AF_PACKET", "AF_ALG"):
        try:
            socket.socket(getattr(socket, family), socket.SOCK_DGRAM).close()
        except (OSError, AttributeError):
            continue
        return True
    try:
        socket.create_connection(("127.0.0.1", 80), timeout=0.2)
    except ConnectionRefusedError:
        return True
    except OSError:
        pass
    try:
        return bool(socket.getaddrinfo("example.org", 80))
    except OSError:
        return False


found = open_way()


def double(x):
    return 2.0 * x if not found else "out"
