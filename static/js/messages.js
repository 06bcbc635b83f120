/* Toasts leave after six seconds, and stay while somebody looks at them. */
(() => {
  const STAY = 6000;
  const leave = toast => {
    if (toast.matches(":hover") || toast.contains(document.activeElement)) { setTimeout(() => leave(toast), STAY); return; }
    toast.remove();
  };
  const start = () => {
    for (const toast of document.querySelectorAll("[data-toast]:not([data-timed])")) {
      toast.dataset.timed = "1";
      setTimeout(() => leave(toast), STAY);
    }
  };
  document.addEventListener("click", e => e.target.closest("[data-toast-close]")?.closest("[data-toast]").remove());
  document.body.addEventListener("htmx:afterRequest", e => e.detail.elt.closest?.("[data-toast]")?.remove());   // "Undo" was pressed
  document.body.addEventListener("htmx:oobAfterSwap", start);
  start();
})();
