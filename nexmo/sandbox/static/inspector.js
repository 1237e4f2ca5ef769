"use strict";
// With scripts on, the inspector's list refreshes without a reload, and a request can be copied.
// With scripts off, the page reloads itself, and the link "Copy as curl" shows the command line.

const list = document.querySelector("[data-live]");

async function renew() {
  if (document.hidden) return;
  const said = document.querySelector("#live");
  try {
    const reply = await fetch(location.href, { cache: "no-store" });
    if (!reply.ok) throw new Error(reply.status);
    const next = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("[data-live]");
    said.hidden = true;
    if (!next || next.innerHTML === list.dataset.shown) return;
    // The keyboard focus stays on the same link of the list.
    const link = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    list.dataset.shown = next.innerHTML;
    list.replaceChildren(...next.childNodes);
    if (link) list.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus();
  } catch {
    said.hidden = false;
  }
}

if (list) {
  list.dataset.shown = list.innerHTML;
  setInterval(renew, 1000);
}

for (const link of document.querySelectorAll("[data-copy]")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      const reply = await fetch(link.href, { cache: "no-store" });
      if (!reply.ok) throw new Error(reply.status);
      await navigator.clipboard.writeText(await reply.text());
      document.querySelector("#copied").textContent = "Copied.";
    } catch {
      location.assign(link.href);
    }
  });
}
