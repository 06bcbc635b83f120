/* Questions before something that cannot be undone, in our own <dialog>.
   htmx: hx-confirm="Cancel this job? …"; plain forms: data-confirm="…". Both may carry data-yes and data-no. */
(() => {
  const dialog = document.getElementById("confirm");
  if (!dialog) return;
  const ask = (element, question, go) => {
    dialog.querySelector("[data-question]").textContent = question;
    dialog.querySelector("[data-yes]").textContent = element.dataset.yes || "Yes";
    dialog.querySelector("[data-no]").textContent = element.dataset.no || "No";
    dialog.returnValue = "";
    dialog.showModal();
    dialog.addEventListener("close", () => { if (dialog.returnValue === "yes") go(); }, { once: true });
  };
  document.body.addEventListener("htmx:confirm", e => {
    if (!e.detail.question) return;
    e.preventDefault();
    ask(e.detail.elt, e.detail.question, () => e.detail.issueRequest(true));
  });
  document.addEventListener("submit", e => {
    const form = e.target, asker = e.submitter?.dataset.confirm ? e.submitter : form;
    if (!asker.dataset.confirm || form.dataset.confirmed) return;
    e.preventDefault();
    ask(asker, asker.dataset.confirm, () => {
      form.dataset.confirmed = "1";
      form.requestSubmit(e.submitter || undefined);
      delete form.dataset.confirmed;
    });
  });
})();
