/* Lists with a drawer and a bulk bar: rows carry data-record, the drawer is #drawer, checkboxes data-row and data-all. */
(() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const isTyping = e => /input|textarea|select/i.test(e.target.tagName);

  const openDrawer = on => {
    const drawer = document.getElementById("drawer");
    document.body.classList.toggle("drawer-open", Boolean(drawer) && on);
    if (drawer && on) drawer.focus();
  };
  const select = row => all("[data-record]").forEach(other => other.setAttribute("aria-selected", other === row));
  const step = by => {
    const rows = all("[data-record]"), at = rows.findIndex(row => row.getAttribute("aria-selected") === "true");
    rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.querySelector("a")?.click();
  };
  document.addEventListener("click", e => {
    if (e.target.closest("[data-drawer-close]")) openDrawer(false);
    if (e.target.closest("[data-next]")) step(1);
    if (e.target.closest("[data-previous]")) step(-1);
    const row = e.target.closest("[data-record]");
    if (!row || e.target.closest("input,label")) return;
    select(row);
    if (!e.target.closest("a,button")) row.querySelector("a")?.click();   // the whole row is the link's target
  });
  document.addEventListener("keydown", e => {
    if (e.key === "Escape" && !document.querySelector("dialog[open]")) openDrawer(false);
    if (isTyping(e) || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "j") step(1);
    if (e.key === "k") step(-1);
  });
  document.body.addEventListener("htmx:afterSwap", e => { if (e.detail.target?.id === "drawer" || e.detail.elt?.id === "drawer") openDrawer(true); });

  const count = () => {
    const bulk = document.getElementById("bulk"), head = document.querySelector("input[data-all]");
    if (!bulk) return;
    const rows = all("input[data-row]"), on = rows.filter(row => row.checked).length;
    bulk.hidden = !on;
    for (const place of bulk.querySelectorAll("[data-count]")) place.textContent = on;
    if (head) { head.checked = on > 0 && on === rows.length; head.indeterminate = on > 0 && on < rows.length; }
  };
  document.addEventListener("change", e => {
    if (e.target.matches("input[data-all]")) all("input[data-row]").forEach(row => { row.checked = e.target.checked; });
    if (e.target.matches("input[data-all],input[data-row]")) count();
  });
  document.body.addEventListener("htmx:afterSettle", count);
  count();
})();
