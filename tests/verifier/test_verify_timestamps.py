"""Trusted time stamps over checkpoints, from a small authority made with openssl on the spot (RFC 3161)."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from tests.e2e.shell import Done, run_here
from tests.verifier.conftest import load_cases

from cantoria.adapters.timestamps import check_response, make_request
from cantoria.kernel.errors import InputError, IntegrityError

CONFIG = """
[ tsa ]
default_tsa = settings
[ settings ]
serial = ./serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.5
digests = sha256, sha512
accuracy = secs:1, millisecs:500
ess_cert_id_alg = sha256
[ good ]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ mail ]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,emailProtection
"""
NOTE = next(case.data for case in load_cases() if case.group == "checkpoints" and case.found)


@dataclass(frozen=True)
class Authority:
    """A folder with a root, a certificate for time stamping under it, and one for mail with the same key and serial."""

    folder: Path

    def openssl(self, *arguments: str) -> None:
        done = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr

    def make(self) -> None:
        (self.folder / "tsa.cnf").write_text(CONFIG)
        (self.folder / "serial").write_text("01\n")
        key = ("-newkey", "rsa:2048", "-nodes")
        for name in ("root", "other"):
            subject = ("-subj", f"/CN={name} of tests", "-days", "3650")
            self.openssl("req", "-x509", *key, "-keyout", f"{name}.key", "-out", f"{name}.pem", *subject)
        self.openssl("req", "-new", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=clock of tests")
        dates = ("-set_serial", "7", "-days", "3650", "-extfile", "tsa.cnf")
        for name in ("good", "mail"):
            ca = ("-CA", "root.pem", "-CAkey", "root.key")
            self.openssl("x509", "-req", "-in", "tsa.csr", *ca, *dates, "-extensions", name, "-out", f"{name}.pem")

    def answer(self, query: bytes) -> bytes:
        """Return the authority's answer to a query."""
        (self.folder / "query").write_bytes(query)
        signer = ("-inkey", "tsa.key", "-signer", "good.pem")
        self.openssl("ts", "-reply", "-queryfile", "query", "-config", "tsa.cnf", *signer, "-out", "answer")
        return (self.folder / "answer").read_bytes()

    def pem(self, name: str) -> bytes:
        return (self.folder / f"{name}.pem").read_bytes()

    def der(self, name: str) -> bytes:
        return x509.load_pem_x509_certificate(self.pem(name)).public_bytes(Encoding.DER)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory, require_part: Callable[[str, bool, str], None]) -> Authority:
    """Return an authority of our own."""
    require_part("openssl", shutil.which("openssl") is not None, "apt-get install openssl")
    made = Authority(tmp_path_factory.mktemp("authority"))
    made.make()
    return made


@pytest.fixture(scope="session")
def answer(authority: Authority) -> bytes:
    """Return a good answer over the note."""
    return authority.answer(make_request(NOTE))


def test_a_stamp_tells_the_time_and_who_saw(authority: Authority, answer: bytes) -> None:
    stamp = check_response(answer, data=NOTE, roots=authority.pem("root"))
    assert stamp.authority == "CN=clock of tests"
    assert stamp.accuracy == 1_500_000
    assert stamp.policy == "1.2.3.4.5"
    certificate = x509.load_pem_x509_certificate(authority.pem("good"))
    seconds = stamp.time // 1_000_000
    assert certificate.not_valid_before_utc.timestamp() - 1 <= seconds <= certificate.not_valid_after_utc.timestamp()


def test_an_authority_need_not_say_how_exact_it_is(authority: Authority) -> None:
    (authority.folder / "tsa.cnf").write_text(CONFIG.replace("accuracy = secs:1, millisecs:500\n", ""))
    try:
        answer = authority.answer(make_request(NOTE))
    finally:
        (authority.folder / "tsa.cnf").write_text(CONFIG)
    assert check_response(answer, data=NOTE, roots=authority.pem("root")).accuracy is None


def test_openssl_agrees(authority: Authority, answer: bytes) -> None:
    (authority.folder / "note").write_bytes(NOTE)
    (authority.folder / "agreed").write_bytes(answer)
    authority.openssl("ts", "-verify", "-data", "note", "-in", "agreed", "-CAfile", "root.pem")


