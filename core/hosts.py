"""Which hosts are this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by its name or address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return False
