"use strict";
// Copy programs, and go on once a job has ended. Every page works without it.
(() => {
  for (const box of document.querySelectorAll("[data-copy]")) {
    const button = box.querySelector("button");
    const told = box.querySelector("[role=status]");
    if (!button || !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(box.querySelector("pre").textContent);
      told.textContent = button.dataset.done;
    });
  }
  const waiting = document.querySelector("[data-reload-when-done]");
  if (waiting) {
    new MutationObserver(() => {
      if (waiting.querySelector("[data-when-done]")) location.reload();
    }).observe(waiting, { childList: true, subtree: true });
  }
})();
