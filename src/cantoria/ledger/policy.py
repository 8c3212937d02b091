"""C2SP tlog-policy: whose signatures make a checkpoint good, as a file that verifiers pin.

    log rights.example.org/log+1a2b3c4d+AQ…
    witness north witness.north.example+5e6f7081+BA… https://witness.north.example
    witness south witness.south.example+92a3b4c5+BA…
    group members 2 north south
    quorum members

A checkpoint is good when one of the logs signed it and the quorum cosigned it. `trusting` makes the policy of somebody
who pins a log's key alone: what it opens is self-attested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger.cosignatures import Cosignature, cosignatures_of, parse_cosigner, time_of
from cantoria.ledger.notes import Checkpoint, NoteKey, check_signed, parse_checkpoint, parse_vkey, split_note

POLICY_BYTES_MAX: Final = 262_144
ITEMS_MAX: Final = 100
"""How many logs, how many witnesses and how many groups a policy may have (C2SP asks for at least 32 of each)."""
NONE: Final = "none"
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_COUNT: Final = re.compile(r"[1-9][0-9]{0,5}\Z")


@dataclass(frozen=True, slots=True)
class Log:
    """A log that the policy knows: its key, whose name is the origin, and where it can be reached (or "")."""

    key: NoteKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness that the policy knows: the policy's `name` for it, its key, and where it takes checkpoints (or "")."""

    name: str
    key: NoteKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """`threshold` of these members (names of witnesses or of earlier groups) stand for the group."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A witness of the policy, by the policy's name for it, and when it cosigned (UTC seconds, as it says)."""

    name: str
    key: NoteKey
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """A checkpoint that a policy accepts: the log's key that signed it, and the policy's witnesses that cosigned."""

    checkpoint: Checkpoint
    log: NoteKey
    witnesses: tuple[Witnessed, ...] = ()

    @property
    def self_attested(self) -> bool:
        """Whether nobody but the log itself vouches for it."""
        return not self.witnesses


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses, groups in the order of their definition, and the quorum: a name, or `none`."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NONE

    def open(self, note: str) -> Cosigned:
        """Return the checkpoint in a note that this policy accepts.

        Lines by unknown keys are passed over. `InputError` for a malformed note; `IntegrityError` when no log of the
        checkpoint's origin signed it, when a signature by a known key is wrong, or when the quorum is not reached.
        """
        text, lines = split_note(note)
        checkpoint = parse_checkpoint(text)
        if not self.logs:
            raise InputError("the policy names no log", "add a line: log VKEY")
        signed = check_signed(text, lines, keys=[log.key for log in self.logs])
        log = next((key for key in signed if key.name == checkpoint.origin), None)
        if log is None:
            raise IntegrityError(
                f"the checkpoint is of log {checkpoint.origin!r}, the key of {signed[0].name!r}",
                "pin the log's own key",
            )
        found = self._witnessed(cosignatures_of(text, lines, keys=[one.key for one in self.witnesses]))
        names = [one.name for one in found]
        if not self.reached(names):
            raise IntegrityError(self._missing(names), "ask for a checkpoint with more cosignatures")
        return Cosigned(checkpoint=checkpoint, log=log, witnesses=found)

    def reached(self, names: Iterable[str]) -> bool:
        """Tell whether these witnesses (by the policy's names) are a quorum."""
        if self.quorum == NONE:
            return True
        standing = set(names)
        for group in self.groups:
            if sum(member in standing for member in group.members) >= group.threshold:
                standing.add(group.name)
        return self.quorum in standing

    def least(self, note: str) -> str:
        """Return the note of an accepted checkpoint with no more lines than it takes: one by a log, and those of the
        witnesses that first made up the quorum. Errors as for `open`."""
        cosigned = self.open(note)
        kept = sorted(cosigned.witnesses, key=lambda one: one.time)
        for one in reversed(kept):
            others = [other for other in kept if other is not one]
            if self.reached([other.name for other in others]):
                kept = others
        times = {one.key: one.time for one in kept}
        text, lines = split_note(note)
        by_log = next(line for line in lines if line.is_by(cosigned.log))
        found = [by_log]
        for key, time in times.items():
            found.append(next(line for line in lines if line.is_by(key) and time_of(line) == time))
        return f"{text}\n{''.join(line.text() for line in found)}"

    def origins(self) -> tuple[str, ...]:
        """Return the names of the logs, each once, sorted."""
        return tuple(sorted({log.key.name for log in self.logs}))

    def text(self) -> str:
        """Return the policy as a file."""
        lines = [" ".join(filter(None, ("log", log.key.vkey(), log.url))) for log in self.logs]
        lines += [" ".join(filter(None, ("witness", one.name, one.key.vkey(), one.url))) for one in self.witnesses]
        lines += [f"group {one.name} {one.threshold} {' '.join(one.members)}" for one in self.groups]
        return "\n".join([*lines, f"quorum {self.quorum}", ""])

    def _witnessed(self, found: Sequence[Cosignature]) -> tuple[Witnessed, ...]:
        times = {one.key: one.time for one in found}
        return tuple(Witnessed(one.name, one.key, times[one.key]) for one in self.witnesses if one.key in times)

    def _missing(self, names: Sequence[str]) -> str:
        group = next((one for one in self.groups if one.name == self.quorum), None)
        wanted = f"{group.threshold} of its {len(group.members)} members" if group else "its cosignature"
        have = ", ".join(repr(name)[1:-1] for name in names) or "nobody"
        return f"the quorum {self.quorum!r} is not reached: it needs {wanted}, and cosigned have {have}"


