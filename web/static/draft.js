// SPDX-License-Identifier: EUPL-1.2
// A draft is saved as one types by htmx. This says when it was not, and saves what is left when the page is left.
(() => {
  const form = document.querySelector("form[data-draft]");
  const status = document.getElementById("brouillon");
  if (!form || !status) return;
  const reasons = {
    0: "le serveur ne répond pas. Votre texte reste dans cette page ; il sera enregistré à la prochaine frappe.",
    401: "votre connexion a expiré. Continuez : à l’envoi, votre saisie sera reprise après reconnexion.",
    403: "cette page est plus ancienne que votre connexion. Cliquez sur « Enregistrer le brouillon » : votre saisie sera reprise.",
    409: "il est déjà rendu, ou il n’est plus à rendre à cette étape du dossier. Copiez votre texte avant de quitter la page.",
    422: "un texte est trop long.",
  };
  let typed = 0, kept = 0, leaving = 0, sent = false;
  form.addEventListener("input", () => { typed += 1; });
  form.addEventListener("submit", () => { sent = true; });
  form.addEventListener("htmx:beforeRequest", () => { leaving = typed; });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) { kept = leaving; return; }
    const code = event.detail.xhr ? event.detail.xhr.status : 0;
    status.textContent = "Brouillon non enregistré : " + (reasons[code] || reasons[0]);
  });
  window.addEventListener("pagehide", () => {
    if (sent || typed === kept) return;
    const body = new URLSearchParams(new FormData(form));
    fetch(form.dataset.draft, { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } }).catch(() => {});
  });
})();
