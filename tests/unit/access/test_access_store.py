"""The store of accounts, on SQLite and PostgreSQL alike."""

import sqlite3
import threading

import pytest

from cantoria.adapters.access.answers import Answers
from cantoria.adapters.access.approvals import Approvals, AuditLog, Invitations
from cantoria.adapters.access.challenges import LIFE, Challenges
from cantoria.adapters.access.database import open_sqlite
from cantoria.adapters.access.keys import ApiKeys
from cantoria.adapters.access.passkeys import Passkeys
from cantoria.adapters.access.rates import SECOND, WAIT_SECONDS_MAX, Bucket, Rates
from cantoria.adapters.access.sessions import IDLE_MAX, KEPT_MAX, LIFE_MAX, NOTED_EVERY, Sessions
from cantoria.app.access.permissions import Permission, Role
from cantoria.app.access.types import DAY, HOUR, Passkey, Proposal, State
from cantoria.kernel.errors import InputError, IntegrityError


def begin(database, accounts, now, **more):
    account = accounts.create("ada@example.org", name="Ada", now=now)
    joined = accounts.join(account.id, organisation="society", role=Role.OWNER, party="", now=now)
    token = Sessions(database).begin(
        account.id, version=account.version, membership=joined.id, now=now, agent="a browser", **more
    )
    return account, joined, token


def test_a_login_is_one_however_it_is_written(accounts, now):
    made = accounts.create(" Ada@Example.ORG ", name="Ada", now=now)
    assert accounts.by_login("ADA@example.org") == made
    with pytest.raises(InputError):
        accounts.create("ada@example.org", name="Another", now=now)


@pytest.mark.parametrize("login", ["", "ab", "a b@c.d", "x" * 201, "a\nb@c.d"])
def test_what_is_no_login_is_refused_and_finds_nobody(accounts, now, login):
    with pytest.raises(InputError):
        accounts.create(login, name="Ada", now=now)
    assert accounts.by_login(login) is None


def test_a_session_is_found_by_its_token_alone(database, accounts, now):
    account, joined, token = begin(database, accounts, now)
    sessions = Sessions(database)
    session, _, member = sessions.find(token, now=now + 1)
    assert (session.account, session.membership) == (account.id, joined.id)
    assert member is not None
    for other in ("", token[:-1], token + "a", session.id, "x" * 500):
        assert sessions.find(other, now=now + 1) is None


def test_no_token_or_key_stands_in_the_file(tmp_path, now):
    from cantoria.adapters.access.accounts import Accounts

    database = open_sqlite(tmp_path / "access.db")
    _, joined, token = begin(database, Accounts(database), now)
    _, key = ApiKeys(database).make(joined, name="k", scopes=frozenset({Permission.PAY}), days=1, now=now)
    code = Invitations(database).make("society", role=Role.OWNER, login="bob@x.org", name="Bob", inviter="", now=now)[1]
    database.close()
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (token, key, key.rpartition("_")[2], code):
        assert secret.encode() not in data


def test_a_session_ends_when_idle_and_when_old(database, accounts, now):
    _, _, token = begin(database, accounts, now)
    sessions = Sessions(database)
    assert sessions.find(token, now=now + IDLE_MAX) is None
    at = now
    while at < now + LIFE_MAX - IDLE_MAX:
        at += IDLE_MAX - HOUR
        assert sessions.find(token, now=at) is not None
    assert sessions.find(token, now=now + LIFE_MAX) is None


def test_a_look_is_seldom_a_write(database, accounts, now):
    account, _, token = begin(database, accounts, now)
    sessions = Sessions(database)
    sessions.find(token, now=now + NOTED_EVERY - 1)
    assert sessions.of(account.id, now=now + NOTED_EVERY)[0].seen_at == now
    sessions.find(token, now=now + NOTED_EVERY)
    assert sessions.of(account.id, now=now + NOTED_EVERY)[0].seen_at == now + NOTED_EVERY


@pytest.mark.parametrize("change", ["password", "role", "disable", "leave"])
def test_a_session_ends_with_a_change_of_its_account(database, accounts, now, change):
    account, joined, token = begin(database, accounts, now)
    match change:
        case "password":
            accounts.set_password(account.id, "hash")
        case "role":
            accounts.set_role(joined.id, Role.AUDITOR)
        case "disable":
            accounts.set_active(account.id, False)
        case "leave":
            accounts.leave(joined.id)
    assert Sessions(database).find(token, now=now + 1) is None


