// SPDX-License-Identifier: EUPL-1.2
// A séance in session: keys of the secretary, and totals that follow what is typed. An addition, never required.
"use strict";

(() => {
  const go = (rel) => document.querySelector(`.stepper a[rel=${rel}]`)?.click();
  const form = () => document.querySelector(".decision form");
  const decide = () => form()?.querySelector("input[type=radio]:checked, input[type=radio]")?.focus();
  const project = () => document.querySelector(".stepper form")?.requestSubmit();
  const ACTS = { j: () => go("next"), k: () => go("prev"), d: decide, v: project };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey && event.target.closest?.(".decision form")) {
      event.preventDefault();
      form().requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.("input:not([type=radio]), select, textarea, [contenteditable]")) return;
    const act = ACTS[event.key];
    if (act) { act(); event.preventDefault(); }
  });

  // Typing an amount is deciding otherwise than proposed.
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.(".decision .money input")) return;
    const other = form().querySelector("input[type=radio][value=retained]");
    if (other && !other.checked) other.checked = true;
  });
})();
