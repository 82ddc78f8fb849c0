// SPDX-License-Identifier: EUPL-1.2
// The round table as a spreadsheet: arrows, typing, blocks copied and pasted. Without it each cell is a link to its page.
"use strict";

(() => {
  const table = document.getElementById("table");
  const suite = document.getElementById("suite");
  const said = document.getElementById("etat");
  const sheet = document.getElementById("fiche");
  const editable = new Set(table.dataset.editable.split(",").filter(Boolean));
  const credits = suite.elements.colonnes.value.split(",");
  const width = credits.length; // cells of a row that hold something to go to: its head, then one per credit
  let here = null; // the cell one is on, by its name in the page: rows are replaced under one's fingers
  let corner = null; // the other corner of the block chosen
  let typing = null; // { cell, before, field }
  let refocus = false, skipped = false, queue = Promise.resolve();

  // --- where one is

  const rows = () => [...table.tBodies[0].rows];
  const named = (id) => (id ? document.getElementById(id) : null);
  const link = (cell) => cell?.querySelector("a");
  const cellOf = (element) => element.closest?.("#table tbody tr > *");
  const place = (cell) => ({ row: cell.parentElement.sectionRowIndex, column: Math.min(cell.cellIndex, width) });
  const creditOf = (cell) => cell.id.slice(cell.id.indexOf("-") + 1);
  const canType = (cell) => editable.has(creditOf(cell)) && !("l" in cell.dataset);

  function dress(row) {
    for (const cell of [...row.cells].slice(0, width + 1)) {
      const anchor = link(cell);
      if (anchor) anchor.tabIndex = -1;
      if (cell.id && !editable.has(creditOf(cell))) cell.setAttribute("aria-readonly", "true");
    }
    if (!row.cells[0].id) row.cells[0].id = `t${row.id}`;
  }

  function stand(cell, extend = false) {
    const target = link(cell) ?? cell?.querySelector("button, input");
    if (!target) return;
    for (const old of table.querySelectorAll("tbody a[tabindex='0']")) old.tabIndex = -1;
    target.tabIndex = 0;
    if (!extend) corner = cell.id;
    here = cell.id;
    target.focus();
    paint();
  }

  function go(down, right, extend) {
    const from = named(here) ?? rows()[0].cells[0];
    const { row, column } = place(from);
    const all = rows();
    const to = all[Math.max(0, Math.min(all.length - 1, row + down))];
    stand(to.cells[Math.max(extend ? 1 : 0, Math.min(width, column + right))], extend);
  }

  function block() {
    const a = named(corner), b = named(here);
    if (!a || !b) return [];
    const [p, q] = [place(a), place(b)];
    const [left, right] = [Math.max(1, Math.min(p.column, q.column)), Math.max(p.column, q.column)];
    return rows().slice(Math.min(p.row, q.row), Math.max(p.row, q.row) + 1).map((row) => [...row.cells].slice(left, right + 1));
  }

  function paint() {
    for (const cell of table.querySelectorAll("[aria-selected]")) cell.removeAttribute("aria-selected");
    const cells = block().flat();
    if (cells.length > 1) for (const cell of cells) cell.setAttribute("aria-selected", "true");
  }

  // --- typing in a cell

  function begin(cell, text) {
    if (!cell.id.startsWith("c")) return;
    if (!canType(cell)) {
      if (text === undefined) location.href = link(cell).href; // the page of the cell says more, and asks for the reason of a lock
      else tell(editable.has(creditOf(cell)) ? "Ligne verrouillée : Entrée ouvre la case." : "Cette colonne n’est pas la vôtre.");
      return;
    }
    const field = document.createElement("input");
    field.className = "typing";
    field.autocomplete = "off";
    field.value = text ?? cell.dataset.t ?? "";
    const head = document.getElementById(`h${creditOf(cell)}`);
    field.setAttribute("aria-label", `${link(cell.parentElement.cells[0]).textContent}, ${head.firstChild.textContent}`);
    typing = { cell, before: [...cell.childNodes], field };
    cell.replaceChildren(field);
    field.focus();
    if (text === undefined) field.select();
    field.addEventListener("blur", () => { if (typing?.field === field) commit(); });
  }

  function leave() {
    const { cell, before } = typing;
    typing = null;
    cell.replaceChildren(...before);
    return cell;
  }

  function commit() {
    const text = typing.field.value.trim();
    const cell = leave();
    if (text !== (cell.dataset.t ?? "")) save(cell, text);
    return cell;
  }

  function save(cell, text) {
    cell.classList.add("sending");
    const values = { saisie: text, version: cell.dataset.v ?? "0", colonnes: credits.join(",") };
    const address = `${location.pathname}/${cell.id.slice(1).replace("-", "/")}`;
    queue = queue.then(() => send(address, values)).then((status) => {
      const now = named(cell.id);
      now?.classList.remove("sending");
      if (status === 200 || status === 204) tell("Enregistré.");
      else if (status === 409) { tell("Non enregistré."); now?.querySelector("button")?.focus(); }
      else { tell(lost(status)); if (now) { here = cell.id; begin(now, text); } }
    });
  }

  async function send(address, values) {
    let status = 0;
    const heard = (event) => { if (event.detail.elt === table) status = event.detail.xhr.status; };
    document.body.addEventListener("htmx:afterRequest", heard);
    values.depuis = document.getElementById("depuis").value;
    values.jeton = suite.elements.jeton.value;
    try { await htmx.ajax("POST", address, { source: table, target: table, swap: "none", values }); } catch { status = 0; }
    document.body.removeEventListener("htmx:afterRequest", heard);
    return status;
  }

  const tell = (text) => { said.textContent = text; };
  const lost = (status) => ({
    0: "Non enregistré : le serveur ne répond pas. Votre saisie reste dans la case.",
    401: "Non enregistré : votre connexion a expiré. Reconnectez-vous dans un autre onglet, puis Entrée.",
    403: "Non enregistré : cette page est plus ancienne que votre connexion. Rechargez-la.",
    404: "Non enregistré : ce dossier n’est plus dans la table. Rechargez-la.",
  })[status] ?? "Non enregistré. Réessayez, ou ouvrez la case.";

  // --- keys

  const MOVES = {
    ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0],
    Home: [0, -1000], End: [0, 1000],
  };

  function onTyping(event) {
    if (event.key === "Escape") { event.preventDefault(); stand(leave()); return; }
    if (event.key !== "Enter" && event.key !== "Tab") return;
    event.preventDefault();
    here = commit().id;
    const back = event.shiftKey ? -1 : 1;
    if (event.key === "Enter") go(back, 0); else go(0, back);
  }

  table.addEventListener("keydown", (event) => {
    if (typing) { onTyping(event); return; }
    const cell = cellOf(event.target);
    if (!cell || event.altKey || event.target.closest("button, input")) return;
    const move = MOVES[event.key];
    if (move) {
      event.preventDefault();
      const far = event.ctrlKey || event.metaKey;
      if (far && (event.key === "Home" || event.key === "End")) go(event.key === "Home" ? -100000 : 100000, move[1], event.shiftKey);
      else go(far ? move[0] * 100000 : move[0], far ? move[1] * 1000 : move[1], event.shiftKey);
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === "F2" || (event.key === "Enter" && !event.shiftKey && cell.id.startsWith("c"))) { event.preventDefault(); begin(cell); }
    else if (event.key === "Delete") { event.preventDefault(); if (cell.id.startsWith("c") && canType(cell) && cell.dataset.t) save(cell, ""); }
    else if (event.key.length === 1 && event.key !== " ") { event.preventDefault(); begin(cell, event.key); }
  });

  table.addEventListener("focusin", (event) => {
    const cell = cellOf(event.target);
    if (!cell || typing || cell.id === here) return;
    corner = here = cell.id;
    paint();
  });

  table.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (act) { settle(act); return; }
    const anchor = event.target.closest("a");
    if (!anchor || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if ("fiche" in anchor.dataset) { event.preventDefault(); show(anchor); return; }
    const cell = cellOf(anchor);
    if (cell && canType(cell) && !cell.classList.contains("refused")) { event.preventDefault(); stand(cell); }
  });
  table.addEventListener("dblclick", (event) => {
    const cell = cellOf(event.target);
    if (cell && !typing && cell.id.startsWith("c") && canType(cell)) begin(cell);
  });

  // --- a cell refused: what one typed and what is there, to choose

  function settle(button) {
    const cell = cellOf(button), { act, typed } = button.dataset;
    cell.classList.remove("refused");
    corner = here = cell.id;
    if (act === "correct") begin(cell, typed);
    else if (act === "retry") save(cell, typed);
    else again(cell.parentElement);
  }

  // The row as it is now, whether it moved or not.
  async function again(row) {
    const values = { depuis: named("depuis").value, colonnes: credits.join(","), ligne: row.id.slice(1) };
    refocus = true;
    await htmx.ajax("GET", suite.dataset.suite, { source: table, target: table, swap: "none", values });
  }

  // --- blocks

  const quoted = (text) => (/[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

  document.addEventListener("copy", (event) => {
    if (typing || !cellOf(document.activeElement)) return;
    const cells = block();
    event.clipboardData.setData("text/plain", cells.map((row) => row.map((cell) => quoted(cell.dataset.t ?? "")).join("\t")).join("\n"));
    event.preventDefault();
    tell(`${cells.flat().length} case(s) copiée(s).`);
  });

  document.addEventListener("paste", (event) => {
    if (typing || !cellOf(document.activeElement)) return;
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
    const first = block()[0]?.[0];
    if (!first?.id.startsWith("c") || !text.trim()) return;
    if (!/[\t\n]/.test(text)) { if (canType(first)) save(first, text); else begin(first, ""); return; }
    const from = place(first);
    const below = rows().slice(from.row), right = credits.slice(from.column - 1);
    const state = below.map((row) => `${row.id.slice(1)}:${right.map((credit) => named(`c${row.id.slice(1)}-${credit}`).dataset.v ?? "0").join(",")}`);
    const values = { bloc: text, colonnes: right.join(","), etat: state, dossier: below[0].id.slice(1), credit: right[0], page: credits.join(",") };
    queue = queue.then(() => send(`${location.pathname}/collage`, values)).then((status) => {
      if (status === 200 || status === 204) { tell("Bloc enregistré."); return; }
      tell(status === 409 ? "Bloc refusé : rien n’a été enregistré." : lost(status));
      if (status === 409 && !sheet.matches(":popover-open")) sheet.showPopover();
    });
  });

  // --- the sheet of a dossier

  async function show(anchor) {
    await htmx.ajax("GET", anchor.href, { source: anchor, target: "#fiche-contenu", swap: "innerHTML", select: "#fiche-corps" });
    if (!sheet.matches(":popover-open")) sheet.showPopover();
    sheet.querySelector("button").focus();
  }

  // --- what comes from others

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const refusal = event.detail.xhr.status === 409 && event.detail.elt === table;
    if (refusal) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
    const target = event.detail.target;
    if (target.id === "depuis") { if (skipped) event.detail.shouldSwap = false; skipped = false; return; }
    if (!target.matches("tbody tr")) { refocus = refocus || target.contains(document.activeElement); return; }
    // nothing is taken from under one's fingers: the row comes again once the cell is left
    if ((typing && target.contains(typing.cell)) || target.querySelector(".refused")) { event.detail.shouldSwap = false; skipped = true; return; }
    refocus = refocus || target.contains(document.activeElement);
  });
  document.body.addEventListener("htmx:oobAfterSwap", (event) => {
    const row = event.detail.target?.closest?.("tr") ?? event.detail.target;
    const fresh = row?.id ? named(row.id) : null;
    if (fresh?.matches("tbody tr")) dress(fresh);
    else if (fresh?.closest("tbody tr")) dress(fresh.closest("tr"));
    if (refocus && !typing) { refocus = false; stand(named(here), true); }
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt === suite && event.detail.xhr.responseURL.includes("/connexion")) tell("Votre connexion a expiré : reconnectez-vous dans un autre onglet.");
  });

  table.setAttribute("role", "grid");
  for (const row of rows()) dress(row);
  const first = rows()[0]?.cells[1] ?? null;
  if (first) { link(first).tabIndex = 0; corner = here = first.id; }
  const asked = named(location.hash.slice(1));
  if (asked && table.contains(asked)) stand(asked.matches("tr") ? asked.cells[0] : asked);
})();
