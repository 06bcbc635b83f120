/* Possible duplicates: each answer has a key, said on its button. */
document.addEventListener("keydown", e => {
  if (/input|textarea|select/i.test(e.target.tagName) && e.target.type !== "checkbox") return;
  if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || document.querySelector("dialog[open]")) return;
  document.querySelector(`#drawer [data-key="${CSS.escape(e.key.toLowerCase())}"]`)?.click();
});
