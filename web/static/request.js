// SPDX-License-Identifier: EUPL-1.2
// A request being written: budget totals as one types, the map bound to its boxes, and savings that did not reach the server.
(() => {
  "use strict";
  const euros = new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR", trailingZeroDisplay: "stripIfInteger" });
  const said = (amount) => euros.format(amount / 100).replace("-", "\u2212");
  // Cents of an amount typed `1 234,56`; 0 when it cannot be read yet.
  const cents = (text) => {
    const plain = text.replace(/[\s\u00a0\u202f]/g, "").replace(/(€|euros?)$/i, "").replace(",", ".");
    return /^\d+(\.\d{0,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : 0;
  };
  const add = () => {
    const sums = {};
    document.querySelectorAll("[data-total]").forEach((out) => { sums[out.dataset.total] = cents(out.dataset.base); });
    document.querySelectorAll("[data-sum]").forEach((input) => { sums[input.dataset.sum] += cents(input.value); });
    document.querySelectorAll("[data-total]").forEach((out) => { out.textContent = said(sums[out.dataset.total]); });
    document.querySelectorAll("[data-gap]").forEach((out) => {
      const [charges, resources] = out.dataset.gap.split(" ");
      const gap = sums[charges] - sums[resources];
      out.textContent = said(gap);
      out.closest(".gap").classList.toggle("off", gap !== 0);
    });
  };
  if (document.querySelector("[data-total]")) {
    document.addEventListener("input", (event) => { if (event.target.matches("[data-sum]")) add(); });
    add();
  }
  const shapes = document.querySelectorAll("[data-qpv]");
  const box = (shape) => document.querySelector(`input[type=checkbox][value="${shape.dataset.qpv}"]`);
  const paint = () => shapes.forEach((shape) => shape.classList.toggle("chosen", Boolean(box(shape)?.checked)));
  shapes.forEach((shape) => shape.addEventListener("click", () => box(shape)?.click()));
  if (shapes.length) { document.addEventListener("change", paint); paint(); }
  const told = (sentence) => { const place = document.getElementById("enregistrement"); if (place) place.textContent = sentence; };
  // A saving while one types marks the fields that could not be read, and unmarks those it had marked.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "enregistrement") return;
    document.querySelectorAll("[data-unread]").forEach((input) => { input.removeAttribute("aria-invalid"); delete input.dataset.unread; });
    event.target.querySelectorAll("[data-field]").forEach((fault) => {
      document.getElementsByName(fault.dataset.field).forEach((input) => { input.setAttribute("aria-invalid", "true"); input.dataset.unread = "1"; });
    });
  });
  document.addEventListener("htmx:sendError", () => told("Non enregistré : le site ne répond pas. Gardez cette page ouverte, puis enregistrez de nouveau."));
  document.addEventListener("htmx:responseError", () => told("Non enregistré : reconnectez-vous dans un autre onglet, puis enregistrez de nouveau."));
})();
