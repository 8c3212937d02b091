"use strict";
// The frame: light or dark, keys, hits that are announced, a file that is dropped. Every page works without it.
(() => {
  const root = document.documentElement;
  const YEAR = 365 * 86400;
  const KEYS = "cantoria_keys";
  const CHORD_MS = 1500;

  // Light or dark
  function darkNow() {
    const chosen = root.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      root.dataset.theme = darkNow() ? "light" : "dark";
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `cantoria_theme=${root.dataset.theme}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
    });
  }

  // Keys: they can be turned off (WCAG 2.2, 2.1.4)
  const dialog = document.getElementById("keys");
  const choice = document.querySelector("[data-keys-on]");
  let chord = 0;

  function keysOn() {
    try {
      return localStorage.getItem(KEYS) !== "off";
    } catch (denied) {
      return true;
    }
  }
  if (choice) {
    choice.checked = keysOn();
    choice.addEventListener("change", () => {
      try {
        localStorage.setItem(KEYS, choice.checked ? "on" : "off");
      } catch (denied) {
        choice.checked = true;
      }
    });
  }
  for (const link of document.querySelectorAll("[data-help]")) {
    link.addEventListener("click", (event) => {
      if (dialog && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        dialog.showModal();
      }
    });
  }
  function typing(target) {
    return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
  }
  function go(letter) {
    const link = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
    if (link) {
      location.assign(link.href);
    }
    return Boolean(link);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || (dialog && dialog.open)) {
      return;
    }
    if (!keysOn()) {
      return;
    }
    const box = document.querySelector("[data-search]");
    if (Date.now() - chord < CHORD_MS && go(event.key)) {
      event.preventDefault();
      chord = 0;
    } else if (event.key === "/" && box) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "?" && dialog) {
      event.preventDefault();
      dialog.showModal();
    } else {
      chord = event.key === "g" ? Date.now() : 0;
    }
  });

  // What came while typing is said, not only shown
  document.addEventListener("htmx:after:swap", () => {
    const heard = document.querySelector("[data-heard]");
    const said = document.querySelector("#found [data-say]");
    if (heard && said) {
      heard.textContent = said.textContent;
    }
  });

  // A file that is dropped on the search box is checked
  const place = document.querySelector("[data-drop]");
  const form = document.getElementById("drop");
  if (place && form) {
    const field = form.querySelector('input[type="file"]');
    for (const name of ["dragenter", "dragover"]) {
      place.addEventListener(name, (event) => {
        event.preventDefault();
        place.classList.add("dropping");
      });
    }
    place.addEventListener("dragleave", () => place.classList.remove("dropping"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("dropping");
      if (event.dataTransfer && event.dataTransfer.files.length === 1) {
        field.files = event.dataTransfer.files;
        form.requestSubmit();
      }
    });
  }
})();
