"use strict";
// The frame's keys and the choice of light or dark. Every page works without it.
(() => {
  const root = document.documentElement;
  const year = 365 * 86400;

  function darkNow() {
    const chosen = root.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(darkNow()));
    button.addEventListener("click", () => {
      root.dataset.theme = darkNow() ? "light" : "dark";
      button.setAttribute("aria-pressed", String(darkNow()));
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `cantoria_theme=${root.dataset.theme}; Path=/; Max-Age=${year}; SameSite=Lax${secure}`;
    });
  }
})();