def trusting(*keys: NoteKey) -> Policy:
    """Return the policy of somebody who pins these keys of logs and knows no witness."""
    return Policy(tuple(Log(key) for key in keys))


def pinned(key: NoteKey | None, policy: Policy | None) -> Policy:
    """Return what a verifier pinned: a policy, or else the key of one log; exactly one of them is to be given."""
    if (key is None) == (policy is None):
        raise InputError("a verifier pins a log's key or a policy", "give exactly one of them")
    return policy if policy is not None else trusting(*([key] if key else []))


def members_policy(logs: Sequence[Log], members: Sequence[Witness], *, name: str = "members") -> Policy:
    """Return the policy of a consortium: any of its logs' keys, and more than two thirds of its members (5 of 6, 5 of
    7). Fewer than a third of them cannot show two faces of the log without an honest member seeing both."""
    if not members:
        raise InputError("a consortium has members", "name at least one witness")
    group = Group(name, quorum_of(len(members)), tuple(member.name for member in members))
    return parse_policy(Policy(tuple(logs), tuple(members), (group,), name).text())


def quorum_of(members: int) -> int:
    """Return how many of so many members make a quorum: 2n // 3 + 1."""
    return 2 * members // 3 + 1


def parse_policy(text: str | bytes) -> Policy:
    """Return the policy in a file's text, or raise `InputError` that names the line.

    Bytes that are not UTF-8 are kept as they are: names are opaque (C2SP tlog-policy, character set).
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    text = data.decode("utf-8", "surrogateescape")
    if len(data) > POLICY_BYTES_MAX:
        raise InputError(f"the policy is longer than {POLICY_BYTES_MAX} bytes", "drop what it does not need")
    if text and not text.endswith("\n"):
        raise InputError("the policy's last line does not end: the file may be cut off", "end it with a line feed")
    reader = _Reader()
    for number, line in enumerate(text.split("\n")[:-1], 1):
        try:
            reader.read(line)
        except InputError as error:
            raise InputError(f"line {number} of the policy: {error.message}", error.remedy) from error
    return reader.policy()


@dataclass(slots=True)
class _Reader:
    logs: list[Log] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    free: dict[str, bool] = field(default_factory=dict)  # defined names, and whether no group has them yet

    def read(self, line: str) -> None:
        if _FORBIDDEN.search(line):
            raise InputError("it has a control character", "use spaces and tabs between words")
        match [word for word in re.split("[ \t]+", line) if word]:
            case [str(word), *_] if word.startswith("#"):
                pass
            case ["log", vkey, *url] if len(url) < 2:
                self._log(vkey, url="".join(url))
            case ["witness", name, vkey, *url] if len(url) < 2:
                self._witness(name, vkey, url="".join(url))
            case ["group", name, count, *members] if members:
                self._group(name, count, members=members)
            case ["quorum", name]:
                self._quorum(name)
            case ["log" | "witness" | "group" | "quorum" as word, *_]:
                raise InputError(f"{word!r} has too few or too many words", "see c2sp.org/tlog-policy")
            case [str(word), *_]:
                raise InputError(f"{word!r:.80} is no keyword", "it is log, witness, group or quorum")
            case _:
                pass

    def policy(self) -> Policy:
        if self.quorum is None:
            raise InputError("the policy has no quorum line", "end it with: quorum NAME, or: quorum none")
        logs = {log.key.public_key for log in self.logs}
        for one in self.witnesses:
            if one.key.public_key in logs:
                raise InputError(f"the witness {one.name!r} has a log's public key", "no log is its own witness")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def _log(self, vkey: str, *, url: str) -> None:
        key = parse_vkey(vkey)
        if any(log.key.public_key == key.public_key for log in self.logs):
            raise InputError(f"this public key is that of an earlier log ({key.name})", "name each log's key once")
        self.logs.append(Log(key, url))
        _few(self.logs)

    def _witness(self, name: str, vkey: str, *, url: str) -> None:
        key = parse_cosigner(vkey)
        if any(one.key.public_key == key.public_key for one in self.witnesses):
            raise InputError(f"this public key is that of an earlier witness ({key.name})", "name each witness once")
        self._define(name)
        self.witnesses.append(Witness(name, key, url))
        _few(self.witnesses)

    def _group(self, name: str, count: str, *, members: Sequence[str]) -> None:
        for member in members:
            if member not in self.free:
                raise InputError(f"{member!r} is not defined above", "define witnesses and groups before their group")
            if not self.free[member]:
                raise InputError(f"{member!r} is a member of a group already", "a name counts in one group, once")
            self.free[member] = False
        named = {"any": 1, "all": len(members)}
        threshold = named.get(count) or (int(count) if _COUNT.match(count) else 0)
        if not 1 <= threshold <= len(members):
            raise InputError(
                f"{count!r:.80} of {len(members)} members cannot be", "give any, all, or 1 to their number"
            )
        self._define(name)
        self.groups.append(Group(name, threshold, tuple(members)))
        _few(self.groups)

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise InputError("there is a quorum line already", "keep one")
        if name != NONE and name not in self.free:
            raise InputError(f"{name!r} is not defined above", "name a witness, a group, or none")
        self.quorum = name

    def _define(self, name: str) -> None:
        if name == NONE or name in self.free:
            raise InputError(f"the name {name!r} is taken", "give each witness and group a name of its own")
        self.free[name] = True


def _few(items: Sequence[object]) -> None:
    if len(items) > ITEMS_MAX:
        raise InputError(f"there are more than {ITEMS_MAX} lines of this kind", "split the policy")
