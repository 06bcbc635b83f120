/* The wizard: fields that belong to another choice are put away. Without scripts all of them are there. */
(() => {
  const form = document.getElementById("step");
  if (!form) return;
  const show = () => {
    for (const part of form.querySelectorAll("[data-only]"))
      part.hidden = !part.dataset.only.split(" ").some(wish => {
        const [name, value] = wish.split("=");
        return form.querySelector(`[name="${name}"]:checked`)?.value === value;
      });
  };
  form.addEventListener("change", show);
  show();
})();
