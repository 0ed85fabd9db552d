"""An SMTP server that accepts mail over STARTTLS from authenticated clients and stores each mail as a file.

Usage: smtp_server.py CERTIFICATE KEY FOLDER, with the account in SMTP_USERNAME and SMTP_PASSWORD. Prints its port, and
ends with its standard input.
"""

import os
import pathlib
import socket
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

CERTIFICATE, KEY, FOLDER = sys.argv[1:]
ACCOUNT = (os.environb[b"SMTP_USERNAME"], os.environb[b"SMTP_PASSWORD"])


class Folder:
    """Keeps mail; a file that has its name is whole."""

    count = 0

    async def handle_DATA(self, server, session, envelope):
        Folder.count += 1
        path = pathlib.Path(FOLDER) / f"{Folder.count:04}.eml"
        path.with_suffix(".new").write_bytes(envelope.content)
        path.with_suffix(".new").rename(path)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    """Knows one account."""
    return AuthResult(success=(data.login, data.password) == ACCOUNT)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(CERTIFICATE, KEY)
controller = Controller(
    Folder(),
    hostname="127.0.0.1",
    port=free_port(),
    tls_context=context,
    require_starttls=True,
    auth_required=True,
    authenticator=authenticate,
)
controller.start()
print(controller.port, flush=True)
sys.stdin.read()
controller.stop()
