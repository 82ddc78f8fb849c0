// SPDX-License-Identifier: EUPL-1.2
// Says in which part of the dossier somebody is writing, with the next sign of presence.
document.addEventListener("focusin", (event) => {
  const doing = document.querySelector("#presence [name=doing]");
  const form = event.target.closest("form");
  const part = form && form.id !== "presence" && event.target.closest("[aria-labelledby]");
  if (doing) doing.value = part ? part.getAttribute("aria-labelledby") : "";
});
