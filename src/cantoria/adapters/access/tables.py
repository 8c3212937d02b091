"""The tables of accounts, in a file (SQLite) or a database (PostgreSQL) of their own or beside the ledger's."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
METADATA: Final = sa.MetaData()


def _table(name: str, *parts: sa.Column[Any] | sa.UniqueConstraint) -> sa.Table:
    return sa.Table(f"access_{name}", METADATA, *parts, sqlite_strict=True)


def _key(name: str = "id", kind: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _text(name: str, *, index: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, index=index)


def _moment(name: str, *, index: bool = False) -> sa.Column[Any]:
    return sa.Column(name, _BIG, nullable=False, index=index)


META: Final = _table("meta", _key("name"), sa.Column("value", sa.LargeBinary, nullable=False))
ACCOUNT: Final = _table(
    "account",
    _key(),
    sa.Column("login", sa.Text, nullable=False, unique=True),
    _text("name"),
    sa.Column("active", sa.Integer, nullable=False),
    sa.Column("demo", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    _moment("created_at"),
    sa.Column("password", sa.Text),
)
MEMBERSHIP: Final = _table(
    "membership",
    _key(),
    _text("account", index=True),
    _text("organisation", index=True),
    _text("role"),
    _text("party"),
    _moment("since"),
    sa.UniqueConstraint("account", "organisation", "party"),
)
IDENTITY: Final = _table("identity", _key("issuer"), _key("subject"), _text("account", index=True))
PASSKEY: Final = _table(
    "passkey",
    _key(),
    _text("account", index=True),
    _text("name"),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", _BIG, nullable=False),
    _moment("created_at"),
    sa.Column("last_used", _BIG),
)
SESSION: Final = _table(
    "session",
    _key("hash", sa.LargeBinary),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    _text("account", index=True),
    _text("membership"),
    sa.Column("version", sa.Integer, nullable=False),
    _moment("created_at", index=True),
    _moment("seen_at"),
    _text("agent"),
)
KEY: Final = _table(
    "key",
    _key(),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    _text("account", index=True),
    _text("membership"),
    _text("name"),
    _text("scopes"),
    _moment("created_at"),
    _moment("expires_at"),
    sa.Column("last_used", _BIG),
    sa.Column("ended_at", _BIG),
)
ANSWER: Final = _table(
    "answer",
    _key("account"),
    _key("key"),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("answer", sa.LargeBinary),
    _moment("at", index=True),
)
CHALLENGE: Final = _table(
    "challenge",
    _key("hash", sa.LargeBinary),
    _text("purpose"),
    _text("account"),
    _text("data"),
    _moment("expires_at", index=True),
)
APPROVAL: Final = _table(
    "approval",
    _key(),
    _text("organisation", index=True),
    _text("kind"),
    _text("payload"),
    _text("digest"),
    _text("proposer"),
    _moment("proposed_at"),
    _moment("expires_at"),
    _text("state"),
    _text("decider"),
    sa.Column("decided_at", _BIG),
)
INVITATION: Final = _table(
    "invitation",
    _key("hash", sa.LargeBinary),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    _text("organisation", index=True),
    _text("role"),
    _text("login"),
    _text("name"),
    _text("inviter"),
    _moment("created_at"),
    _moment("expires_at"),
    sa.Column("used_at", _BIG),
)
RATE: Final = _table(
    "rate",
    _key("bucket", sa.LargeBinary),
    sa.Column("tries", sa.Integer, nullable=False),
    _moment("at", index=True),
    _moment("until"),
)
AUDIT: Final = _table(
    "audit",
    sa.Column("number", _BIG, primary_key=True, autoincrement=True),
    _moment("at"),
    _text("organisation", index=True),
    _text("actor"),
    _text("second"),
    _text("action"),
    _text("target"),
    _text("detail"),
)
