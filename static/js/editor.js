/* The mapping editor: its three parts as tabs on narrow screens, the lines of a rule marked while it is looked at,
   and a question before what was typed is left unsaved. */
(() => {
  const show = name => {
    const editor = document.getElementById("editor");
    if (!editor) return;
    editor.dataset.pane = name;
    for (const link of editor.querySelectorAll("[data-pane-link]")) {
      if (link.dataset.paneLink === name) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  document.addEventListener("click", e => {
    const link = e.target.closest("[data-pane-link]");
    if (!link) return;
    e.preventDefault();
    history.replaceState(history.state, "", link.href);
    show(link.dataset.paneLink);
  });
  const editor = document.getElementById("editor");
  if (editor) show(editor.dataset.pane);

  // The lines of the rule under the pointer, or with the focus. Where only differences are shown, those that are there.
  const pane = () => document.querySelector("#p-code .code");
  const inView = (line, box) => {
    const at = line.getBoundingClientRect(), room = box.getBoundingClientRect();
    return at.top >= room.top && at.bottom <= room.bottom;
  };
  const light = rule => {
    const box = pane();
    if (!box) return;
    const lines = (rule?.dataset.lines || "").split(" ").filter(Boolean).map(Number);
    document.dispatchEvent(new CustomEvent("editor:lines", { detail: { lines, label: rule?.querySelector(".rule-name")?.textContent } }));
    for (const one of box.querySelectorAll(".lit")) one.classList.remove("lit");
    const found = lines.map(n => box.querySelector(`[data-line="${n}"]`)).filter(Boolean);
    for (const one of found) one.classList.add("lit");
    if (found.length && box.scrollHeight > box.clientHeight && !found.some(one => inView(one, box)))
      box.scrollTop += found[0].getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
  };
  let lit = null;
  const follow = e => {
    const rule = e.target.closest?.(".rule[data-lines]") || null;
    if (rule === lit) return;
    lit = rule;
    light(rule);
  };
  document.addEventListener("pointerover", follow);
  document.addEventListener("focusin", follow);
  document.addEventListener("click", e => {          // while code is being edited the link would leave it
    const name = e.target.closest(".rule-name");
    if (!name || !document.querySelector("#p-code .editing-code")) return;
    e.preventDefault();
    show("code");
    light(name.closest(".rule"));
  });

  // What was typed is not lost without a question: not by leaving the page, and not by the page that asks for itself anew.
  const FIELDS = '#editor textarea:not([readonly]), #editor input[name^="answer-"]';
  const typed = () => [...document.querySelectorAll(FIELDS)].filter(field => field.value !== field.defaultValue);
  let leaving = false;
  document.addEventListener("submit", e => { leaving = !e.defaultPrevented && typed().every(field => field.form === e.target); });
  addEventListener("beforeunload", e => { if (typed().length && !leaving) e.preventDefault(); leaving = false; });
  document.addEventListener("htmx:beforeOnLoad", e => {
    if (!e.detail.xhr.getResponseHeader("HX-Refresh") || !typed().length) return;
    e.preventDefault();
    document.getElementById("ed-ready").hidden = false;
  });
})();
