// What a form tells. Everything that comes from a table is set as text; nothing is ever parsed as markup here.
function make(tag, attributes = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
  el.append(...children);
  return el;
}

function scale(cell) {  // where a value lies between floor (left) and ceiling (right)
  if (cell.at === undefined || cell.at === null) return [];
  const bar = make("span", { class: "scale", "aria-hidden": "true" });
  const fill = make("span", { class: "fill" });
  fill.style.width = `${100 * Math.min(1, Math.max(0, cell.at))}%`;
  bar.append(fill);
  return [bar];
}

function render({ model, el }) {
  const status = make("p", { role: "status", class: "status" });
  const error = make("pre", { role: "alert", class: "error" });
  const bars = make("div", { class: "bars" });
  const results = make("div", { class: "results" });
  const frame = make("div", { class: "frame" });
  el.classList.add("genlab-notice");
  el.append(status, error, bars, results, frame);

  const tell = () => {
    status.textContent = model.get("status");
    error.textContent = model.get("error");
    status.hidden = !model.get("status");
    error.classList.toggle("empty", !model.get("error"));
  };
  const drawBars = () => {
    bars.replaceChildren(...model.get("bars").map(({ name, done, of, words }) => {
      const bar = make("progress", { max: of, "aria-label": name });
      if (done !== null) bar.value = done;
      return make("div", { class: "bar" }, make("span", { class: "name" }, name), bar, make("span", {}, words));
    }));
  };
  const drawRows = () => {
    const rows = model.get("rows");
    if (!rows.length) return results.replaceChildren();
    const head = make("tr", {}, make("td"));
    for (const { name, help } of model.get("head")) head.append(make("th", { scope: "col", title: help }, name));
    head.append(make("th", { scope: "col" }, "take away"));
    const body = rows.map((row, number) => {
      const line = make("tr", {}, make("th", { scope: "row" }, row.name));
      for (const cell of row.cells) line.append(make("td", { class: cell.tone || "" }, cell.text, ...scale(cell)));
      const files = make("td", { class: "files" });
      for (const [key, words] of row.files) {
        const button = make("button", { type: "button", "aria-label": `${words}: ${row.name}` }, words);
        button.addEventListener("click", () => model.send(key === "show" ? { show: number } : { get: [number, key] }));
        files.append(button);
      }
      line.append(files);
      return line;
    });
    const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
    results.replaceChildren(make("div", { class: "wide", role: "region", tabindex: "0", "aria-label": "Results" }, table));
  };
  const drawFrame = () => {
    const { title, page } = model.get("frame");
    if (!page) return frame.replaceChildren();
    const inner = make("iframe", { sandbox: "", title });
    inner.srcdoc = page;  // its own policy forbids scripts, and so does the empty sandbox
    frame.replaceChildren(inner);
  };
  const save = ({ name, mime }, buffers) => {
    if (!buffers.length) return;
    const link = make("a", { download: name, href: URL.createObjectURL(new Blob([buffers[0]], { type: mime })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  const watched = [["status", tell], ["error", tell], ["bars", drawBars], ["rows", drawRows], ["frame", drawFrame]];
  for (const [name, draw] of watched) model.on(`change:${name}`, draw);
  model.on("msg:custom", save);
  for (const draw of [tell, drawBars, drawRows, drawFrame]) draw();
  return () => {
    for (const [name, draw] of watched) model.off(`change:${name}`, draw);
    model.off("msg:custom", save);
  };
}

export default { render };
