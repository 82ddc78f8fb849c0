// SPDX-License-Identifier: EUPL-1.2
// What every page gains from JavaScript; without it, each of these acts is an ordinary form.

// The choice of colours is kept without leaving the page, so that nothing typed elsewhere is lost.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.theme") || !event.submitter) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, event.submitter)), redirect: "manual" });
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  document.querySelector("meta[name=color-scheme]").content = chosen || "light dark";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === event.submitter));
});

// One press, one act: a second press while the first is on its way sends nothing. Back shows the page ready again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 10000); // an answer that is a file leaves the page where it is
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What is wider than the screen scrolls in its own frame: the keyboard reaches it, and its name, from its caption, is no
// other region's.
function nameOf(frame) {
  const caption = frame.querySelector("caption") ?? frame.closest("figure")?.querySelector("figcaption");
  const what = frame.querySelector("table") ? "tableau" : "graphique";
  return caption ? `${caption.textContent.trim()} (${what})` : what;
}
function nameFrames() {
  for (const frame of document.querySelectorAll(".scroll, .paper")) {
    const overflows = frame.scrollWidth > frame.clientWidth + 1;
    if (!overflows && !frame.dataset.frame) continue;
    if (overflows) {
      frame.dataset.frame = "yes";
      frame.tabIndex = 0;
      frame.setAttribute("role", "region");
      frame.setAttribute("aria-label", nameOf(frame));
    } else {
      delete frame.dataset.frame;
      for (const name of ["tabindex", "role", "aria-label"]) frame.removeAttribute(name);
    }
  }
}
const frames = new ResizeObserver(nameFrames);
frames.observe(document.body);
document.addEventListener("toggle", nameFrames, true);
document.addEventListener("htmx:load", nameFrames);

// What replaced a part of the page says its result from a place that was there before: screen readers hear only that.
document.addEventListener("htmx:afterSettle", () => {
  const result = document.querySelector(".result");
  if (result) document.getElementById("said").textContent = result.textContent.trim();
});
