"""Files about single facts for `vectors/verify`: bundles, documents, answers; good ones, and broken ones.

Each broken one differs from a good one in the one thing that its name tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from cantoria import ledger
from cantoria.clearance import manifest
from cantoria.clearance.manifest_answer import encode_answer
from cantoria.clearance.manifest_proof import KeyProof
from cantoria.kernel import canonical
from tools import make_answer_vectors as answers
from tools import make_envelope_vectors as envelopes
from tools.verify_world import POLICY, VKEY, Case, Tree, cosigned


def cases() -> Iterator[Case]:
    """Return all cases, by group."""
    _, entries, admitted = envelopes.admission()
    yield from _bundles(Tree(entries), admitted)
    yield from _documents()
    yield from _answers()


def _bundles(log: Tree, admitted: Sequence[ledger.Batch]) -> Iterator[Case]:
    sent = [(one, position) for one in admitted for position in range(len(one.envelopes))]
    made = [envelopes.bundle_at(log.entries, batch, position, kind=envelopes.ANY) for batch, position in sent]
    first = made[0]
    six = replace(first, checkpoint=cosigned(first.checkpoint, by=range(6)))
    four = replace(first, checkpoint=cosigned(first.checkpoint, by=range(4)))
    good = [(f"entry {one.index}", "A fact as it was recorded.", one.pack(), VKEY) for one in made]
    good += [
        ("six cosigned", "Six of seven members cosigned: the quorum of five.", six.pack(), POLICY),
        ("strangers", "The same under the log's key alone: cosignatures are passed over.", six.pack(), VKEY),
    ]
    for name, story, data, trust in good:
        yield Case("bundles", name, story, data, trust, True)
    yield Case("bundles", "no quorum", "Only four of seven cosigned.", four.pack(), POLICY, False)
    for one in envelopes.bundles(log.entries, admitted)["broken"]:
        yield Case("bundles", one["why"], "A part is not what was recorded.", one["file"].encode(), VKEY, False)
    for name, story, data in _misspelt(first):
        yield Case("bundles", name, story, data, VKEY, False)


def _misspelt(good: ledger.Bundle) -> Iterator[tuple[str, str, bytes]]:
    """Return (name, story, file) of JSON that is not in its one spelling, or not what a bundle is."""
    data = good.pack()
    salt = good.salt.hex().encode()
    fields = canonical.decode(data)
    deep: Any = 1
    for _ in range(70):
        deep = [deep]
    yield "line feed", "Something follows the value.", data + b"\n"
    yield "byte order mark", "A mark stands before the value.", b"\xef\xbb\xbf" + data
    yield "escape", "An escape that need not be one.", data.replace(b'"example-said"', b'"\\u0065xample-said"')
    yield "capital escape", "Escapes are in lower case.", data.replace(b'{"said":1}', b'{"said":"\\u001F"}')
    yield "half a character", "A lone surrogate.", data.replace(b'{"said":1}', b'{"said":"\\ud800"}')
    yield "not UTF-8", "A byte that no text has.", data.replace(b'{"said":1}', b'{"said":"\xff"}')
    yield "fraction", "A number with a fraction.", data.replace(b'{"said":1}', b'{"said":1.0}')
    yield "exponent", "A number with an exponent.", data.replace(b'{"said":1}', b'{"said":1e0}')
    yield "minus zero", "Zero has one spelling.", data.replace(b'{"said":1}', b'{"said":-0}')
    yield "leading zero", "One has one spelling.", data.replace(b'{"said":1}', b'{"said":01}')
    yield "beyond 2^53", "An integer that doubles cannot hold.", data.replace(b":1}", b":9007199254740993}")
    yield "huge integer", "An integer of five thousand digits.", data.replace(b":1}", b":" + b"9" * 5000 + b"}")
    yield "NaN", "Not a number.", data.replace(b'{"said":1}', b'{"said":NaN}')
    yield "key twice", "A key stands twice.", data.replace(b'{"said":1}', b'{"said":1,"said":1}')
    yield "key order", "Keys ascend.", b'{"type":9001,' + data[1:].replace(b',"type":9001', b"")
    yield "nested deep", "More levels than anybody needs.", data.replace(b'{"said":1}', canonical_of(deep))
    yield "nested without end", "Far more levels than a reader's stack.", b'{"batch":' + b"[" * 100_000
    yield "cut off", "The second half is missing.", data[: len(data) // 2]
    yield "empty", "No byte at all.", b""
    yield "a list", "JSON, but no object.", b"[" + data + b"]"
    yield "unknown format", "A format of tomorrow.", data.replace(b"proof/v1", b"proof/v2")
    yield "no format", "Without its format.", data.replace(b'"format":"cantoria-proof/v1",', b"")
    yield "one field more", "With a field that nobody knows.", canonical.encode(fields | {"zeal": 1})
    yield "one field less", "Without its index.", canonical.encode({k: v for k, v in fields.items() if k != "index"})
    yield "null index", "An index that is no number.", canonical.encode(fields | {"index": None})
    yield "true index", "True is no number.", canonical.encode(fields | {"index": True})
    yield "negative index", "A place before the first.", canonical.encode(fields | {"index": -1})
    yield "text for a list", "A path that is text.", canonical.encode(fields | {"inclusion_proof": "00"})
    yield (
        "long path",
        "More hashes than a tree has levels.",
        canonical.encode(fields | {"inclusion_proof": ["00" * 32] * 65}),
    )
    yield "long salt", "A salt of 33 bytes.", data.replace(salt, salt + b"00")
    yield "batch is a list", "A batch that is no object.", canonical.encode(fields | {"batch": []})
    yield "proto", "A key with a meaning in some languages.", data.replace(b'{"said":1}', b'{"__proto__":{"said":1}}')


def canonical_of(value: Any) -> bytes:
    """Return JSON of any depth."""
    return b"[" * 70 + b"1" + b"]" * 70 if isinstance(value, list) else canonical.encode(value)


def _recorded(bodies: Sequence[dict[str, Any]], *, first: int) -> tuple[Tree, list[ledger.Bundle]]:
    """Return a log that records these bodies, and the bundle of each."""
    drafts = [envelopes.plain(f"{at}", "", number=first + at, body=body) for at, body in enumerate(bodies)]
    batch = envelopes.seal(drafts, envelopes.author())
    entries = [*envelopes.records(), batch.header, *batch.envelopes]
    made = [envelopes.bundle_at(entries, batch, at, kind=envelopes.ANY) for at in range(len(bodies))]
    return Tree(entries), made


def _documents() -> Iterator[Case]:
    documents: list[Any] = [
        {
            "statement": "2026-Q4",
            "lines": [{"recording": "봄비 (라이브)", "fine": "98549848940770"}],
            "largest": 2**53 - 1,
        },
        {"😀": 1, "\ufb33": 2, "a": '\u0001"\\/\u007f€', "": [[], {}, None, True, False, -1]},
    ]
    digests = [{"digest": sha256(canonical.encode(one)).hexdigest()} for one in documents]
    _, made = _recorded([*digests, {"said": 1}], first=200)

    def file(document: Any, bundle: ledger.Bundle, **more: Any) -> bytes:
        parts = {"document": document, "format": "cantoria-attested/v1", "proof": canonical.decode(bundle.pack())}
        return canonical.encode(parts | more)

    good = file(documents[0], made[0])
    yield Case("documents", "statement", "A statement whose digest was recorded.", good, VKEY, True)
    story = "Keys in UTF-16 order, every escape, empty parts."
    yield Case("documents", "odd spellings", story, file(documents[1], made[1]), VKEY, True)
    six = replace(made[0], checkpoint=cosigned(made[0].checkpoint, by=(0, 2, 3, 5, 6)))
    yield Case("documents", "five cosigned", "Exactly the quorum.", file(documents[0], six), POLICY, True)
    broken = [
        ("another document", file(documents[1], made[0])),
        ("no digest", file(documents[0], made[2])),
        ("one part more", file(documents[0], made[0], more=1)),
        ("money changed", good.replace(b"98549848940770", b"98549848940771")),
        ("no proof", file(documents[0], made[0], proof=None)),
    ]
    for name, data in broken:
        yield Case("documents", name, "Not the document that was recorded.", data, VKEY, False)


def _answers() -> Iterator[Case]:
    told = answers.content()
    for one in told["good"]:
        yield Case("answers", one["story"], one["story"], one["file"].encode(), VKEY, True)
    for one in told["broken"]:
        yield Case("answers", one["why"], "No true answer.", one["file"].encode(), VKEY, False)
    whole = manifest.build(answers.ROWS, secret=answers.SECRET)
    _, bundles = answers.facts()
    issued = bundles["dataset-cleared"]
    for edge in ("before", "after"):
        code = next(f"isrc:USUG1240{at:04}" for at in range(10_000) if _edge(whole, f"isrc:USUG1240{at:04}") == edge)
        proof = whole.prove(code)
        story = f"A stranger's code falls {edge} all that is there."
        yield Case("answers", f"edge {edge}", story, encode_answer(proof, bundle=issued), VKEY, True)
        yield Case("answers", f"edge {edge} cut", "A neighbour is hidden.", _without(proof, issued), VKEY, False)
    named = encode_answer(whole.prove("isrc:ESA011900456"), bundle=issued)
    lied = named.replace(b'"leaves":3', b'"leaves":2')
    yield Case("answers", "fewer leaves", "A smaller manifest than published.", _digested(lied), VKEY, False)


def _edge(whole: manifest.Manifest, code: str) -> str:
    proof = whole.prove_absence(code)
    return "before" if proof.before is None else "after" if proof.after is None else ""


def _without(proof: KeyProof, bundle: bytes) -> bytes:
    value = canonical.decode(encode_answer(proof, bundle=bundle))
    value["answer"]["absence"] |= {"before": None, "after": None}
    return _digested(canonical.encode(value))


def _digested(data: bytes) -> bytes:
    value = canonical.decode(data)
    return canonical.encode(value | {"digest": sha256(canonical.encode(value["answer"])).hexdigest()})
