/* Small things every page has: theme, tabs, chart hover, "Show" on passwords, "/" to search. No inline styles. */
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const root = document.documentElement;

  // theme: a cookie, so that the server sends the right one and nothing flashes
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  for (const button of all("[data-theme-toggle]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      const secure = location.protocol === "https:" ? "; secure" : "";
      document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax${secure}`;
    });
  }

  // tabs: [role=tablist] > [role=tab][aria-controls]
  const pick = tab => {
    for (const other of all("[role=tab]", tab.closest("[role=tablist]"))) {
      const on = other === tab;
      other.setAttribute("aria-selected", on);
      other.tabIndex = on ? 0 : -1;
      const panel = document.getElementById(other.getAttribute("aria-controls"));
      if (panel) panel.hidden = !on;
    }
  };
  document.addEventListener("click", e => { const tab = e.target.closest("[role=tab]"); if (tab) pick(tab); });
  document.addEventListener("keydown", e => {
    const tab = e.target.closest?.("[role=tab]");
    if (!tab || !["ArrowLeft", "ArrowRight"].includes(e.key)) return;
    const tabs = all("[role=tab]", tab.closest("[role=tablist]"));
    const next = tabs[(tabs.indexOf(tab) + (e.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
    next.focus();
    pick(next);
  });

  // what a bar of a chart says on hover: data-tip="Title|line|line"
  const line = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  let tip;
  document.addEventListener("pointerover", e => {
    const bar = e.target.closest?.("[data-tip]");
    if (!bar) { tip?.remove(); tip = null; return; }
    tip ??= document.body.appendChild(Object.assign(document.createElement("div"), { className: "tip" }));
    const [title, ...rest] = bar.dataset.tip.split("|"), box = bar.getBoundingClientRect();
    tip.replaceChildren(line("b", title), ...rest.map(text => line("span", text)));
    tip.style.left = `${Math.min(box.left + scrollX + box.width + 8, innerWidth - 170)}px`;   // CSSOM: the CSP allows it
    tip.style.top = `${box.top + scrollY + 6}px`;
  });

  // a menu opens at its button; without scripts it opens in the middle
  document.addEventListener("toggle", e => {
    const menu = e.target;
    if (e.newState !== "open" || !menu.matches?.("[data-menu]")) return;
    const button = document.querySelector(`[popovertarget="${menu.id}"]`).getBoundingClientRect(), own = menu.getBoundingClientRect();
    const below = button.bottom + 4 + own.height < innerHeight;
    Object.assign(menu.style, {
      inset: "auto", margin: 0,
      left: `${Math.max(8, button.right - own.width)}px`,
      top: `${below ? button.bottom + 4 : Math.max(8, button.top - 4 - own.height)}px`,
    });
  }, true);

  // "Show" beside a password
  document.addEventListener("click", e => {
    const button = e.target.closest("[data-show]");
    if (!button) return;
    const field = document.getElementById(button.dataset.show), shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.textContent = shown ? "Show" : "Hide";
    button.setAttribute("aria-pressed", !shown);
  });
  for (const button of all("[data-show]")) button.hidden = false;

  // "Copy" beside an address; only pages that came safely may write to the clipboard by themselves
  document.addEventListener("click", async e => {
    const button = e.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy), said = button.lastElementChild;
    field.select();
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value); else document.execCommand("copy");
    said.textContent = "Copied";
    setTimeout(() => { said.textContent = "Copy"; }, 2000);
  });

  // a choice that changes the rest of the form asks for it at once; without scripts a button does it
  document.addEventListener("change", e => { if (e.target.matches("[data-submit-on-change]")) e.target.form.requestSubmit(); });

  document.addEventListener("keydown", e => {
    if (e.key !== "/" || /input|textarea|select/i.test(e.target.tagName)) return;
    const find = document.getElementById("find");
    if (find) { e.preventDefault(); find.focus(); }
  });
})();