def test_two_requests_differ(authority: Authority) -> None:
    """A fresh nonce each."""
    assert make_request(NOTE) != make_request(NOTE)


def test_roots_may_be_several(authority: Authority, answer: bytes) -> None:
    both = authority.pem("other") + authority.pem("root") + authority.pem("root")
    assert check_response(answer, data=NOTE, roots=both).authority


def test_other_bytes_are_refused(authority: Authority, answer: bytes) -> None:
    with pytest.raises(IntegrityError, match="Mismatch between messages"):
        check_response(answer, data=NOTE + b"\n", roots=authority.pem("root"))


def test_another_root_is_refused(authority: Authority, answer: bytes) -> None:
    with pytest.raises(IntegrityError, match="certificate"):
        check_response(answer, data=NOTE, roots=authority.pem("other"))


def test_a_certificate_for_mail_is_refused(authority: Authority, answer: bytes) -> None:
    """The same key under a certificate for another purpose, put in the place of the right one."""
    good, mail = authority.der("good"), authority.der("mail")
    assert len(good) == len(mail)
    assert answer.count(good) == 1
    with pytest.raises(IntegrityError, match="unsuitable certificate purpose"):
        check_response(answer.replace(good, mail), data=NOTE, roots=authority.pem("root"))


def parts(data: bytes) -> list[tuple[int, bytes]]:
    """Return the (tag, content) of each element in DER."""
    found = []
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
        found.append((tag, data[at : at + length]))
        at += length
    return found


def whole(tag: int, *inner: bytes) -> bytes:
    content = b"".join(inner)
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([len(content)]) if len(content) < 0x80 else bytes([0x80 | len(size)]) + size) + content


def with_certificates(answer: bytes, *certificates: bytes) -> bytes:
    """Return an answer with these certificates beside it: nothing signs which they are."""
    ((_, response),) = parts(answer)
    status, (_, token) = parts(response)
    kind, (_, wrapped) = parts(token)
    ((_, signed),) = parts(wrapped)
    elements = [
        whole(tag, *sorted(certificates)) if tag == 0xA0 else whole(tag, content) for tag, content in parts(signed)
    ]
    return whole(0x30, whole(*status), whole(0x30, whole(*kind), whole(0xA0, whole(0x30, *elements))))


def certificate(
    authority: Authority, subject: str, *, issuer: str = "root of tests", serial: int = 7, **when: datetime
) -> tuple[bytes, bytes]:
    """Return a certificate for time stamping of the clock's key in PEM and DER, signed by the root whatever it says."""
    keys = [load_pem_private_key((authority.folder / name).read_bytes(), None) for name in ("tsa.key", "root.key")]
    now = datetime.now(UTC)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(keys[0].public_key())  # type: ignore[arg-type]
        .serial_number(serial)
        .not_valid_before(when.get("begin", now - timedelta(days=1)))
        .not_valid_after(when.get("end", now + timedelta(days=1)))
        .add_extension(usage, critical=True)
        .sign(keys[1], SHA256())  # type: ignore[arg-type]
    )
    return made.public_bytes(Encoding.PEM), made.public_bytes(Encoding.DER)


def test_a_certificate_put_beside_the_answer_lends_no_name(authority: Authority, answer: bytes) -> None:
    """Which certificates lie beside an answer is not signed: one with the number of the right one proves no name."""
    good, roots = authority.der("good"), authority.pem("root")
    for number in range(8):  # read as a set: in which order is a matter of chance
        other = certificate(authority, f"National Clock {number}", issuer="somebody")[1]
        stamp = check_response(with_certificates(answer, good, other), data=NOTE, roots=roots)
        assert stamp.authority == "CN=clock of tests"
        twin = certificate(authority, f"National Clock {number}")[1]
        with pytest.raises(IntegrityError):
            check_response(with_certificates(answer, good, twin), data=NOTE, roots=roots)
    assert check_response(with_certificates(answer, good, good), data=NOTE, roots=roots).authority
    with pytest.raises(IntegrityError):
        check_response(with_certificates(answer), data=NOTE, roots=roots)


