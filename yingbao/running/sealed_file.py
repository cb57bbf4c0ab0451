"""A file that only who has the passphrase can read or change: AES-256-GCM in pieces, the key by scrypt."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from chassis.language import tr

MAGIC = b"yingbao-sealed-1\n"
PIECE = 1 << 20
SALT, NONCE, TAG = 16, 8, 16
PASSPHRASE_LEAST = 16


class SealedFileError(Exception):
    """A file that cannot be sealed or opened; the message says why."""


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that a patient program would find. Raises SealedFileError."""
    if len(passphrase) < PASSPHRASE_LEAST or len(set(passphrase)) < PASSPHRASE_LEAST // 2:
        raise SealedFileError(
            tr(
                "a passphrase has at least {passphrase_least} signs, and not the same ones",
                passphrase_least=PASSPHRASE_LEAST,
            )
        )


def seal(source: BinaryIO, path: Path, passphrase: str) -> None:
    """Write what a stream says as a sealed file, whole or not at all."""
    check_passphrase(passphrase)
    salt, begin = os.urandom(SALT), os.urandom(NONCE)
    cipher, new = _cipher(passphrase, salt), path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
        target.write(MAGIC + salt + begin)
        number, piece = 0, source.read(PIECE)
        while True:
            following = source.read(PIECE)
            # Each piece knows its place, and the last that it is the last: none can be left out or moved.
            target.write(cipher.encrypt(_nonce(begin, number), piece, _place(not following)))
            if not following:
                break
            number, piece = number + 1, following
        target.flush()
        os.fsync(target.fileno())
    new.replace(path)


def unseal(path: Path, passphrase: str) -> Iterator[bytes]:
    """Return what a sealed file says, piece by piece. Raises SealedFileError.

    What was returned before an error is whole and unchanged, but not all there is.
    """
    with path.open("rb") as source:
        if source.read(len(MAGIC)) != MAGIC:
            raise SealedFileError(tr("{path} is no sealed file of ours", path=path))
        salt, begin = source.read(SALT), source.read(NONCE)
        cipher, number, piece = _cipher(passphrase, salt), 0, source.read(PIECE + TAG)
        while True:
            following = source.read(PIECE + TAG)
            try:
                yield cipher.decrypt(_nonce(begin, number), piece, _place(not following))
            except InvalidTag:
                raise SealedFileError(
                    tr("{path}: wrong passphrase, or the file was changed or cut", path=path)
                ) from None
            if not following:
                return
            number, piece = number + 1, following


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=1 << 15, r=8, p=1).derive(passphrase.encode()))


def _nonce(begin: bytes, number: int) -> bytes:
    return begin + number.to_bytes(4, "big")


def _place(last: bool) -> bytes:  # noqa: FBT001  the only thing that it is about
    return b"last" if last else b"more"
