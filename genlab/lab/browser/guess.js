
// ---- Be the discriminator: two sides, of which the reader names the made one ---------------------------------------------

const ABSENT = 3000; // ms without an answer before the page says that no kernel is there

/** What fills a side, by the kind of its rows: (side's values, its array, element to fill). */
const SIDES = {
  points: (side, rows, box, colours) => paintOn(box, (pen, width, height) => {
    const [left, right, low, high] = side.bounds;
    const [x, y] = [(v) => ((v - left) / (right - left)) * width, (v) => ((high - v) / (high - low)) * height];
    paintDiscs(pen, rows, x, y, { ...colours, real: colours.text });
  }, colours),
  images: (side, rows, box, colours) => paintOn(box, (pen, width, height) => {
    const [, tall, wide] = rows.shape;
    const cell = Math.min(width, (height * wide) / tall);
    paintTile(pen, rows, 0, (width - cell) / 2, 0, cell, (cell * tall) / wide, colours);
  }, colours),
  texts: (side, rows, box) => box.replaceChildren(make("blockquote", {}, side.text)),
  rows(side, rows, box) {
    const lines = side.cells.map(([name, value]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value)));
    const more = side.more ? [make("caption", {}, `and ${side.more} more columns`)] : [];
    box.replaceChildren(make("table", {}, ...more, make("tbody", {}, ...lines)));
  },
};

function paintOn(box, paint, colours) {
  if (!box.querySelector("canvas")) box.replaceChildren(make("canvas", { role: "img", "aria-label": "one of the two" }));
  paint(...begin(box.firstChild, colours));
}

function render({ model, el }) {
  const root = make("div", { class: "genlab-lab guess", role: "group", "aria-label": "Guess which one is made", tabindex: -1 });
  const status = make("p", { class: "status", role: "status", "aria-live": "polite" });
  const boxes = {};
  const buttons = {};
  let pair = null;
  let asked = 0; // when the kernel was asked for what it has not answered yet
  const ask = (message) => {
    asked = performance.now();
    try {
      model.send(message);
    } catch {
      // no kernel to send to, which the missing answer tells
    }
  };
  const answer = (side) => {
    if (!pair || model.get("told").made) return;
    root.focus(); // so that the next key is for this game
    ask({ answer: side, round: pair.round });
  };
  const next = button("Next pair", () => pair && ask({ next: pair.round }));
  const side = (name, key) => {
    boxes[name] = make("div", { class: "box" });
    buttons[name] = button(`The ${name} one is made`, () => answer(name));
    buttons[name].title = `Key ${key}`;
    return make("figure", { class: "side", "data-side": name }, boxes[name], buttons[name]);
  };
  root.append(make("div", { class: "sides" }, side("left", 1), side("right", 2)), status, next);
  el.append(root);

  const paint = () => {
    if (!pair || !root.isConnected) return;
    const colours = readColours(root);
    for (const name of ["left", "right"]) {
      SIDES[pair.kind](pair[name], pair[`${name}/rows`], boxes[name], colours);
      boxes[name].firstChild.setAttribute("aria-label", `The ${name} one of pair ${pair.round}`);
    }
  };
  const onPair = () => {
    const view = model.get("pair");
    if (view?.byteLength) pair = unpack(view);
    if (pair) Object.assign(root.dataset, { round: pair.round, kind: pair.kind });
    paint();
  };
  const onTold = () => {
    const { made, answer, done } = model.get("told");
    for (const [name, box] of Object.entries(boxes)) {
      box.parentElement.dataset.told = made ? (name === made ? "made" : "real") : "";
      box.parentElement.classList.toggle("chosen", name === answer);
      buttons[name].disabled = Boolean(made || done);
    }
    const here = root.contains(document.activeElement); // the keys are for this game, and stay so
    next.hidden = !made;
    if (here) (made ? next : root).focus();
    root.dataset.done = Boolean(done);
  };
  const onStatus = () => {
    const silent = asked && performance.now() - asked > ABSENT;
    root.dataset.kernel = silent ? "none" : "live";
    const words = silent ? "No kernel: nothing heard for 3 s. Another cell may be busy; after a restart, run the notebook from the top." : model.get("status");
    if (status.textContent !== words) status.textContent = words;
  };
  const keys = (event) => {
    const sides = { 1: "left", ArrowLeft: "left", 2: "right", ArrowRight: "right" };
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !sides[event.key]) return;
    event.preventDefault();
    answer(sides[event.key]);
  };
  const guard = (event) => {
    const free = event.ctrlKey || event.altKey || event.metaKey || (event.shiftKey && event.key === "Enter");
    if (root.contains(event.target)) event.target.toggleAttribute("data-lm-suppress-shortcuts", !free);
  };
  root.addEventListener("keydown", keys);
  root.addEventListener("click", (event) => event.target.closest("button") || root.focus());
  window.addEventListener("keydown", guard, true);
  const word = (react) => () => ((asked = 0), react(), onStatus());
  const listeners = Object.entries({ pair: onPair, told: onTold, status: onStatus }).map(([name, react]) => [`change:${name}`, word(react)]);
  for (const [event, listener] of listeners) model.on(event, listener);
  const sizes = new ResizeObserver(paint);
  sizes.observe(root);
  const timer = setInterval(() => (onStatus(), repaintIfThemed()), 500);
  let shade = "";
  function repaintIfThemed() {
    const { text, paper } = readColours(root);
    if (shade !== text + paper) paint();
    shade = text + paper;
  }
  onPair();
  onTold();
  onStatus();
  return () => {
    clearInterval(timer);
    sizes.disconnect();
    window.removeEventListener("keydown", guard, true);
    for (const [event, listener] of listeners) model.off(event, listener);
  };
}

export default { render };
