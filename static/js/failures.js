/* The Fix-it list and the incoming events: the row of the person shown stays marked; "all of this list" replaces the single ticks. */
(() => {
  let last;
  const mark = () => {
    const drawer = document.getElementById("drawer"), shown = drawer?.dataset.shown;
    for (const row of document.querySelectorAll("[data-record]")) row.setAttribute("aria-selected", row.dataset.record === shown);
    if (!drawer) document.body.classList.remove("drawer-open");
    if (shown !== last) document.querySelector('[data-record][aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
    last = shown;
  };
  const chosen = document.querySelector(".gitem[aria-current]"), strip = chosen?.closest("ul");   // on a phone the reasons are in a row
  if (strip) strip.scrollLeft += chosen.getBoundingClientRect().left - strip.getBoundingClientRect().left - 16;
  document.body.addEventListener("htmx:afterSettle", mark);
  document.addEventListener("change", e => {
    if (!e.target.matches("[data-everyone]")) return;
    for (const row of document.querySelectorAll("input[data-row]")) { row.checked = e.target.checked || row.checked; row.disabled = e.target.checked; }
  });
})();