def test_what_counts_is_whether_the_certificate_was_valid_then(authority: Authority) -> None:
    good = authority.pem("good")
    soon = datetime.now(UTC) + timedelta(seconds=4)
    try:
        (authority.folder / "good.pem").write_bytes(certificate(authority, "brief clock", end=soon)[0])
        brief = authority.answer(make_request(NOTE))
        gone = datetime.now(UTC) - timedelta(hours=1)
        (authority.folder / "good.pem").write_bytes(certificate(authority, "late clock", end=gone)[0])
        late = authority.answer(make_request(NOTE))
    finally:
        (authority.folder / "good.pem").write_bytes(good)
    time.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds() + 1))
    assert check_response(brief, data=NOTE, roots=authority.pem("root")).authority == "CN=brief clock"
    with pytest.raises(IntegrityError, match="expired"):
        check_response(late, data=NOTE, roots=authority.pem("root"))


def test_a_changed_answer_is_refused(authority: Authority, answer: bytes) -> None:
    """Whatever byte of what is signed changes; the authority's certificates are beside it and come from the root."""
    roots = authority.pem("root")
    good = check_response(answer, data=NOTE, roots=roots)
    refused, tried = 0, range(0, len(answer), 17)
    for at in tried:
        changed = answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]
        try:
            assert check_response(changed, data=NOTE, roots=roots) == good
        except IntegrityError:
            refused += 1
    assert refused > len(tried) // 2


@pytest.mark.parametrize("junk", [b"", b"\x00", b"\x30\x80", b"0" * 2_000_000], ids=["empty", "zero", "open", "huge"])
def test_junk_is_refused(authority: Authority, junk: bytes) -> None:
    with pytest.raises(IntegrityError):
        check_response(junk, data=NOTE, roots=authority.pem("root"))
    with pytest.raises(InputError):
        check_response(junk, data=NOTE, roots=junk)


# The commands.


def run(folder: Path, *arguments: str) -> Done:
    return run_here("--json", "proof", *arguments, cwd=folder)


def test_from_query_to_verdict_at_the_command_line(tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "checkpoint").write_bytes(NOTE)
    (tmp_path / "root.pem").write_bytes(authority.pem("root"))
    (tmp_path / "other.pem").write_bytes(authority.pem("other"))
    assert run(tmp_path, "timestamp-request", "checkpoint", "--to", "query.tsq").code == 0
    (tmp_path / "answer.tsr").write_bytes(authority.answer((tmp_path / "query.tsq").read_bytes()))
    done = run(tmp_path, "timestamp-verify", "checkpoint", "answer.tsr", "--roots", "root.pem")
    assert done.code == 0, done.err
    assert done.value["authority"] == "CN=clock of tests"
    assert done.value["size"] == json.loads(done.out)["size"] == 13
    said = run_here("proof", "timestamp-verify", "checkpoint", "answer.tsr", "--roots", "root.pem", cwd=tmp_path)
    assert "CN=clock of tests saw these bytes at 20" in said.out
    assert "Not proven: who signed the checkpoint." in said.out
    assert run(tmp_path, "timestamp-verify", "checkpoint", "answer.tsr", "--roots", "other.pem").code == 3
    assert run(tmp_path, "timestamp-verify", "checkpoint", "query.tsq", "--roots", "root.pem").code == 3
    assert run(tmp_path, "timestamp-verify", "checkpoint", "answer.tsr", "--roots", "checkpoint").code == 2
    (tmp_path / "later").write_bytes(NOTE.replace(b"\n13\n", b"\n14\n"))
    assert run(tmp_path, "timestamp-verify", "later", "answer.tsr", "--roots", "root.pem").code == 3
    (tmp_path / "junk").write_bytes(b"\xff")
    assert run(tmp_path, "timestamp-verify", "junk", "answer.tsr", "--roots", "root.pem").code == 3
    assert run(tmp_path, "timestamp-request", "junk", "--to", "query.tsq").code == 2
