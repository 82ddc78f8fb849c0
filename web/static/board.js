// SPDX-License-Identifier: EUPL-1.2
// Keys of the board: an addition, never required. Nothing is taken from a field, nor from a key pressed with another.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("#resultats tbody tr")].filter((row) => row.querySelector("td a"));
  const link = (row) => row.querySelector(".ref a, .what a");
  const here = () => document.activeElement?.closest?.("#resultats tbody tr");

  function go(step) {
    const all = rows().filter((row) => !row.classList.contains("more"));
    const at = all.indexOf(here());
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
    const target = next && link(next);
    if (target) { target.focus(); next.scrollIntoView({ block: "nearest" }); }
  }

  function pick() {
    const box = here()?.querySelector("input[name=dossier]");
    if (box) { box.checked = !box.checked; box.dispatchEvent(new Event("change", { bubbles: true })); }
  }

  function help() {
    const box = document.getElementById("aide-recherche");
    box.open = !box.open;
    if (box.open) box.querySelector("summary").focus();
  }

  const ACTS = {
    "/": () => { const q = document.getElementById("q"); q.focus(); q.select(); },
    j: () => go(1), ArrowDown: () => go(1),
    k: () => go(-1), ArrowUp: () => go(-1),
    x: pick,
    "?": help,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const field = event.target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (field) {
      // browsers empty the field on Escape: here one only leaves it, with the search kept
      if (event.key === "Escape" && field.id === "q") { event.preventDefault(); field.blur(); }
      return;
    }
    // arrows still scroll the page until a row is taken with j or k
    if (event.key.startsWith("Arrow") && !here()) return;
    const act = ACTS[event.key];
    if (act) { act(); event.preventDefault(); }
  });

  // Typing has searched already: leaving the field must not search again and lose the row one is on.
  document.getElementById("q").addEventListener("change", (event) => event.stopPropagation());

  // One box for the whole page, where there is something to run it.
  function addBoxForAll() {
    const head = document.querySelector("#resultats th.pick");
    if (!head || head.querySelector("input")) return;
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", "Choisir tous les dossiers de cette page");
    all.addEventListener("change", () => {
      document.querySelectorAll("#resultats input[name=dossier]").forEach((box) => { box.checked = all.checked; });
    });
    head.replaceChildren(all);
  }
  addBoxForAll();
  document.addEventListener("htmx:afterSettle", addBoxForAll);

  document.addEventListener("focusin", () => {
    document.querySelectorAll("#resultats tr.at").forEach((row) => row.classList.remove("at"));
    here()?.classList.add("at");
  });
})();
