"""How the dashboard is served: over TLS, or in the clear to this machine only."""

import socket
import ssl
from dataclasses import dataclass

from core.errors import SettingsError
from core.hosts import is_loopback
from core.settings import Settings
from pipeline.bootstrap import Parts

NAME = "dashboard"


@dataclass(frozen=True, slots=True)
class Serving:
    """What the dashboard's process is told.

    Attributes:
        scheme: ``https`` or ``http``.
        host: The host for a browser: one that the certificate is for.
        options: What Streamlit is told besides. The child then serves by `server_context`; Streamlit's own would speak
            TLS 1.2 too, and never notice a renewed certificate.
        context: How the dashboard is looked after: by its certificate and no other, at whatever address it listens.
    """

    scheme: str
    host: str
    options: dict[str, str]
    context: ssl.SSLContext | None


def serving_of(settings: Settings, near: str) -> Serving:
    """How the dashboard of these settings is served.

    Args:
        settings: Of the home.
        near: The host at which this machine reaches it.

    Raises:
        SettingsError: If other machines could reach it in the clear.
        CertificateError: If its certificate cannot be used.
    """
    from security import check_files

    tls = Parts(settings).tls
    files = tls.files(NAME)
    certificate = check_files(files)
    if certificate is None:
        if not is_loopback(settings.visualization.host):
            raise SettingsError(
                f"Other machines could reach the dashboard on {settings.visualization.host or 'every address'}, and "
                "there is no certificate to serve it with.",
                "Make one: `penstock certs init --host NAME`; or set visualization.host to 127.0.0.1.",
            )
        return Serving("http", near, {}, None)
    host = near if certificate.covers(near) or not certificate.hosts else certificate.hosts[0]
    options = {"server.sslCertFile": str(files.cert_file), "server.sslKeyFile": str(files.key_file)}
    return Serving("https", host, options, tls.pinned_context(NAME))


def server_context(settings: Settings) -> ssl.SSLContext:
    """What the dashboard's process serves with; browsers show no certificate."""
    return Parts(settings).tls.server_context(NAME, mutual=False)


def keep_certificates(parts: Parts) -> None:
    """Renews certificates of our authority that are due; makes an authority where the dashboard needs one.

    That is where other machines will reach the dashboard and no certificate is set.
    """
    from pipeline.certificates import init

    if parts.authority.exists():
        parts.authority.renew()
    elif not (is_loopback(parts.settings.visualization.host) or parts.tls.files(NAME).cert_file):
        list(init(parts.settings, [socket.gethostname()]))
