
// ---- Other rows: a shape, two columns of a table, or points drawn by hand -------------------------------------------------

const LARGEST = 5_000_000; // characters of a table, as in sources.py
const MOST = 5_000; // points, as in sources.py
const FEWEST = 10;

/** A folded panel; `show` gives it what the kernel has: shapes, columns, and the scene with its bounds. */
function makeRows(ask) {
  const menu = make("select", { "aria-label": "Rows to learn from" });
  const tell = make("small", { role: "status" });
  const columns = [0, 1].map((i) => make("select", { "aria-label": ["Column across", "Column up"][i] }));
  const choice = make("div", { class: "asked", hidden: "" }, ...columns, button("Learn these columns", useColumns));
  const file = make("input", { type: "file", accept: ".csv,text/csv", "aria-label": "A table, as a CSV file" });
  const [pad, showPad] = makePad((points) => ask({ use: { points } }));
  const panel = make(
    "details",
    { class: "rows" },
    make("summary", {}, "Other rows"),
    make("p", {}, make("small", {}, "Each choice begins anew, with the present knobs.")),
    make("div", { class: "asked" }, make("label", {}, "A shape", menu), make("label", {}, "or a table", file)),
    choice,
    tell,
    pad,
  );
  menu.addEventListener("change", () => ask({ use: menu.value ? { shape: menu.value } : {} }));
  file.addEventListener("change", () => file.files.length && readTable(file.files[0]));

  function useColumns() {
    ask({ use: { columns: columns.map((one) => one.value) } });
  }
  async function readTable(chosen) {
    tell.textContent = "";
    if (chosen.size > LARGEST) {
      tell.textContent = `${chosen.name} has ${chosen.size.toLocaleString("en")} bytes; a page takes 5,000,000. In Python: lab.use(gl.datasets.columns("${chosen.name}", ...))`;
      return;
    }
    ask({ table: await chosen.text(), name: chosen.name });
  }
  const fill = (select, values, words = values) => {
    if (select.options.length === values.length && values.every((value, i) => select.options[i].value === value)) return;
    select.replaceChildren(...values.map((value, i) => make("option", { value }, words[i])));
  };
  const show = ({ shapes, found, scene }) => {
    panel.hidden = !scene || scene.kind !== "points" || !scene.able.includes("belief");
    fill(menu, ["", ...shapes], ["as they were given", ...shapes]);
    choice.hidden = !found.length;
    for (const [i, select] of columns.entries()) {
      fill(select, found);
      if (select.value === columns[1 - i].value && found.length > 1) select.value = found[i];
    }
    if (!scene || panel.hidden) return;
    showPad(scene.bounds);
    tell.textContent = `Now: ${scene.title}, ${scene.source}.`;
  };
  return [panel, show];
}

/** A square to draw points in, by pointer or by keyboard; `use` gets them as [[x, y], ...] in the data's own units. */
function makePad(use) {
  const canvas = make("canvas", { class: "pad", role: "application", tabindex: 0, "aria-label": "Draw points" });
  const count = make("small", { "aria-live": "polite" });
  let points = []; // [x, y] from -1 to 1
  let cursor = [0, 0];
  let bounds = [-3, 3, -3, 3];
  let held = false;

  const add = (place) => points.length < MOST && (points.push(place), draw());
  const place = (event) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [(2 * (event.clientX - left)) / width - 1, 1 - (2 * (event.clientY - top)) / height];
  };
  canvas.addEventListener("mousedown", stayPut);
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    held = true;
    add(place(event));
  });
  canvas.addEventListener("pointermove", (event) => held && add(place(event)));
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (held = false));
  canvas.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (ways[event.key]) cursor = cursor.map((v, i) => Math.min(0.95, Math.max(-0.95, v + 0.1 * ways[event.key][i])));
    else if (event.key === "Enter" || event.key === " ") add([...cursor]);
    else if (event.key === "Backspace") points.pop();
    else return;
    event.preventDefault();
    draw();
  });

  function draw() {
    const few = points.length < FEWEST ? `, at least ${FEWEST}` : "";
    count.textContent = `${points.length} points${few}`;
    canvas.setAttribute("aria-label", `Draw points: drag, or arrow keys and Enter; Backspace takes one back. ${count.textContent}`);
    if (!canvas.isConnected || !canvas.clientWidth) return;
    const colours = readColours(canvas);
    const [pen, width, height] = begin(canvas, colours);
    const [x, y] = [(v) => ((v + 1) / 2) * width, (v) => ((1 - v) / 2) * height];
    paintDiscs(pen, points.flat(), x, y, colours);
    pen.beginPath();
    pen.arc(x(cursor[0]), y(cursor[1]), 6, 0, 7);
    stroke(pen, colours.faint, 1.5);
  }
  const learn = () => {
    const [left, right, low, high] = bounds;
    use(points.map(([u, v]) => [left + ((u + 1) / 2) * (right - left), low + ((v + 1) / 2) * (high - low)]));
  };
  const clear = () => ((points = []), draw());
  const buttons = make("div", { class: "buttons" }, button("Learn these points", learn), button("Clear", clear), count);
  new ResizeObserver(draw).observe(canvas);
  const show = (given) => (bounds = given);
  return [make("div", { class: "drawn" }, canvas, buttons), show];
}
