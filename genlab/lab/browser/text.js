
// ---- Picture: text, symbol by symbol ----------------------------------------------------------------------------------

const BARS = 12; // symbols shown, the likeliest
const RESORT = 1000; // ms between two orders of the bars: a target that runs away cannot be hit

/** A field for the beginning of a text, the odds of what follows, what the model looks at, and what it writes alone. */
function makeText({ ask, repaint }) {
  const asker = makeAsker(ask);
  let frame = null;
  let scene = null;
  let order = [];
  let sorted = -Infinity;
  let over = false;

  const field = make("input", { type: "text", spellcheck: "false", autocomplete: "off", "aria-label": "Beginning of a text" });
  const heat = make("input", { type: "range", min: 0.1, max: 2, step: 0.1, value: 1, "aria-label": "temperature" });
  const warmth = make("span", { class: "value", "aria-hidden": "true" });
  const note = make("small", { class: "note", role: "status" });
  const [labels, showLabel] = makeLabels(ask);

  const write = (text) => {
    field.value = [...text].map((one) => known(one)).join("").slice(0, scene.longest);
    over = false;
    sorted = -Infinity;
    asker.put({ prefix: field.value });
    repaint();
  };
  const known = (one) =>
    [one, one.toLowerCase()].find((s) => scene.symbols.includes(s) && scene.symbols.indexOf(s) !== scene.end) || "";
  const append = (code) => {
    if (code !== scene.end) return write(field.value + scene.symbols[code]);
    over = true;
    repaint();
  };
  const drawOne = () => {
    if (!frame || frame.prefix !== field.value) return; // the odds of this beginning are on their way
    if (over) return write("");
    let left = Math.random();
    const code = frame.odds.findIndex((p) => (left -= p) < 0);
    append(code < 0 ? frame.odds.length - 1 : code);
  };
  field.addEventListener("input", () => write(field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || !frame || frame.prefix !== field.value) return;
    event.preventDefault();
    append(frame.odds.indexOf(Math.max(...frame.odds)));
  });
  heat.addEventListener("input", () => asker.put({ temperature: Number(heat.value) }));
  const button = (words, help, onclick) => make("button", { type: "button", title: help, onclick, onmousedown: stayPut }, words);
  const draw = button("Draw", "Draw one symbol by these odds, and append it", drawOne);
  const clear = button("Clear", "Begin anew", () => write(""));

  const bars = Array.from({ length: BARS }, (_, i) => {
    const parts = [make("span", { class: "symbol" }), make("span", { class: "way" }, make("i")), make("span", { class: "percent" })];
    const bar = make("button", { type: "button", class: "odds", onmousedown: stayPut, onclick: () => append(order[i]) }, ...parts);
    return { bar, symbol: parts[0], fill: parts[1].firstChild, percent: parts[2] };
  });
  const layers = make("div", { class: "layers" });
  const texts = make("ul", { class: "texts", "aria-label": "Texts that the model writes" });

  const named = (code) => (code === scene.end ? "end" : { " ": "space", "\n": "line" }[scene.symbols[code]] || scene.symbols[code]);
  const showBars = () => {
    if (performance.now() - sorted > RESORT) {
      sorted = performance.now();
      order = Array.from(frame.odds.keys()).sort((a, b) => frame.odds[b] - frame.odds[a]).slice(0, BARS);
    }
    const most = Math.max(...order.map((code) => frame.odds[code]));
    bars.forEach(({ bar, symbol, fill, percent }, i) => {
      bar.hidden = i >= order.length;
      if (bar.hidden) return;
      const p = frame.odds[order[i]];
      symbol.textContent = named(order[i]);
      fill.style.width = `${(100 * p) / most}%`;
      percent.textContent = `${(100 * p).toFixed(1)} %`;
      bar.setAttribute("aria-label", `${named(order[i])}, ${(100 * p).toFixed(1)} percent`);
    });
  };
  const showLayers = () => {
    if (!frame.attention) return;
    const [count, length] = frame.attention.shape;
    const symbols = ["start", ...frame.prefix];
    layers.replaceChildren(
      ...Array.from({ length: count }, (_, layer) => {
        const weights = frame.attention.subarray(layer * length, (layer + 1) * length);
        const most = Math.max(...weights);
        const spans = symbols.slice(-40).map((one, i, shown) => {
          const weight = weights[length - shown.length + i];
          const span = make("span", { title: `${Math.round(100 * weight)} %` }, one === " " ? "\u00a0" : one);
          span.style.setProperty("--share", `${Math.round((80 * weight) / most)}%`);
          return span;
        });
        return make("div", {}, make("small", {}, `layer ${layer + 1} looks at `), ...spans);
      }),
    );
  };

  const knob = make("label", { class: "heat" }, make("span", { class: "name" }, "temperature"), heat, warmth);
  return {
    element: make(
      "div",
      { class: "text" },
      make("div", { class: "asked" }, field, draw, clear),
      make("div", { class: "asked" }, knob, labels),
      note,
      make("div", { class: "bars", role: "group", "aria-label": "What may follow; press one to append it" }, ...bars.map(({ bar }) => bar)),
      layers,
      make("small", {}, "The model writes by itself, at this temperature:"),
      texts,
    ),
    canvases: [],
    legend: () => [make("span", { class: "entry" }, "type a beginning, or press a bar")],
    label: () => {},
    paint(newScene, newest) {
      if (newest !== frame) asker.answered();
      if (!frame) [field.value, heat.value] = [newest.prefix, newest.temperature];
      [scene, frame] = [newScene, newest];
      field.maxLength = scene.longest;
      warmth.textContent = Number(heat.value).toFixed(1);
      const full = field.value.length >= scene.longest;
      note.textContent = over ? "It ends here. Draw again to begin a new one." : full ? "No room for more: clear it, or take some back." : "";
      showLabel(scene, frame);
      if (frame.prefix === field.value) showBars(), showLayers();
      const words = frame.texts.join("\u0000");
      if (texts.dataset.words !== words) texts.replaceChildren(...frame.texts.map((text) => make("li", {}, text)));
      texts.dataset.words = words;
    },
  };
}
