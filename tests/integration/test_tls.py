"""Bus, database and door over TLS, with an authority that the test makes: encrypted, and nobody else's server."""

import asyncio
import ipaddress
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from nats.errors import NoServersError
from sqlalchemy import text

from chassis import store
from chassis.connecting import BusAccess
from chassis.embedded.nats import NatsServer
from chassis.embedded.processes import free_port
from chassis.settings import Settings
from yingbao.running.stack import Stack

LONG = timedelta(days=1)


@dataclass
class Authority:
    """An authority, and a certificate for 127.0.0.1 that it signed."""

    ca: Path
    certificate: Path
    key: Path


def an_authority(room: Path, name: str) -> Authority:
    """Make a certificate authority and one certificate."""
    now, ca_key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} authority")])
    ca = (
        x509.CertificateBuilder().subject_name(issuer).issuer_name(issuer).public_key(ca_key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - LONG).not_valid_after(now + LONG)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )  # fmt: skip
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - LONG).not_valid_after(now + LONG)
        .add_extension(here, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )  # fmt: skip
    found = Authority(*(room / f"{name}.{kind}" for kind in ("ca", "pem", "key")))
    found.ca.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    found.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    found.key.chmod(0o600)
    return found


@pytest.fixture
def ours(room: Path) -> Authority:
    """The county's own authority."""
    return an_authority(room, "county")


@pytest.fixture
def foreign(room: Path) -> Authority:
    """Somebody else's."""
    return an_authority(room, "foreign")


@pytest.fixture
def bus(room: Path, ours: Authority) -> Iterator[NatsServer]:
    """A bus that speaks TLS only."""
    server = NatsServer(room / "nats")
    server.tls = (ours.certificate, ours.key)
    server.start()
    yield server
    server.stop()


async def test_a_service_trusts_the_bus_of_its_own_authority_and_no_other(
    bus: NatsServer, ours: Authority, foreign: Authority
) -> None:
    """The county's CA opens it; another's does not, though server and port are the same."""
    url = bus.url.replace("nats://", "tls://")

    client = await BusAccess((url,), "settlement", ca_file=ours.ca).connect()
    await client.flush()
    await client.close()

    with pytest.raises((NoServersError, ssl.SSLError)):
        await BusAccess((url,), "settlement", ca_file=foreign.ca).connect(
            allow_reconnect=False, error_cb=_silent
        )


async def _silent(_: Exception) -> None:
    """The refusal is raised as well."""


SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


@asynccontextmanager
async def tls_before(port: int, ours: Authority) -> AsyncIterator[int]:
    """Speak TLS for a database whose build cannot: as a proxy on its machine does. Yields the port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(ours.certificate, ours.key)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readexactly(8) != SSL_REQUEST:
            writer.close()
            return
        writer.write(b"S")
        await writer.drain()
        with suppress(ssl.SSLError, OSError):
            await writer.start_tls(context)
            inner = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(pipe(reader, inner[1]), pipe(inner[0], writer))

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ssl.SSLError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_the_database_is_reached_over_tls_as_its_address_says(
    stack: Stack, ours: Authority, foreign: Authority
) -> None:
    """``sslmode=verify-full`` with the county's authority; a foreign one is refused."""
    assert stack.postgres is not None
    async with tls_before(stack.postgres.port, ours) as port:
        url = stack.database_url.replace(f":{stack.postgres.port}", f":{port}")
        trusting = {"database_url": f"{url}?sslmode=verify-full&sslrootcert={ours.ca}"}
        engine = store.make_engine(Settings().model_copy(update=trusting), "settlement")
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
        await engine.dispose()
        with pytest.raises(ssl.SSLError):
            await asyncpg.connect(f"{url}?sslmode=verify-full&sslrootcert={foreign.ca}")


async def test_the_door_answers_over_tls_and_not_in_clear(ours: Authority) -> None:
    """``YINGBAO_HTTP_CERT_FILE`` and ``YINGBAO_HTTP_KEY_FILE``; plain HTTP gets no answer."""
    port = free_port()
    program = (
        "from chassis.serving import run; from chassis.settings import Settings\n"
        "async def app(scope, receive, send):\n"
        "    if scope['type'] != 'http': return\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        "    await send({'type': 'http.response.body', 'body': b'here'})\n"
        f"run(app, Settings(http_port={port}, http_cert_file={str(ours.certificate)!r},"
        f" http_key_file={str(ours.key)!r}), 'test')\n"
    )
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    trusting = ssl.create_default_context(cafile=ours.ca)
    try:
        async with httpx2.AsyncClient(verify=trusting) as http, asyncio.timeout(20):
            while True:
                try:
                    answer = await http.get(f"https://127.0.0.1:{port}/")
                    break
                except httpx2.ConnectError:
                    await asyncio.sleep(0.1)
            assert answer.text == "here"
            with pytest.raises(httpx2.HTTPError):
                await http.get(f"http://127.0.0.1:{port}/")
    finally:
        child.terminate()
        await child.wait()


async def test_a_platform_with_a_certificate_becomes_ready(
    room: Path, ours: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sets a certificate in the environment starts 'yingbao up' as ever, and its door is TLS."""
    monkeypatch.setenv("YINGBAO_HTTP_CERT_FILE", str(ours.certificate))
    monkeypatch.setenv("YINGBAO_HTTP_KEY_FILE", str(ours.key))
    stack = Stack(room / "county", synthetic=True, services=("gateway",))
    trusting = ssl.create_default_context(cafile=str(ours.ca))

    await asyncio.to_thread(stack.start)
    try:
        async with httpx2.AsyncClient(verify=trusting) as http:
            answer = await http.get(f"{stack.gateway_url}/readyz")
    finally:
        await asyncio.to_thread(stack.stop)

    assert stack.gateway_url.startswith("https://")
    assert answer.status_code == 200
