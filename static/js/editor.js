/* The mapping editor on narrow screens: its three parts as tabs, without asking the server again. */
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
})();
