/* Verify any proof that a Cantoria ledger gives: the same steps, in the same order, as cantoria_verify.py beside this
   page. Nothing here touches the page or a network: bytes in, what they prove out. It rests on the browser's SHA-256
   and Ed25519. The numbers in brackets are the sections of spec/verify.md. */
"use strict";

const Verifier = (() => {
  // Limits on everything that a stranger can send. A file beyond one of them proves nothing.
  const FILE_BYTES_MAX = 256 * 1024 * 1024;
  const BUNDLE_BYTES_MAX = 4 * 1024 * 1024;
  const ANSWER_BYTES_MAX = 64 * 1024;
  const POLICY_BYTES_MAX = 256 * 1024;
  const POLICY_ITEMS_MAX = 100;
  const NOTE_BYTES_MAX = 131072;
  const SIGNATURES_MAX = 128;
  const EXTRA_BYTES_MAX = 65536;
  const PATH_MAX = 64;
  const DEPTH_MAX = 64;
  const SIZE_MAX = 2n ** 63n - 1n;

  /** The file proves nothing. `step` names the step that failed (the page has a sentence for it in each language),
      the message says what exactly, in English. */
  class DoesNotHold extends Error {
    constructor(step, why) {
      super(why);
      this.step = step;
    }
  }

  function refuse(step, why) {
    throw new DoesNotHold(step, why);
  }

  // ---- bytes ---------------------------------------------------------------------------------------------------------

  const encoder = new TextEncoder();
  const bytesOf = (text) => encoder.encode(text);

  function textFrom(data) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    } catch {
      return null;
    }
  }

  function join(...parts) {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  const compare = (one, other) => {
    for (let at = 0; at < one.length && at < other.length; at++) {
      if (one[at] !== other[at]) return one[at] - other[at];
    }
    return one.length - other.length;
  };
  const same = (one, other) => compare(one, other) === 0;
  const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const fromHex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  const number = (data) => data.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));

  function base64(data) {
    let text = "";
    for (const byte of data) text += String.fromCharCode(byte);
    return btoa(text);
  }

  /** Return the bytes of the one canonical base64 spelling (RFC 4648 section 4, no spare bits), else null. */
  function fromBase64(text) {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
    try {
      const data = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      return base64(data) === text ? data : null;
    } catch {
      return null;
    }
  }

  // ---- canonical JSON [1]: RFC 8785 with integers only ---------------------------------------------------------------
  // Read strictly: whatever is not in the one canonical spelling is refused on the spot. Objects become Maps, so that no
  // key has a meaning of its own; integers stay within 2^53 - 1, which a JavaScript number holds exactly.

  const SHORT = { '"': '"', "\\": "\\", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

  function decode(data, bytesMax = FILE_BYTES_MAX) {
    if (data.length > bytesMax) refuse("form", `larger than ${bytesMax} bytes`);
    const text = textFrom(data);
    if (text === null) refuse("form", "not UTF-8");
    let at = 0;
    const wrong = (why) => refuse("form", `not canonical JSON at character ${at}: ${why}`);

    function string() {
      at += 1;
      let value = "";
      for (;;) {
        const start = at;
        while (at < text.length && text[at] !== '"' && text[at] !== "\\" && text[at] >= " ") at += 1;
        value += text.slice(start, at);
        if (at >= text.length || text[at] < " ") wrong("a text does not end, or holds a control character");
        if (text[at] === '"') break;
        value += escaped();
      }
      at += 1;
      return value;
    }

    function escaped() {
      const letter = text[at + 1];
      if (Object.hasOwn(SHORT, letter ?? "")) {
        at += 2;
        return SHORT[letter];
      }
      const control = /^\\u00([01][0-9a-f])/.exec(text.slice(at, at + 6));
      const character = control ? String.fromCharCode(parseInt(control[1], 16)) : "";
      if (!control || "\b\f\n\r\t".includes(character)) wrong("an escape that need not be one");
      at += 6;
      return character;
    }

    function integer() {
      const found = /^(?:0|-?[1-9][0-9]*)/.exec(text.slice(at, at + 20));
      if (!found) wrong("neither text, integer, list nor object");
      const value = Number(found[0]);
      if (found[0].length > 17 || !Number.isSafeInteger(value)) wrong("an integer beyond 2^53 - 1");
      at += found[0].length;
      return value;
    }

    function list(depth) {
      at += 1;
      const value = [];
      if (text[at] === "]") {
        at += 1;
        return value;
      }
      if (depth >= DEPTH_MAX) wrong(`nested deeper than ${DEPTH_MAX}`);
      for (;;) {
        value.push(any(depth + 1));
        at += 1;
        if (text[at - 1] === "]") return value;
        if (text[at - 1] !== ",") wrong("a list goes on with a comma or ends");
      }
    }

    function object(depth) {
      at += 1;
      const value = new Map();
      if (text[at] === "}") {
        at += 1;
        return value;
      }
      if (depth >= DEPTH_MAX) wrong(`nested deeper than ${DEPTH_MAX}`);
      let last = null;
      for (;;) {
        if (text[at] !== '"') wrong("a key is text");
        const key = string();
        if (last !== null && key <= last) wrong("keys ascend, each once"); // compares UTF-16 units, as RFC 8785 says
        last = key;
        if (text[at] !== ":") wrong("a key is followed by a colon");
        at += 1;
        value.set(key, any(depth + 1));
        at += 1;
        if (text[at - 1] === "}") return value;
        if (text[at - 1] !== ",") wrong("an object goes on with a comma or ends");
      }
    }

    function any(depth) {
      const first = text[at];
      if (first === '"') return string();
      if (first === "{") return object(depth);
      if (first === "[") return list(depth);
      for (const [word, value] of [["null", null], ["true", true], ["false", false]]) {
        if (text.startsWith(word, at)) {
          at += word.length;
          return value;
        }
      }
      return integer();
    }

    const value = any(0);
    if (at !== text.length) wrong("something follows the value");
    return value;
  }

  const ESCAPES = new Map([['"', '\\"'], ["\\", "\\\\"], ["\b", "\\b"], ["\f", "\\f"], ["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]]);
  const escape = (one) => ESCAPES.get(one) ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const quoted = (text) => `"${text.replace(/["\\\u0000-\u001f]/g, escape)}"`;

  /** Return the one canonical spelling, as text, of a value that `decode` gave. */
  function spell(value) {
    if (value instanceof Map) {
      const keys = [...value.keys()].sort((one, other) => (one < other ? -1 : 1));
      return `{${keys.map((key) => `${quoted(key)}:${spell(value.get(key))}`).join(",")}}`;
    }
    if (Array.isArray(value)) return `[${value.map(spell).join(",")}]`;
    return typeof value === "string" ? quoted(value) : String(value);
  }

  const encode = (value) => bytesOf(spell(value));

  // What a field must be, or the file is refused.

  function exactly(value, ...names) {
    if (!(value instanceof Map) || value.size !== names.length || !names.every((name) => value.has(name))) {
      refuse("form", `a part does not have exactly the members ${names.join(", ")}`);
    }
    return value;
  }

  function checkFormat(value, form) {
    if (!(value instanceof Map) || value.get("format") !== form) refuse("form", `a part of it is not a ${form}`);
    return value;
  }

  function textOf(value) {
    if (typeof value !== "string") refuse("form", "a field is not text");
    return value;
  }

  function countOf(value) {
    if (typeof value !== "number" || value < 0) refuse("form", "a field is not a count");
    return value;
  }

  function hexOf(value, length) {
    if (typeof value !== "string" || value.length !== 2 * length || !/^[0-9a-f]*$/.test(value)) {
      refuse("form", `a field is not ${length} bytes in lower-case hex`);
    }
    return fromHex(value);
  }

  function pathOf(value) {
    if (!Array.isArray(value) || value.length > PATH_MAX) {
      refuse("form", `a proof is not a list of at most ${PATH_MAX} hashes`);
    }
    return value.map((one) => hexOf(one, 32));
  }

  // ---- Ed25519 [2]: RFC 8032, every number in its one spelling, no point of small order -------------------------------

  const FIELD = 2n ** 255n - 19n;
  const EIGHTH = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
  const SMALL_ORDER = new Set([0n, 1n, FIELD - 1n, EIGHTH, FIELD - EIGHTH]);

  async function signed(key, message, signature) {
    if (key.length !== 32 || signature.length !== 64) return false;
    for (const point of [key, signature.slice(0, 32)]) {
      const y = number(point.slice().reverse()) & (2n ** 255n - 1n); // the top bit is the sign of x
      if (y >= FIELD || SMALL_ORDER.has(y)) return false;
    }
    try {
      const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
      return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
    } catch (error) {
      if (error.name === "NotSupportedError") throw error;
      return false;
    }
  }

  /** Tell whether this browser has what it takes: a known signature verifies, and a changed one does not. */
  async function isAble() {
    const key = fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"); // RFC 8032 section 7.1
    const signature = fromHex(
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
    try {
      return (await signed(key, new Uint8Array(), signature)) && !(await signed(key, bytesOf("x"), signature));
    } catch {
      return false;
    }
  }

  // ---- the Merkle tree [3]: RFC 6962 section 2.1, verified as RFC 9162 sections 2.1.3.2 and 2.1.4.2 say ---------------

  const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
  const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

  /** Tell whether `leaf` (a hash) is leaf number `index` of the tree of `size` leaves with this `root`. */
  async function included(leaf, index, size, path, root) {
    let [node, last, result] = [BigInt(index), BigInt(size) - 1n, leaf];
    if (node < 0n || node > last || last >= SIZE_MAX) return false;
    for (const sibling of path) {
      if (last === 0n) return false;
      if (node & 1n || node === last) {
        result = await nodeHash(sibling, result);
        while (!(node & 1n) && node) [node, last] = [node >> 1n, last >> 1n];
      } else {
        result = await nodeHash(result, sibling);
      }
      [node, last] = [node >> 1n, last >> 1n];
    }
    return last === 0n && same(result, root);
  }

  /** Tell whether the tree of `size` leaves begins with the tree of `oldSize` leaves. */
  async function grown(oldRoot, oldSize, root, size, path) {
    if (oldSize > size || size > SIZE_MAX) return false;
    if (oldSize === size) return path.length === 0 && same(oldRoot, root);
    if (oldSize === 0n) return path.length === 0 && same(oldRoot, await sha256());
    const roots = await prefixRoots(oldRoot, oldSize, size, path);
    return roots !== null && same(roots[0], oldRoot) && same(roots[1], root);
  }

  /** Return the two roots to which a consistency proof leads (0 < oldSize < size), or null when it cannot be one. */
  async function prefixRoots(oldRoot, oldSize, size, path) {
    const hashes = (oldSize & (oldSize - 1n)) === 0n ? [oldRoot, ...path] : path;
    if (hashes.length === 0) return null;
    let [node, last] = [oldSize - 1n, size - 1n];
    while (node & 1n) [node, last] = [node >> 1n, last >> 1n];
    let [older, newer] = [hashes[0], hashes[0]];
    for (const sibling of hashes.slice(1)) {
      if (last === 0n) return null;
      if (node & 1n || node === last) {
        [older, newer] = [await nodeHash(sibling, older), await nodeHash(sibling, newer)];
        while (!(node & 1n) && node) [node, last] = [node >> 1n, last >> 1n];
      } else {
        newer = await nodeHash(newer, sibling);
      }
      [node, last] = [node >> 1n, last >> 1n];
    }
    return last === 0n ? [older, newer] : null;
  }

  // ---- whom you trust [4]: one log's verifier key, or a C2SP tlog-policy ----------------------------------------------

  const LOG = 1;
  const WITNESS = 4;
  const isName = (text) =>
    text !== "" && !/[\u0000-\u0020+\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]/u.test(text);
  const place = (name, id) => `${name} ${hex(id)}`;

  /** Return the key of a verifier key text `name+hash+base64` (C2SP signed-note). */
  async function readKey(text, kind) {
    const [, name, id, encoded] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text) ?? [];
    const data = fromBase64(encoded ?? "");
    if (!name || !isName(name) || data === null || data.length !== 33 || data[0] !== kind) {
      refuse("trust", `not an Ed25519 verifier key of a ${kind === LOG ? "log" : "witness"}`);
    }
    const key = { name, public: data.slice(1), id: (await sha256(bytesOf(`${name}\n`), data)).slice(0, 4) };
    if (hex(key.id) !== id) refuse("trust", `the verifier key of ${name} is damaged: its hash is wrong`);
    return key;
  }

  /** Return text that is not all UTF-8; in lines that are not, each byte that is not ASCII stands for itself (C2SP). */
  function opaque(data) {
    const lines = [];
    for (let at = 0; at <= data.length; ) {
      const end = data.indexOf(10, at) < 0 ? data.length : data.indexOf(10, at);
      const line = data.slice(at, end);
      lines.push(textFrom(line) ?? Array.from(line, (byte) => String.fromCharCode(byte < 128 ? byte : 0xdc00 + byte)).join(""));
      at = end + 1;
    }
    return lines.join("\n");
  }

  /** Trust what somebody gives: a verifier key alone, or a policy. */
  async function trustIn(data) {
    if (data.length > POLICY_BYTES_MAX) refuse("trust", "a policy too long");
    const text = textFrom(data) ?? opaque(data);
    if (/^[ \t\r\n]*[^ \t\r\n#]+[ \t\r\n]*$/.test(text)) {
      const key = await readKey(text.replace(/[ \t\r\n]/g, ""), LOG);
      const digest = hex(await sha256(key.public)).slice(0, 16);
      return { kind: "key", digest, logs: [key], witnesses: new Map(), groups: new Map(), quorum: "none" };
    }
    return trustPolicy(text, data);
  }

  async function trustPolicy(text, data) {
    const digest = hex(await sha256(data)).slice(0, 16);
    const trust = { kind: "policy", digest, logs: [], witnesses: new Map(), groups: new Map(), quorum: "" };
    if (!text.endsWith("\n")) refuse("trust", "the policy's last line does not end: it may be cut off");
    for (const [at, line] of text.split("\n").entries()) {
      const wrong = (why) => refuse("trust", `line ${at + 1} of the policy: ${why}`);
      if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) wrong("a control character");
      const words = line.split(/[ \t]+/).filter((word) => word !== "");
      if (words.length > 0 && !words[0].startsWith("#")) await policyLine(trust, words, wrong);
    }
    if (trust.quorum === "") refuse("trust", "the policy names no quorum");
    if (trust.logs.length === 0) refuse("trust", "the policy names no log");
    for (const witness of trust.witnesses.values()) {
      if (trust.logs.some((log) => same(log.public, witness.public))) {
        refuse("trust", "a log is its own witness in the policy: one public key is that of both");
      }
    }
    return trust;
  }

  async function policyLine(trust, words, wrong) {
    const [verb, name] = words;
    const known = (one) => trust.witnesses.has(one) || trust.groups.has(one);
    const fresh = () => {
      if (known(name) || name === "none") wrong("a name stands in it twice");
    };
    const most = { log: trust.logs.length, witness: trust.witnesses.size, group: trust.groups.size };
    if (Object.hasOwn(most, verb) && most[verb] >= POLICY_ITEMS_MAX) wrong(`more than ${POLICY_ITEMS_MAX} lines of this kind`);
    if (verb === "log" && (words.length === 2 || words.length === 3)) {
      const key = await readKey(name, LOG);
      if (trust.logs.some((one) => same(one.public, key.public))) wrong("a log stands in it twice");
      trust.logs.push(key);
    } else if (verb === "witness" && (words.length === 3 || words.length === 4)) {
      fresh();
      const key = await readKey(words[2], WITNESS);
      if ([...trust.witnesses.values()].some((one) => same(one.public, key.public))) wrong("a witness stands in it twice");
      trust.witnesses.set(name, key);
    } else if (verb === "group" && words.length >= 4) {
      fresh();
      policyGroup(trust, words, known, wrong);
    } else if (verb === "quorum" && words.length === 2 && trust.quorum === "") {
      if (name !== "none" && !known(name)) wrong("the quorum is not defined before it");
      trust.quorum = name;
    } else {
      wrong("not understood there");
    }
  }

  function policyGroup(trust, [, name, threshold, ...members], known, wrong) {
    const needed = { any: "1", all: String(members.length) }[threshold] ?? threshold;
    const taken = new Set([...trust.groups.values()].flatMap((group) => group.members));
    if (!members.every(known) || new Set(members).size < members.length) wrong("a group of unknown or repeated names");
    if (members.some((member) => taken.has(member))) wrong("a name is a member of two groups");
    if (!/^[1-9][0-9]{0,5}$/.test(needed) || Number(needed) > members.length) wrong("a threshold that cannot be met");
    trust.groups.set(name, { needed: Number(needed), members });
  }

  /** Tell whether these witnesses make up the quorum. */
  function isMet(trust, cosigned, name = trust.quorum) {
    const group = trust.groups.get(name);
    if (group) return group.members.filter((member) => isMet(trust, cosigned, member)).length >= group.needed;
    return name === "none" || cosigned.has(name);
  }

  // ---- signed notes and checkpoints [5]: C2SP signed-note, tlog-checkpoint, tlog-cosignature ---------------------------

  async function openCheckpoint(note, trust, extensions = false) {
    const [text, lines] = splitNote(note);
    const { origin, size, root } = headOf(text, extensions);
    const logs = new Map(trust.logs.map((key) => [place(key.name, key.id), key]));
    const witnesses = new Map([...trust.witnesses].map(([name, key]) => [place(key.name, key.id), name]));
    const times = new Map();
    let [byLog, strangers] = [false, 0];
    for (const [name, blob] of lines) {
      const at = place(name, blob.slice(0, 4));
      if (logs.has(at)) {
        if (!(await signed(logs.get(at).public, bytesOf(text), blob.slice(4)))) {
          refuse("signature", `the signature of the log ${name} is wrong`);
        }
        byLog ||= name === origin;
      } else if (witnesses.has(at)) {
        const witness = witnesses.get(at);
        const time = await cosignatureTime(trust.witnesses.get(witness), text, blob.slice(4));
        if (!times.has(witness) || times.get(witness) < time) times.set(witness, time);
      } else {
        strangers += 1; // C2SP: lines by unknown keys are passed over, they prove nothing
      }
    }
    if (!byLog) refuse("signature", `the checkpoint of ${origin} is not signed by a log that you trust`);
    if (!isMet(trust, new Set(times.keys()))) {
      refuse("quorum", `cosigned by ${times.size} of the policy's witnesses: not the quorum ${trust.quorum}`);
    }
    const cosigned = [...times].sort(([one], [other]) => compare(bytesOf(one), bytesOf(other)));
    return { origin, size, root, cosigned, strangers };
  }

  /** Return the checkpoint in a note that one of the trusted logs signed under its own name, cosigned or not. */
  async function openSigned(note, trust, extensions = false) {
    const { origin } = headOf(splitNote(note)[0], extensions);
    const logs = trust.logs.filter((key) => key.name === origin);
    return openCheckpoint(note, { ...trust, logs, witnesses: new Map(), quorum: "none" }, extensions);
  }

  /** Return origin, size and root of a checkpoint's text; only where asked may further lines follow. */
  function headOf(text, extensions) {
    const head = text.split("\n");
    const root = head.length >= 4 ? fromBase64(head[2]) : null;
    if (root === null || root.length !== 32 || !/^(?:0|[1-9][0-9]{0,18})$/.test(head[1]) || BigInt(head[1]) > SIZE_MAX) {
      refuse("checkpoint", "not a checkpoint: three lines, origin, size and root");
    }
    if (head.length > 4 && !(extensions && head.slice(3, -1).every((line) => line !== ""))) {
      refuse("checkpoint", "the checkpoint has further lines");
    }
    return { origin: head[0], size: BigInt(head[1]), root };
  }

  /** Return the text of a note, and its signature lines as [key name, key id and signature]. */
  function splitNote(note) {
    if (bytesOf(note).length > NOTE_BYTES_MAX || /[\u0000-\u0009\u000b-\u001f]/.test(note)) {
      refuse("checkpoint", "not a signed note: too long, or with control characters");
    }
    const gap = note.lastIndexOf("\n\n");
    const lines = note.slice(gap + 2).split("\n");
    if (gap < 1 || lines.pop() !== "" || lines.length < 1 || lines.length > SIGNATURES_MAX) {
      refuse("checkpoint", "not a signed note: text, an empty line, and signature lines");
    }
    const found = lines.map((line) => {
      const space = line.lastIndexOf(" ");
      const blob = fromBase64(line.slice(space + 1));
      const name = line.slice(2, space);
      if (!line.startsWith("\u2014 ") || space < 2 || !isName(name) || blob === null || blob.length < 5) {
        refuse("checkpoint", "malformed signature line");
      }
      return [name, blob];
    });
    if (new Set(lines).size < lines.length) refuse("checkpoint", "a signature line stands twice");
    return [`${note.slice(0, gap)}\n`, found];
  }

  /** Return the time (POSIX seconds) at which a witness says to have seen this checkpoint. */
  async function cosignatureTime(key, text, blob) {
    const time = number(blob.slice(0, 8));
    if (blob.length !== 72 || time > SIZE_MAX) refuse("signature", `malformed cosignature of ${key.name}`);
    if (!(await signed(key.public, bytesOf(`cosignature/v1\ntime ${time}\n${text}`), blob.slice(8)))) {
      refuse("signature", `the cosignature of ${key.name} is wrong`);
    }
    return time;
  }

  /** Return the earliest time by which a quorum of witnesses had seen this tree; null without witnesses. */
  function cosignedBy(checkpoint, trust) {
    const seen = new Set();
    if (isMet(trust, seen)) return null;
    for (const [name, time] of [...checkpoint.cosigned].sort(([, one], [, other]) => (one < other ? -1 : 1))) {
      seen.add(name);
      if (isMet(trust, seen)) return time;
    }
    return null;
  }

  const saidOf = (checkpoint, trust) => ({
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: hex(checkpoint.root),
    cosigned: checkpoint.cosigned,
    cosigned_by: cosignedBy(checkpoint, trust),
    strangers: checkpoint.strangers,
  });

  // ---- what each kind of file shows -----------------------------------------------------------------------------------

  const BUNDLE = ["format", "kind", "type", "body", "salt", "envelope", "batch", "index", "inclusion_proof", "checkpoint"];

  /** cantoria-proof/v1 [6]: one recorded fact, from its words up to the log's signed root. */
  async function verifyBundle(value, trust) {
    if (encode(value).length > BUNDLE_BYTES_MAX) refuse("form", `a proof larger than ${BUNDLE_BYTES_MAX} bytes`);
    exactly(value, ...BUNDLE);
    const batch = exactly(value.get("batch"), "header", "key", "path", "position");
    const [kind, tag] = [bytesOf(textOf(value.get("kind"))), countOf(value.get("type"))];
    const [salt, envelope] = [hexOf(value.get("salt"), 32), hexOf(value.get("envelope"), 132)];
    const [header, key] = [hexOf(batch.get("header"), 135), hexOf(batch.get("key"), 32)];
    const [index, position] = [countOf(value.get("index")), countOf(batch.get("position"))];
    const [path, batchPath] = [pathOf(value.get("inclusion_proof")), pathOf(batch.get("path"))];
    // What was said, its kind and its salt are what the envelope commits to.
    const typed = envelope.slice(1, 3);
    if (envelope[0] !== 1 || Number(number(typed)) !== tag || kind.length < 1 || kind.length > 255) {
      refuse("commitment", "the envelope is of another fact type");
    }
    const domain = bytesOf("cantoria/body/v1\0");
    const committed = await sha256(domain, typed, Uint8Array.of(kind.length), kind, salt, encode(value.get("body")));
    if (!same(committed, envelope.slice(76, 108))) {
      refuse("commitment", "the envelope does not commit to this kind, salt and body");
    }
    // The envelope is in a batch that the organisation signed for this log.
    const checkpoint = await openCheckpoint(textOf(value.get("checkpoint")), trust);
    if (header[0] !== 2 || !same(header.slice(1, 17), envelope.slice(19, 35)) || !same(header.slice(17, 25), envelope.slice(36, 44))) {
      refuse("batch", "the batch is of another organisation or key");
    }
    if (!same((await sha256(key)).slice(0, 8), header.slice(17, 25))) {
      refuse("batch", "the public key is not the one that the envelope names");
    }
    const [leaf, count] = [await leafHash(envelope), number(header.slice(25, 29))];
    const inBatch = await included(leaf, position, count, batchPath, header.slice(29, 61));
    if (!same(header.slice(61, 63), Uint8Array.of(0, 1)) || !inBatch) {
      refuse("batch", "the envelope is not in the signed batch at this position");
    }
    const origin = await sha256(bytesOf(checkpoint.origin));
    if (!(await signed(key, join(bytesOf("cantoria/batch/v1\0"), origin, header.slice(0, 71)), header.slice(71)))) {
      refuse("batch", "the organisation's signature is wrong");
    }
    // And it is in the log, behind its batch header.
    if (index <= position) refuse("inclusion", "the envelope stands before its own batch header");
    if (!(await included(leaf, index, checkpoint.size, path, checkpoint.root))) {
      refuse("inclusion", "the inclusion proof does not lead to the checkpoint's root");
    }
    const supersedes = envelope.slice(116, 132);
    return {
      ...saidOf(checkpoint, trust),
      kind: value.get("kind"),
      body: value.get("body"),
      index,
      fact_id: uuidText(envelope.slice(3, 19)),
      supersedes: supersedes.some((byte) => byte !== 0) ? uuidText(supersedes) : null,
      organisation: uuidText(envelope.slice(19, 35)),
      organisation_key: hex(key),
      capacity: envelope[35],
      claimed_at: number(envelope.slice(108, 116)),
    };
  }

  const uuidText = (data) => hex(data).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

  /** cantoria-attested/v1 [7]: a large document, and the recorded fact that names its digest. */
  async function verifyAttested(value, trust) {
    exactly(value, "document", "format", "proof");
    const found = await verifyBundle(checkFormat(value.get("proof"), "cantoria-proof/v1"), trust);
    const digest = hex(await sha256(encode(value.get("document"))));
    if (!(found.body instanceof Map) || found.body.get("digest") !== digest) {
      refuse("document", "the document is not the one whose digest was recorded");
    }
    return { ...found, digest };
  }

  const LEAVES = { presence: ["leaf"], absence: ["before", "after"] };
  // By the kind of a fact: the member that names what it is of, and the manifests whose heads it publishes.
  const PUBLISHERS = new Map([
    ["dataset-cleared", ["certificate", [["manifest", "the dataset"], ["cleared", "the cleared rows"]]]],
    ["training-run-started", ["run", [["manifest", "the rows"]]]],
  ]);

  /** cantoria-manifest-answer/v1 [8]: an identifier is, or is not, in a published manifest. */
  async function verifyAnswer(value, trust) {
    exactly(value, "answer", "digest", "format", "proof");
    const answer = encode(value.get("answer"));
    if (value.get("digest") !== hex(await sha256(answer)) || answer.length > ANSWER_BYTES_MAX) {
      refuse("answer", "the answer is not the one that its digest names");
    }
    const parts = checkFormat(value.get("answer"), "cantoria-manifest-proof/v1");
    const side = parts.has("presence") ? "presence" : "absence";
    const proof = exactly(exactly(parts, "format", side).get(side), "code", "key_salt", "head", ...LEAVES[side]);
    const [head, code] = [manifestHead(proof.get("head")), textOf(proof.get("code"))];
    const salt = hexOf(proof.get("key_salt"), 32);
    const leaves = LEAVES[side].map((name) =>
      proof.get(name) === null && side === "absence" ? null : manifestLeaf(proof.get(name)),
    );
    const found = await verifyBundle(checkFormat(value.get("proof"), "cantoria-proof/v1"), trust);
    const [where, subject] = published(found, head);
    const commitment = await sha256(bytesOf("cantoria/manifest-salt-commitment/v1\0"), salt);
    if (!same(commitment, head.saltCommitment)) refuse("answer", "the key salt is not the one that the manifest is bound to");
    const key = await sha256(bytesOf("cantoria/manifest-key/v1\0"), salt, bytesOf(code));
    for (const leaf of leaves) {
      const record = leaf ? await leafHash(join(leaf.keyHash, leaf.rowDigest)) : null;
      if (leaf && !(await included(record, leaf.index, head.leaves, leaf.path, head.root))) {
        refuse("answer", "a leaf does not lead to the manifest's root");
      }
    }
    if (side === "presence") {
      if (!same(leaves[0].keyHash, key)) refuse("answer", "the leaf is of another identifier");
    } else {
      await checkGap(leaves[0], leaves[1], key, head);
    }
    return { ...found, found: { code, present: side === "presence", where, subject } };
  }

  function manifestHead(value) {
    exactly(value, "root", "leaves", "rows", "salt_commitment");
    const counts = { leaves: countOf(value.get("leaves")), rows: countOf(value.get("rows")) };
    return { root: hexOf(value.get("root"), 32), saltCommitment: hexOf(value.get("salt_commitment"), 32), ...counts };
  }

  function manifestLeaf(value) {
    exactly(value, "index", "key_hash", "row_digest", "path");
    const hashes = { keyHash: hexOf(value.get("key_hash"), 32), rowDigest: hexOf(value.get("row_digest"), 32) };
    return { index: countOf(value.get("index")), path: pathOf(value.get("path")), ...hashes };
  }

  /** Return what the manifest with this head binds, and of what, as the recorded fact says. */
  function published({ kind, body }, head) {
    const [named, heads] = PUBLISHERS.get(kind) ?? refuse("answer", `a fact of kind ${kind} publishes no manifest`);
    if (!(body instanceof Map) || typeof body.get(named) !== "string" || !heads.every(([member]) => body.has(member))) {
      refuse("answer", `this fact of kind ${kind} publishes no manifest`);
    }
    for (const [member, where] of heads) {
      const other = manifestHead(body.get(member));
      const counts = other.leaves === head.leaves && other.rows === head.rows;
      if (counts && same(other.root, head.root) && same(other.saltCommitment, head.saltCommitment)) {
        return [where, body.get(named)];
      }
    }
    return refuse("answer", `the proof is of another manifest than that of ${body.get(named)}`);
  }

  /** Refuse unless the key falls strictly between two neighbouring leaves, or beyond the edge of the manifest. */
  async function checkGap(before, after, key, head) {
    if (!before && !after && (head.leaves !== 0 || !same(head.root, await sha256()))) {
      refuse("answer", "only an empty manifest shows an absence without neighbours");
    }
    if ((before && compare(before.keyHash, key) >= 0) || (after && compare(after.keyHash, key) <= 0)) {
      refuse("answer", "the identifier does not fall between the two leaves");
    }
    if ((before ? before.index + 1 : 0) !== (after ? after.index : head.leaves)) {
      refuse("answer", "the two leaves are not neighbours");
    }
  }

  const TLOG_PROOF = "c2sp.org/tlog-proof@v1";

  /** C2SP tlog-proof@v1 [9]: the bytes `entry`, or those that the proof carries as extra data, are in the log. */
  async function verifyTlogProof(text, trust, entry) {
    const gap = text.indexOf("\n\n");
    const lines = text.slice(0, Math.max(gap, 0)).split("\n").slice(1);
    const extra = (lines[0] ?? "").startsWith("extra ") ? fromBase64(lines.shift().slice(6)) ?? new Uint8Array() : null;
    if (extra !== null && (extra.length === 0 || extra.length > EXTRA_BYTES_MAX)) {
      refuse("form", "the extra data of the proof is malformed, empty or too long");
    }
    const index = /^index (0|[1-9][0-9]{0,18})$/.exec(lines[0] ?? "");
    if (gap < 0 || !index || lines.length > 1 + PATH_MAX) {
      refuse("form", "not a tlog-proof: its index, then hashes, an empty line and a checkpoint");
    }
    entry ??= extra;
    if (entry === null) refuse("entry", "the proof does not carry its entry: give its bytes too");
    const path = lines.slice(1).map(fromBase64);
    if (path.some((one) => one === null || one.length !== 32)) refuse("form", "a line of the proof is not a hash");
    const checkpoint = await openCheckpoint(text.slice(gap + 2), trust);
    const leaf = await leafHash(entry);
    if (!(await included(leaf, index[1], checkpoint.size, path, checkpoint.root))) {
      refuse("inclusion", "the proof does not lead from this entry to the checkpoint's root");
    }
    return { ...saidOf(checkpoint, trust), index: BigInt(index[1]), leaf: hex(leaf) };
  }

  /** cantoria-consistency/v1 [10]: between two checkpoints the log only grew. */
  async function verifyConsistency(value, trust) {
    exactly(value, "format", "new", "old", "proof");
    // Who cosigned the new tree cosigned its beginning with it: the old one needs the log's signature alone.
    const older = await openSigned(textOf(value.get("old")), trust);
    const newer = await openCheckpoint(textOf(value.get("new")), trust);
    if (older.origin !== newer.origin) refuse("consistency", "the two checkpoints are of different logs");
    if (!(await grown(older.root, older.size, newer.root, newer.size, pathOf(value.get("proof"))))) {
      refuse("consistency", "the log did not just grow between these two checkpoints, or the proof is wrong");
    }
    return { ...saidOf(newer, trust), old_size: older.size, old_root: hex(older.root) };
  }

  /** cantoria-split-view/v1 [11]: the log signed two trees that cannot both be true. */
  async function verifySplitView(value, trust) {
    exactly(value, "consistency", "first", "format", "second");
    const [one, other] = [textOf(value.get("first")), textOf(value.get("second"))];
    const [first, second] = [await openSigned(one, trust, true), await openSigned(other, trust, true)];
    let prefix = null;
    if (first.origin !== second.origin || first.size > second.size) {
      refuse("evidence", "the two checkpoints are of different logs, or in the wrong order");
    }
    if (first.size === second.size) {
      const ordered = compare(bytesOf(one), bytesOf(other)) <= 0;
      if (value.get("consistency") !== null || same(first.root, second.root) || !ordered) {
        refuse("evidence", "the two checkpoints agree, or are in the wrong order");
      }
    } else {
      const parts = exactly(value.get("consistency"), "prefix_root", "proof");
      prefix = hexOf(parts.get("prefix_root"), 32);
      const path = pathOf(parts.get("proof"));
      const beginning = first.size > 0n && (await grown(prefix, first.size, second.root, second.size, path));
      if (same(prefix, first.root) || !beginning) {
        refuse("evidence", "it does not show that the second tree begins otherwise than the first");
      }
    }
    return {
      origin: first.origin,
      old_size: first.size,
      old_root: hex(first.root),
      size: second.size,
      root: hex(second.root),
      prefix_root: prefix && hex(prefix),
    };
  }

  // ---- which kind of file it is ---------------------------------------------------------------------------------------

  const JSON_KINDS = new Map([
    ["cantoria-proof/v1", verifyBundle],
    ["cantoria-attested/v1", verifyAttested],
    ["cantoria-manifest-answer/v1", verifyAnswer],
    ["cantoria-consistency/v1", verifyConsistency],
    ["cantoria-split-view/v1", verifySplitView],
  ]);

  /** Return what the file (bytes) proves under this trust, with its kind as `file`; throws `DoesNotHold` otherwise. */
  async function verify(data, trust, entry = null) {
    if (data[0] === 0x7b) {
      const value = decode(data);
      const form = value.get("format");
      if (form === "cantoria-commit/v1") refuse("form", "a chain's commit is verified by cantoria_verify.py, not here");
      const check = JSON_KINDS.get(form) ?? refuse("form", "a file of a format that is not known here");
      return { file: form, ...(await check(value, trust)) };
    }
    const text = data.length <= NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX ? textFrom(data) : null;
    if (text === null) refuse("form", "neither JSON nor a short text in UTF-8");
    if (text.startsWith(`${TLOG_PROOF}\n`)) {
      return { file: TLOG_PROOF, ...(await verifyTlogProof(text, trust, entry)) };
    }
    return { file: "checkpoint", ...saidOf(await openCheckpoint(text, trust), trust) };
  }

  return { verify, trustIn, isAble, decode, spell, DoesNotHold, TLOG_PROOF };
})();
