"""Where the services of a cloud are, and which tokens they want."""

from __future__ import annotations

from typing import NamedTuple, Optional

PUBLIC_AUTHORITY = "https://login.microsoftonline.com"


class Cloud(NamedTuple):
    """One of Microsoft's clouds."""

    name: str
    authorities: tuple[str, ...]
    manager: str
    """Azure Resource Manager."""
    synapse: str
    """What follows the workspace's name."""
    fabric: str


CLOUDS = (
    Cloud(
        "public",
        ("login.microsoftonline.com", "login.microsoft.com", "login.windows.net", "sts.windows.net"),
        "https://management.azure.com",
        "dev.azuresynapse.net",
        "https://api.fabric.microsoft.com",
    ),
    Cloud(
        "US Government",
        ("login.microsoftonline.us", "login.usgovcloudapi.net"),
        "https://management.usgovcloudapi.net",
        "dev.azuresynapse.usgovcloudapi.net",
        "",
    ),
    Cloud(
        "China",
        ("login.chinacloudapi.cn", "login.partner.microsoftonline.cn"),
        "https://management.chinacloudapi.cn",
        "dev.azuresynapse.azure.cn",
        "",
    ),
)
PUBLIC = CLOUDS[0]


def known_authority(authority: str) -> bool:
    """Whether Microsoft's instance discovery knows the authority."""
    return any(host_of(authority) in cloud.authorities for cloud in CLOUDS)


def cloud_of(authority: str) -> Cloud:
    """The cloud an authority signs in to; the public one where it is none of Microsoft's."""
    for cloud in CLOUDS:
        if host_of(authority) in cloud.authorities:
            return cloud
    return PUBLIC


def manager_scope(endpoint: str, authority: str) -> str:
    """The scope of tokens for Azure Resource Manager at `endpoint`."""
    for cloud in CLOUDS:
        if host_of(endpoint) == host_of(cloud.manager):
            return f"{cloud.manager}/.default"
    return f"{cloud_of(authority).manager}/.default"


def synapse_scope(endpoint: str, authority: str) -> str:
    """The scope of tokens for a Synapse workspace at `endpoint`."""
    for cloud in CLOUDS:
        if host_of(endpoint).endswith("." + cloud.synapse):
            return f"https://{cloud.synapse}/.default"
    return f"https://{cloud_of(authority).synapse}/.default"


def fabric_scope(endpoint: str) -> str:
    """The scope of tokens for Fabric at `endpoint`: its own where that is one of Microsoft's hosts."""
    host = host_of(endpoint)
    if host.endswith((".microsoft.com", ".microsoft.us", ".azure.cn", ".microsoft.cn", ".microsoft.scloud")):
        return f"https://{host}/.default"
    return f"{PUBLIC.fabric}/.default"


def host_of(url: str) -> str:
    """The host a URL names, without its port."""
    from urllib.parse import urlsplit

    return (urlsplit(url).hostname or "").lower()


def place_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what two URLs share when a token for the one may go to the other."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or 443


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine, which no proxy can reach for us."""
    host = host_of(url)
    return host == "localhost" or host.endswith(".localhost") or host.startswith("127.") or host == "::1"


def https(name: str, value: object, bare: bool = False) -> str:
    """A checked https URL without a slash at its end; `bare` also takes a host alone."""
    from urllib.parse import urlsplit

    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, got {type(value).__name__}")
    given = value.strip().rstrip("/")
    if bare and given and "://" not in given:
        given = f"https://{given}"
    try:
        parts = urlsplit(given)
        valid = parts.scheme.lower() == "https" and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if valid and ("@" in parts.netloc or parts.query or parts.fragment):
        # not shown: what stands before an @ is a password
        raise ValueError(f"{name} must be an https URL without user, query and fragment")
    if not valid or any(c.isspace() or ord(c) < 32 for c in given):
        shown = "a URL with a user in it" if "@" in value else repr(value)
        raise ValueError(f"{name} must be an https URL, got {shown}")
    return given


def authority_of(value: Optional[str]) -> str:
    """The authority that was asked for, else AZURE_AUTHORITY_HOST's, else the public cloud's."""
    import os

    if value is not None:
        return https("authority", value, bare=True)
    named = os.environ.get("AZURE_AUTHORITY_HOST")
    return https("AZURE_AUTHORITY_HOST", named, bare=True) if named else PUBLIC_AUTHORITY
