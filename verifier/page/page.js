/* The page around the verifier: choose, drop, verify, say. It remembers nothing and asks nobody. */
(() => {
  const at = (id) => document.getElementById(id);
  const FILE_BYTES_MAX = 256 * 1024 * 1024;
  let language = "en";
  let proof = null; // { name, data }
  let trustBytes = null; // of the file that was chosen, while the field still shows it
  let inputs = 0; // counts changes of what was given
  let last = null; // what the result shows, so that a change of language can say it again

  const word = (key) => WORDS[language][key];
  // What a reader takes as an order, not as a character: controls, marks of direction, ends of lines, half characters.
  const ORDERS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\u{e0000}-\u{e007f}]/gu;
  const escape = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

  /** Return text by strangers with every order in it spelt out as JSON escapes, so that it cannot turn a sentence round. */
  const shown = (text) => String(text).replace(ORDERS, (order) => order.split("").map(escape).join(""));

  /** Return an identifier so that one which only looks like another, by an invisible mark, is seen to be another. */
  const exact = (text) => (/^[!-~]+$/.test(text) ? text : JSON.stringify(text).replace(/[^ -~]/g, escape));
  const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? shown(facts[name]) : whole));

  function speak(chosen) {
    language = Object.hasOwn(WORDS, chosen) ? chosen : "en";
    document.documentElement.lang = language;
    document.title = word("title");
    at("language").value = language;
    for (const element of document.querySelectorAll("[data-say]")) element.textContent = word(element.dataset.say);
    nameProof();
    if (last) show(last);
  }

  // ---- what was chosen or dropped ------------------------------------------------------------------------------------

  const read = async (file) => {
    if (file.size > FILE_BYTES_MAX) throw new Verifier.DoesNotHold("form", `larger than ${FILE_BYTES_MAX} bytes`);
    return new Uint8Array(await file.arrayBuffer());
  };
  const startOf = (data) => new TextDecoder().decode(data.slice(0, 400));

  function nameProof() {
    at("proof-name").textContent = proof
      ? fill(word("chosen"), { name: proof.name, bytes: proof.data.length.toLocaleString(language) })
      : "";
    at("entry-field").hidden = !(proof && startOf(proof.data).startsWith(`${Verifier.TLOG_PROOF}\nindex `));
  }

  async function takeProof(file) {
    forget();
    proof = { name: file.name, data: await read(file) };
    nameProof();
  }

  async function takeTrust(file) {
    forget();
    trustBytes = await read(file); // as they are: the field would change ends of lines, and with them the fingerprint
    at("trust").value = new TextDecoder().decode(trustBytes);
  }

  /** A dropped file is a key or a policy if it looks like one, else a proof. */
  async function take(file) {
    const start = startOf(await read(file.slice(0, 400)));
    const isTrust = /^(?:\s*[^\s{+]+\+[0-9a-f]{8}\+\S+\s*$|\s*(?:#|log |witness ))/.test(start);
    await (isTrust ? takeTrust(file) : takeProof(file));
  }

  /** A result must not stand beside other inputs than those that it is about. */
  function forget() {
    inputs += 1;
    last = null;
    at("result").hidden = true;
  }

  // ---- verify ---------------------------------------------------------------------------------------------------------

  async function decide() {
    if (!proof) return { missing: "needFile", focus: "proof" };
    const pinned = trustBytes ?? new TextEncoder().encode(at("trust").value);
    if (at("trust").value.trim() === "") return { missing: "needTrust", focus: "trust" };
    try {
      const trust = await Verifier.trustIn(pinned);
      const [file] = at("entry-field").hidden ? [] : at("entry").files;
      const found = await Verifier.verify(proof.data, trust, file ? await read(file) : null);
      const about = at("about").value.trim();
      return { found, trust, about, answers: about === "" || found.found?.code === about };
    } catch (error) {
      if (error instanceof Verifier.DoesNotHold) return { step: error.step, why: error.message };
      return { step: "other", why: String(error) };
    }
  }

  async function submit(event) {
    event.preventDefault();
    at("verify").disabled = true;
    at("verify").textContent = word("working");
    const given = inputs;
    const outcome = await decide();
    at("verify").disabled = false;
    at("verify").textContent = word("verify");
    if (given !== inputs) return; // it is about files that were changed meanwhile
    last = outcome;
    show(last);
    at(last.focus ?? "verdict").focus();
    at("result").scrollIntoView({ block: "nearest" });
  }

  // ---- say what came of it --------------------------------------------------------------------------------------------

  function show(outcome) {
    const [look, verdict, summary] = judge(outcome);
    at("result").className = look;
    at("verdict").textContent = verdict;
    at("summary").textContent = summary;
    at("lists").replaceChildren(...(outcome.found ? lists(outcome.found) : whyNot(outcome)));
    at("result").hidden = false;
  }

  function judge({ found, trust, about, answers, missing, step }) {
    if (missing) return ["care", `! ${word("missing")}`, word("steps")[missing]];
    if (!found) return ["no", `✘ ${word("fails")}`, `${word("steps")[step] ?? ""} ${word("failsWhy")}`];
    if (!answers) return ["care", `! ${word("noAnswer")}`, fill(word("noAnswerWhy"), { about })];
    const under = fill(word("holdsUnder"), { kind: word(trust.kind), digest: trust.digest });
    if (found.file === "cantoria-split-view/v1") return ["care", `! ${word("evidence")}`, under];
    return ["yes", `✔ ${word("holds")}`, under];
  }

  function make(name, text = "", ...children) {
    const element = document.createElement(name);
    element.textContent = text;
    element.append(...children);
    return element;
  }

  function lists(found) {
    const [proven, unproven] = explain(found);
    const list = (lines) => make("ul", "", ...lines.map((line) => make("li", line)));
    const parts = [make("h3", word("proven")), list(proven), make("h3", word("unproven")), list(unproven)];
    if (found.body !== undefined) {
      parts.push(make("details", "", make("summary", word("body")), make("pre", pretty(found.body))));
    }
    const rows = Object.entries(found).filter(([name]) => name !== "body" && name !== "found");
    const table = make("dl", "", ...rows.flatMap(([name, value]) => [make("dt", name), make("dd", cell(value))]));
    return [...parts, make("details", "", make("summary", word("details")), table)];
  }

  function whyNot({ why }) {
    if (!why) return [];
    const said = make("p", shown(why).slice(0, 1000));
    said.lang = "en";
    return [make("h3", word("said")), said];
  }

  const cell = (value) => shown(Array.isArray(value) ? value.map((one) => [one].flat().join(" ")).join(", ") : (value ?? "–"));

  /** Lay JSON out for reading; the bytes that count are the canonical ones. */
  function pretty(value, indent = "") {
    const deeper = `${indent}  `;
    if (value instanceof Map && value.size > 0) {
      const rows = [...value].map(([key, item]) => `${deeper}${shown(Verifier.spell(key))}: ${pretty(item, deeper)}`);
      return `{\n${rows.join(",\n")}\n${indent}}`;
    }
    if (Array.isArray(value) && value.length > 0) {
      return `[\n${value.map((item) => deeper + pretty(item, deeper)).join(",\n")}\n${indent}]`;
    }
    return shown(Verifier.spell(value));
  }

  const OTHER_FILES = {
    [Verifier.TLOG_PROOF]: ["tlogProof", "notMeaning"],
    checkpoint: ["checkpoint", "notEntry"],
    "cantoria-consistency/v1": ["consistency", "notContent"],
    "cantoria-split-view/v1": ["splitView", "notWhich"],
  };

  /** Return what is proven and what is not, in words, one line each. */
  function explain(found) {
    const facts = { ...found, ...found.found };
    const proven = [];
    const unproven = [];
    const say = () => [proven.map((key) => fill(word(key), facts)), unproven.map(word)];
    if (found.found) {
      for (const name of ["code", "subject"]) facts[name] = exact(found.found[name]);
      facts.where = word("where")[WORDS.en.where.indexOf(found.found.where)];
      proven.push(found.found.present ? "present" : "absent");
      if (!found.found.present) unproven.push("notSound");
    }
    if (found.fact_id) {
      facts.as = word("capacities")[found.capacity - 1] ?? fill(word("capacity"), facts);
      facts.claimed = moment(found.claimed_at, 1000000n);
      proven.push("recorded", "author", "claimed");
      if (found.supersedes) proven.push("supersedes");
      if (found.digest) proven.push("document");
      proven.push("unchanged");
      unproven.push("notTrue", "notAll");
    } else {
      const [says, saysNot] = OTHER_FILES[found.file];
      proven.push(says);
      unproven.push(saysNot);
    }
    if (found.cosigned_by === undefined) return say(); // evidence: it speaks against the log, not for it
    if (found.cosigned_by === null) {
      unproven.push("notSame");
    } else {
      facts.names = found.cosigned.map(([name]) => name).join(", ");
      facts.moment = moment(found.cosigned_by, 1n);
      proven.push("cosigned");
      unproven.push("notWitnesses");
    }
    return say();
  }

  /** Write microseconds (parts = 1,000,000) or seconds (1) since 1970 as RFC 3339. */
  function moment(time, parts) {
    const seconds = new Date(Number(time / parts) * 1000);
    if (Number.isNaN(seconds.getTime()) || seconds.getUTCFullYear() > 9999) return String(time);
    const rest = parts > 1n && time % parts ? `.${String(time % parts).padStart(6, "0")}` : "";
    return seconds.toISOString().replace(".000Z", `${rest}Z`);
  }

  // ---- begin ----------------------------------------------------------------------------------------------------------

  function listen() {
    const chosen = (id, taker) => at(id).addEventListener("change", (event) => event.target.files[0] && taker(event.target.files[0]));
    chosen("proof", takeProof);
    chosen("trust-file", takeTrust);
    chosen("entry", forget);
    for (const id of ["trust", "about"]) at(id).addEventListener("input", forget);
    at("trust").addEventListener("input", () => (trustBytes = null));
    at("language").addEventListener("change", (event) => speak(event.target.value));
    at("form").addEventListener("submit", submit);
    const fields = document.querySelectorAll(".drop");
    const mark = (over) => fields.forEach((field) => field.classList.toggle("over", over));
    document.addEventListener("dragover", (event) => (event.preventDefault(), mark(true)));
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && mark(false));
    document.addEventListener("drop", async (event) => {
      event.preventDefault();
      mark(false);
      for (const file of event.dataTransfer.files) await take(file);
    });
  }

  async function begin() {
    listen();
    const wanted = (navigator.languages ?? []).map((one) => one.slice(0, 2)).find((one) => Object.hasOwn(WORDS, one));
    speak(wanted ?? "en");
    const able = globalThis.crypto?.subtle !== undefined && (await Verifier.isAble());
    at("unable").hidden = able;
    at("verify").disabled = !able;
    document.documentElement.dataset.ready = able ? "yes" : "no";
  }

  begin();
})();
