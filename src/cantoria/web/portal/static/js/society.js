"use strict";
// A file may be dropped on the form; without this script the field alone does.
(() => {
  for (const area of document.querySelectorAll("[data-drop]")) {
    const field = area.querySelector("input[type=file]");
    const name = area.querySelector("[data-drop-name]");
    const tell = () => { name.textContent = field.files.length ? `${field.files[0].name} (${Math.ceil(field.files[0].size / 1024)} kB)` : ""; };
    field.addEventListener("change", tell);
    for (const kind of ["dragover", "dragenter"]) area.addEventListener(kind, (event) => { event.preventDefault(); area.classList.add("over"); });
    for (const kind of ["dragleave", "drop"]) area.addEventListener(kind, () => area.classList.remove("over"));
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) { field.files = event.dataTransfer.files; tell(); }
    });
  }
  // The review queue by keyboard: j and k go from pair to pair, s, d and n decide about the one at hand.
  const pairs = [...document.querySelectorAll("[data-pair]")];
  if (!pairs.length) return;
  let here = -1;
  const go = (to) => {
    if (to < 0 || to >= pairs.length) return;
    if (here >= 0) pairs[here].removeAttribute("aria-current");
    here = to;
    pairs[here].setAttribute("aria-current", "true");
    pairs[here].focus({ preventScroll: true });
    pairs[here].scrollIntoView({ block: "start" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
    if (event.key === "j") go(here + 1);
    else if (event.key === "k") go(here - 1);
    else if (here >= 0 && ["s", "d", "n"].includes(event.key)) {
      const button = pairs[here].querySelector(`button[data-key="${event.key}"]`);
      if (button) { event.preventDefault(); button.click(); }
    }
  });
})();
