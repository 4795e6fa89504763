// What a mapping form offers depends on its shop: choosing another one asks for the form again, typed values kept.
document.addEventListener("DOMContentLoaded", () => {
  const shop = document.getElementById("id_shop");
  if (!shop || !document.body.classList.contains("change-form")) return;
  const reload = () => {
    const address = new URL(window.location.href);
    if (!address.pathname.endsWith("/add/")) return;
    address.searchParams.set("shop", shop.value);
    for (const name of ["source", "country"]) {
      const field = document.getElementById(`id_${name}`);
      if (field && field.value) address.searchParams.set(name, field.value);
    }
    window.location.replace(address);
  };
  shop.addEventListener("change", reload);
});
