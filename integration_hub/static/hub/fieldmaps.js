// The editor of field mappings: rows are added from a template, parts that do not apply are hidden, and the preview asks
// the server what the chosen order comes to with the form as it stands.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("field-mappings");
  if (!form) return;
  const list = document.getElementById("rows");
  const total = form.querySelector("[name=rows-TOTAL_FORMS]");

  const show = (row) => {
    for (const part of row.querySelectorAll("[data-when]")) {
      const input = row.querySelector(`[name$="-${part.dataset.when}"]`);
      part.hidden = !input || !part.dataset.is.split(" ").includes(input.value);
    }
    const kind = row.querySelector('[name$="-source_kind"]');
    const named = row.querySelector('[data-when="fact"]');
    if (kind && named && kind.value !== "field") named.hidden = true;
    const removed = row.querySelector('[name$="-DELETE"]');
    row.classList.toggle("hub-removed", Boolean(removed && removed.checked));
  };
  list.querySelectorAll("[data-row]").forEach(show);

  form.addEventListener("change", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row) return;
    if (event.target.name.endsWith("-add_step") && event.target.value) {
      const steps = row.querySelector('[name$="-transforms"]');
      steps.value = steps.value ? `${steps.value.trimEnd()}\n${event.target.value}` : event.target.value;
      event.target.value = "";
      steps.focus();
    }
    show(row);
  });

  document.getElementById("add-row").addEventListener("click", () => {
    const html = document.getElementById("empty-row").innerHTML.replaceAll("__prefix__", total.value);
    list.insertAdjacentHTML("beforeend", html);
    total.value = Number(total.value) + 1;
    const row = list.lastElementChild;
    show(row);
    row.querySelector('[name$="-name"]').focus();
  });

  document.getElementById("try").addEventListener("click", async (event) => {
    const pane = document.getElementById("preview");
    const body = new FormData(form);
    body.set("order", document.getElementById("preview-order").value);
    event.target.disabled = true;
    pane.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body, credentials: "same-origin" });
      pane.innerHTML = answer.ok ? await answer.text() : `The preview failed (${answer.status}). Save, then load the page again.`;
    } catch {
      pane.textContent = "The hub did not answer. Try again.";
    } finally {
      event.target.disabled = false;
      pane.removeAttribute("aria-busy");
    }
  });
});
