/* Verify the proof that a page is about in this browser. The page says what each outcome is called. */
"use strict";

(() => {
  const FILE_BYTES_MAX = 64 * 1024 * 1024;

  const load = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    const data = new Uint8Array(await answer.arrayBuffer());
    if (data.length > FILE_BYTES_MAX) throw new Error(`${address}: more than ${FILE_BYTES_MAX} bytes`);
    return data;
  };

  const show = (box, mood, word, detail) => {
    const state = box.querySelector("[data-state]");
    state.className = `status status-${mood}`;
    state.textContent = `${{ good: "✔", bad: "✘", waiting: "…" }[mood]} ${word}`;
    box.querySelector("[data-detail]").textContent = detail;
    box.querySelector("[data-outcome]").hidden = false;
    box.dataset.outcome = mood;
  };

  const verify = async (box, flip) => {
    const words = box.dataset;
    show(box, "waiting", words.working, "");
    try {
      const trust = await Verifier.trustIn(new TextEncoder().encode(words.key));
      const data = await load(words.verify);
      if (flip) data[Math.floor(data.length / 2)] ^= 1;
      const found = await Verifier.verify(data, trust);
      const said = words.detail.replace("{index}", String(found.index)).replace("{size}", String(found.size));
      show(box, "good", words.holds, said.replace("{root}", found.root));
    } catch (error) {
      show(box, "bad", words.fails, error.message);
    }
  };

  const begin = async () => {
    const able = globalThis.crypto?.subtle !== undefined && (await Verifier.isAble());
    for (const box of document.querySelectorAll("[data-verify]")) {
      if (!able) {
        show(box, "bad", box.dataset.unable, "");
        continue;
      }
      for (const button of box.querySelectorAll("button")) {
        button.hidden = false;
        button.addEventListener("click", () => verify(box, button.dataset.flip !== undefined));
      }
    }
    document.documentElement.dataset.proofs = able ? "ready" : "unable";
  };

  begin();
})();