def test_a_new_sign_in_replaces_the_browsers_session_and_the_oldest_of_many_go(database, accounts, now):
    account, joined, token = begin(database, accounts, now)
    sessions = Sessions(database)
    made = [
        sessions.begin(
            account.id, version=1, membership=joined.id, now=now + n, agent="b", replaces=token if n == 1 else ""
        )
        for n in range(1, KEPT_MAX + 3)
    ]
    assert sessions.find(token, now=now + 99) is None
    assert len(sessions.of(account.id, now=now + 99)) == KEPT_MAX
    assert sessions.find(made[0], now=now + 99) is None
    assert sessions.find(made[-1], now=now + 99) is not None


def test_only_the_own_session_can_be_ended_by_id(database, accounts, now):
    account, _, token = begin(database, accounts, now)
    sessions = Sessions(database)
    name = sessions.of(account.id, now=now)[0].id
    assert not sessions.end_one("acct_other", name)
    assert sessions.end_one(account.id, name)
    assert sessions.find(token, now=now) is None


def test_a_key_is_shown_once_and_ends(database, accounts, now):
    _, joined, _ = begin(database, accounts, now)
    keys = ApiKeys(database)
    made, text = keys.make(joined, name="ci", scopes=frozenset({Permission.CLEAR_DATASETS}), days=2, now=now)
    assert text.startswith(f"cantoria_{made.id}_")
    assert keys.find(text, now=now + 1)[0].scopes == {Permission.CLEAR_DATASETS}
    forged = text[:-1] + ("0" if text[-1] != "0" else "1")
    for other in (forged, text + "0", text.upper(), "", made.id, "cantoria__"):
        assert keys.find(other, now=now + 1) is None
    assert keys.find(text, now=now + 2 * DAY) is None
    assert not keys.end("memb_other", made.id, now=now)
    assert keys.end(joined.id, made.id, now=now)
    assert keys.find(text, now=now + 1) is None


@pytest.mark.parametrize("end", ["leave", "disable"])
def test_a_key_ends_with_its_membership_and_account(database, accounts, now, end):
    account, joined, _ = begin(database, accounts, now)
    _, text = ApiKeys(database).make(joined, name="ci", scopes=frozenset({Permission.PAY}), days=2, now=now)
    accounts.leave(joined.id) if end == "leave" else accounts.set_active(account.id, False)
    assert ApiKeys(database).find(text, now=now) is None


def test_a_key_needs_a_scope_and_an_end(database, accounts, now):
    _, joined, _ = begin(database, accounts, now)
    for scopes, days in ((frozenset(), 3), (frozenset({Permission.PAY}), 0), (frozenset({Permission.PAY}), 4000)):
        with pytest.raises(InputError):
            ApiKeys(database).make(joined, name="ci", scopes=scopes, days=days, now=now)


def test_an_answer_is_kept_for_a_day_by_account(database, now):
    answers = Answers(database)
    assert answers.begin("one", key="k", digest=b"d", now=now) is None
    assert answers.begin("one", key="k", digest=b"d", now=now) == "busy"
    answers.end("one", key="k", answer=b"done")
    assert answers.begin("one", key="k", digest=b"d", now=now) == b"done"
    assert answers.begin("one", key="k", digest=b"e", now=now) == "other"
    assert answers.begin("two", key="k", digest=b"d", now=now) is None
    assert answers.begin("one", key="k", digest=b"e", now=now + DAY) is None
    answers.end("two", key="k", answer=None)
    assert answers.begin("two", key="k", digest=b"x", now=now) is None


