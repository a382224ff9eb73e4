"""SM2 signatures with SM3 (GB/T 32918), through the system's OpenSSL 3: `cryptography` has no SM2.

Optional beside Ed25519, for those whose rules ask for it. The signer's id is the standard's default.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shuqiao.journal.keys import SM2, PublicKey, keep_secret, key_id

KEY_FILE = "journal-sm2.key"
SIGNER_ID = "1234567812345678"
_OPTIONS = ("-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{SIGNER_ID}")


class Sm2Unavailable(OSError):
    """No OpenSSL with SM2 on this machine, or it refused."""


@cache
def available() -> bool:
    """Can this machine sign with SM2?"""
    program = shutil.which("openssl")
    if program is None:
        return False
    listed = _run(["list", "-public-key-algorithms"], check=False)
    return b"SM2" in listed.stdout


@dataclass(frozen=True, slots=True)
class Sm2Key:
    """The platform's SM2 key, kept in a file."""

    path: Path
    public: PublicKey

    def sign(self, data: bytes) -> bytes:
        """The signature in DER form. Raises Sm2Unavailable."""
        with tempfile.TemporaryDirectory() as folder:
            given = Path(folder) / "data"
            given.write_bytes(data)
            return _run(["pkeyutl", "-sign", *_OPTIONS, "-inkey", str(self.path), "-in", str(given)]).stdout


def sm2_key(secrets: Path) -> Sm2Key:
    """The key in the folder of secrets; made there at first use, mode 600. Raises Sm2Unavailable, OSError."""
    path = secrets / KEY_FILE
    if not path.exists():
        secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
        keep_secret(path, _run(["genpkey", "-algorithm", "SM2"]).stdout)
    pem = _run(["pkey", "-in", str(path), "-pubout"]).stdout
    return Sm2Key(path, PublicKey(key_id(pem), SM2, pem.decode()))


def verifies(key: PublicKey, signature: bytes, data: bytes) -> bool:
    """Is this an SM2 signature of `data` by the key? Raises Sm2Unavailable where OpenSSL is missing."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("key", "data", "signature")]
        for file, content in zip(files, (key.pem.encode(), data, signature), strict=True):
            file.write_bytes(content)
        public, given, signed = map(str, files)
        asked = [
            "pkeyutl",
            "-verify",
            *_OPTIONS,
            "-pubin",
            "-inkey",
            public,
            "-in",
            given,
            "-sigfile",
            signed,
        ]
        return _run(asked, check=False).returncode == 0


def _run(arguments: Sequence[str], *, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("openssl")
    if program is None:
        raise Sm2Unavailable("本机没有 openssl，不能使用 SM2")
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        [program, *arguments], capture_output=True, check=False, env=environment, timeout=30
    )
    if check and done.returncode:
        raise Sm2Unavailable(f"openssl {arguments[0]}：{done.stderr.decode('utf-8', 'replace')[:200]}")
    return done
