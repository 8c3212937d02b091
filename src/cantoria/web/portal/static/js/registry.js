"use strict";
// The slider goes from one change of the thing to the next, and says which size it stands at.
for (const form of document.querySelectorAll("form[data-sizes]")) {
  const range = form.querySelector("input[type=range]");
  const said = form.querySelector("output");
  const newest = Number(range.max);
  const sizes = [...new Set([...form.dataset.sizes.split(",").map(Number), newest])].sort((a, b) => a - b);
  const language = document.documentElement.lang || "en";
  const tell = (size) => { said.textContent = size.toLocaleString(language); };
  // One step per change: places in the list, not sizes, are equally far apart.
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = range.name;
  hidden.value = range.value;
  range.removeAttribute("name");
  range.removeAttribute("list");
  const asked = Number(hidden.value);
  const place = sizes.reduce((found, size, at) => (size <= asked ? at : found), 0);
  range.min = "0";
  range.max = String(sizes.length - 1);
  range.value = String(place);
  range.setAttribute("aria-valuetext", said.textContent);
  form.append(hidden);
  range.addEventListener("input", () => {
    const size = sizes[Number(range.value)];
    hidden.value = String(size);
    tell(size);
    range.setAttribute("aria-valuetext", said.textContent);
  });
}