def test_two_at_once_begin_once(database, now):
    answers, got = Answers(database), []
    threads = [
        threading.Thread(target=lambda: got.append(answers.begin("one", key="k", digest=b"d", now=now)))
        for _ in range(6)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(map(str, got)) == ["None", *["busy"] * 5]


def test_waiting_doubles_and_is_forgiven(database, now):
    rates, buckets = Rates(database), (Bucket("account:ada", 3), Bucket("address:1", 100))
    assert [rates.spend(buckets, now=now) for _ in range(4)] == [0, 0, 0, 1]
    waits = []
    for _ in range(14):
        wait = rates.spend(buckets, now=now)
        waits.append(wait)
        now += wait * SECOND
        assert rates.spend(buckets, now=now) == 0
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == WAIT_SECONDS_MAX
    assert rates.spend((Bucket("account:bob", 3),), now=now) == 0
    rates.forgive(buckets[:1])
    assert rates.spend(buckets[:1], now=now) == 0


def test_counters_stay_few(database, now):
    rates = Rates(database, kept_max=10)
    for number in range(40):
        rates.spend((Bucket(f"address:{number}", 5),), now=now + number)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM access_rate").scalar() == 10


def test_a_challenge_is_taken_once_in_time_by_its_account(database, now):
    challenges = Challenges(database)
    token = challenges.begin("add", data={"a": 1}, now=now, account="one")
    assert challenges.take("add", token=token, now=now, account="two") is None
    assert challenges.take("enter", token=token, now=now, account="one") is None
    assert challenges.take("add", token=token, now=now + LIFE, account="one") is None
    assert challenges.take("add", token=token, now=now, account="one") == {"a": 1}
    assert challenges.take("add", token=token, now=now, account="one") is None


def test_a_passkey_is_one_accounts(database, accounts, now):
    passkeys = Passkeys(database)
    key = Passkey(id="abc", account="one", name="Phone", public_key=b"k", sign_count=0, created_at=now, last_used=None)
    passkeys.add(key)
    with pytest.raises(InputError):
        passkeys.add(key)
    assert not passkeys.rename("two", "abc", name="Mine")
    assert not passkeys.remove("two", "abc")
    assert passkeys.rename("one", "abc", name="Laptop")
    assert passkeys.used("abc", before=0, sign_count=1, now=now + 5)
    assert not passkeys.used("abc", before=0, sign_count=2, now=now + 6)
    assert passkeys.get("abc").name == "Laptop"
    assert passkeys.remove("one", "abc")
    assert passkeys.of("one") == []


def proposal(now, **more):
    given = {"id": "prop_1", "proposer": "ada", **more}
    return Proposal(
        organisation="society",
        kind="staff.remove",
        payload={"membership": "m"},
        digest="d",
        proposed_at=now,
        expires_at=now + DAY,
        state=State.OPEN,
        decider="",
        decided_at=None,
        **given,
    )


def test_a_proposal_is_decided_once(database, now):
    approvals = Approvals(database)
    made = approvals.add(proposal(now))
    assert approvals.add(proposal(now, id="prop_2")) == made
    assert approvals.get("other", made.id) is None
    assert not approvals.decide(made, state=State.APPROVED, decider="bob", now=now + DAY)
    assert approvals.decide(made, state=State.APPROVED, decider="bob", now=now + 1)
    assert not approvals.decide(made, state=State.DECLINED, decider="eve", now=now + 2)
    assert approvals.of("society")[0].decider == "bob"


def test_an_invitation_is_followed_once(database, now):
    invitations = Invitations(database)
    name, code = invitations.make("society", role=Role.FINANCE, login="Bob@x.org", name="Bob", inviter="ada", now=now)
    assert invitations.find(code, now=now).role is Role.FINANCE
    assert invitations.find(name, now=now) is None
    assert not invitations.end("other", name)
    assert invitations.use(code, now=now)
    assert not invitations.use(code, now=now)
    assert invitations.find(code, now=now) is None
    assert invitations.open("society", now=now) == []


def test_the_log_is_read_by_organisation_newest_first(database, now):
    log = AuditLog(database)
    for number in range(3):
        log.add(at=now + number, actor="ada", second="bob", action="staff.role", organisation="society")
    log.add(at=now, actor="eve", action="sign-in", organisation="other")
    lines = log.lines("society", limit=2)
    assert [one.at for one in lines] == [now + 2, now + 1]
    assert [one.at for one in log.lines("society", before=lines[-1].number)] == [now]


def test_a_file_that_others_may_read_is_refused(tmp_path):
    open_sqlite(tmp_path / "access.db").close()
    assert (tmp_path / "access.db").stat().st_mode & 0o077 == 0
    (tmp_path / "access.db").chmod(0o644)
    with pytest.raises(InputError):
        open_sqlite(tmp_path / "access.db")


def test_a_file_of_another_format_is_refused(tmp_path):
    open_sqlite(tmp_path / "access.db").close()
    with sqlite3.connect(tmp_path / "access.db") as plain:
        plain.execute("UPDATE access_meta SET value = x'00' WHERE name = 'format'")
    plain.close()
    with pytest.raises(IntegrityError):
        open_sqlite(tmp_path / "access.db")


def test_the_first_secret_stays(database):
    assert database.secret("forms", fresh=b"one") == b"one"
    assert database.secret("forms", fresh=b"two") == b"one"
