/* Test the ledger in this browser: its checkpoint, entries drawn here at random, and that it only grew. What the server
   says is believed in nothing but what it leads to: the key in the field, which a careful person has from elsewhere. */
"use strict";

(() => {
  const ENTRIES = 8;
  const FILE_BYTES_MAX = 4 * 1024 * 1024;
  const MARKS = { good: "✔", bad: "✘", waiting: "…", unknown: "–" };
  const box = document.querySelector("[data-selftest]");
  const words = box.dataset;

  const load = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    const data = new Uint8Array(await answer.arrayBuffer());
    if (data.length > FILE_BYTES_MAX) throw new Error(`${address}: more than ${FILE_BYTES_MAX} bytes`);
    return data;
  };

  const show = (step, mood, detail) => {
    const line = box.querySelector(`[data-step="${step}"]`);
    const state = line.querySelector("[data-state]");
    const word = { good: words.holds, bad: words.fails, waiting: words.working, unknown: words.open }[mood];
    state.className = `status status-${mood}`;
    state.textContent = `${MARKS[mood]} ${word}`;
    line.querySelector("[data-detail]").textContent = detail;
    line.dataset.outcome = mood;
  };

  const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? String(facts[name]) : whole));

  /** Return a number below `size`, every one as likely. */
  const drawn = (size) => {
    const most = Math.floor(2 ** 32 / size) * size;
    for (;;) {
      const [number] = crypto.getRandomValues(new Uint32Array(1));
      if (number < most) return number % size;
    }
  };

  // What this browser saw last time is not the server's to change.
  const memory = (origin) => `cantoria-checkpoint ${origin}`;
  const remembered = (origin) => {
    try {
      const kept = JSON.parse(localStorage.getItem(memory(origin)) ?? "null");
      return kept && Number.isSafeInteger(kept.size) && typeof kept.root === "string" ? kept : null;
    } catch {
      return null;
    }
  };
  const remember = (head) => {
    try {
      localStorage.setItem(memory(head.origin), JSON.stringify({ size: Number(head.size), root: head.root }));
    } catch {
      // A browser that keeps nothing tests as well; it only starts anew each time.
    }
  };

  const grown = async (trust, old) => {
    const found = await Verifier.verify(await load(`/ledger/consistency?old=${old}`), trust);
    if (Number(found.old_size) !== old) throw new Error(`asked about ${old}, answered about ${found.old_size}`);
    return found;
  };

  const STEPS = {
    able: async () => {
      if (globalThis.crypto?.subtle === undefined || !(await Verifier.isAble())) throw new Error(words.unable);
      return "";
    },
    key: async (run) => {
      run.trust = await Verifier.trustIn(new TextEncoder().encode(box.querySelector("textarea").value));
      return fill(words.keyDetail, { digest: run.trust.digest });
    },
    checkpoint: async (run) => {
      run.head = await Verifier.verify(await load("/ledger/checkpoint"), run.trust);
      return fill(words.checkpointDetail, { size: run.head.size, root: run.head.root });
    },
    entries: async (run) => {
      const size = Math.min(Number(run.head.size), 2 ** 32 - 1);
      const chosen = [...new Set(Array.from({ length: ENTRIES }, () => drawn(size)))].sort((one, other) => one - other);
      for (const index of chosen) {
        const found = await Verifier.verify(await load(`/entries/${index}/proof?form=tlog`), run.trust);
        if (Number(found.index) !== index) throw new Error(`asked for entry ${index}, was given ${found.index}`);
      }
      return fill(words.entriesDetail, { entries: chosen.join(", ") });
    },
    growth: async (run) => {
      const older = words.older.split(" ").filter((text) => text !== "").map(Number);
      if (older.length === 0) return null;
      const found = await grown(run.trust, older[drawn(older.length)]);
      return fill(words.growthDetail, { old: found.old_size, size: found.size });
    },
    memory: async (run) => {
      const kept = remembered(run.head.origin);
      if (kept === null || kept.size < 1) return null;
      if (kept.size > Number(run.head.size)) throw new Error(fill(words.shrunk, { old: kept.size, size: run.head.size }));
      const found = await grown(run.trust, kept.size);
      if (found.old_root !== kept.root) throw new Error(fill(words.rewritten, { old: kept.size }));
      return fill(words.growthDetail, { old: kept.size, size: found.size });
    },
  };

  const test = async () => {
    const button = box.querySelector("button");
    button.disabled = true;
    document.documentElement.dataset.ledgerTest = "running";
    for (const step of Object.keys(STEPS)) show(step, "unknown", "");
    const run = {};
    let failed = "";
    for (const [step, carryOut] of Object.entries(STEPS)) {
      show(step, "waiting", "");
      try {
        const detail = await carryOut(run);
        show(step, detail === null ? "unknown" : "good", detail ?? words[`${step}Nothing`] ?? "");
      } catch (error) {
        failed = step;
        show(step, "bad", error.message);
        if (step !== "entries" && step !== "growth") break;
      }
    }
    if (failed === "") remember(run.head);
    const verdict = box.querySelector("[data-verdict]");
    verdict.className = failed === "" ? "notice" : "notice notice-error";
    verdict.textContent = failed === "" ? `${MARKS.good} ${words.all}` : `${MARKS.bad} ${words.notAll}`;
    verdict.hidden = false;
    button.disabled = false;
    document.documentElement.dataset.ledgerTest = failed === "" ? "passed" : "failed";
  };

  const button = box.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", test);
  document.documentElement.dataset.ledgerTest = "ready";
})();
