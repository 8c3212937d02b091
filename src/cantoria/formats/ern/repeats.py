"""Messages that come twice: their sender, id and content are remembered as a code of what they brought."""

from __future__ import annotations

import hashlib
from typing import Final

from cantoria.formats.ern.draft import Draft
from cantoria.registry.types import Relation

MESSAGE_MARK: Final = ":ern-message-"


def is_repeated(draft: Draft) -> bool:
    """Tell whether this very message was read before; an id used again for other content is said."""
    session, header = draft.session, draft.message.header
    before = session.seen.get(_message_key(draft))
    known = session.context.lookup(_message_key(draft, draft.sha256)) is not None
    if before == draft.sha256 or known:
        draft.notes.add(
            0, "this message was read before; it is not registered again", "nothing", value=header.message_id
        )
        return True
    if not header.message_id:
        draft.notes.add(0, "the message has no id", "ask its sender to give each message its own", field="MessageId")
    elif before is not None or session.context.lookup(_message_key(draft)) is not None:
        draft.notes.add(
            0,
            "another message of this sender has the same id and other content",
            "ask its sender which one holds; both are registered",
            field="MessageId",
            value=header.message_id,
        )
    return False


def _message_key(draft: Draft, *more: str) -> str:
    """Return the code under which a message is remembered: a digest of its sender and id, and of its content."""
    header = draft.message.header
    text = "\0".join((header.sender[0], header.sender[1], header.message_id, *more))
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    return f"own:{draft.session.context.namespace.upper()}{MESSAGE_MARK}{digest}"


def remember(draft: Draft) -> None:
    """Link the message to what it brought, so that it is known when it comes again."""
    if draft.carried:
        if _message_key(draft) not in draft.session.seen:
            draft.link(_message_key(draft), Relation.IDENTIFIES, draft.carried, 1)
        draft.link(_message_key(draft, draft.sha256), Relation.IDENTIFIES, draft.carried, 1)
    draft.session.seen.setdefault(_message_key(draft), draft.sha256)
