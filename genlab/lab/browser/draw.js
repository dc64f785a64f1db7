
// ---- Draw: pads of 28 by 28 pixels that the reader writes on -------------------------------------------------------------

const SIDE = 28;
const PEN = 1.25; // pixels from the middle of a stroke to its edge

/** Ink along a line on one pad (a view of its bytes), darkest in the middle. */
function inkLine(pad, [x0, y0], [x1, y1]) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      const [dx, dy] = [column + 0.5 - x0, row + 0.5 - y0];
      const along = length ? Math.min(1, Math.max(0, (dx * (x1 - x0) + dy * (y1 - y0)) / length ** 2)) : 0;
      const away = Math.hypot(dx - along * (x1 - x0), dy - along * (y1 - y0));
      const ink = Math.round(255 * Math.min(1, Math.max(0, PEN + 0.5 - away)));
      const at = row * SIDE + column;
      pad[at] = Math.max(pad[at], ink);
    }
}

function render({ model, el }) {
  const n = model.get("n");
  const root = make("div", { class: "genlab-lab draw", role: "group", "aria-label": `Draw ${n} digits` });
  const status = make("p", { class: "status", role: "status", "aria-live": "polite" });
  const pads = [];
  let ink = new Uint8Array(n * SIDE * SIDE);
  const part = (i) => ink.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE);
  const send = () => {
    model.set("ink", new DataView(ink.slice().buffer));
    model.save_changes();
  };
  const paint = () => {
    if (!root.isConnected) return;
    const colours = readColours(root);
    const [text, paper] = [rgb(colours.text), rgb(colours.paper)];
    pads.forEach(({ canvas, key }, i) => {
      const [pen, width, height] = begin(canvas, colours);
      const bytes = part(i);
      const shade = (at) => [...text.map((v, c) => paper[c] + ((v - paper[c]) * bytes[at]) / 255), 255];
      pen.imageSmoothingEnabled = false;
      pen.drawImage(raster(SIDE, SIDE, shade), 0, 0, width, height);
      if (document.activeElement !== canvas || !key.used) return;
      pen.beginPath();
      pen.arc((key.at[0] * width) / SIDE, (key.at[1] * height) / SIDE, 5, 0, 2 * Math.PI);
      stroke(pen, colours.made, key.down ? 4 : 2);
    });
    const drawn = pads.filter((_, i) => part(i).some((v) => v)).length;
    const words = `${drawn} of ${n} pads drawn on`;
    if (status.textContent !== words) status.textContent = words;
  };
  const wipe = (i) => (part(i).fill(0), send(), paint());

  function makePad(i) {
    const help = "Draw by mouse or finger; by keys: arrows move, Space puts the pen down or lifts it, Delete clears";
    const canvas = make("canvas", { role: "img", tabindex: 0, "aria-label": `Pad ${i + 1} of ${n}. ${help}`, title: help });
    const key = { at: [SIDE / 2, SIDE / 2], down: false, used: false };
    let last = null; // where the pointer was; null while it is up
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.x) / box.width) * SIDE, ((event.clientY - box.y) / box.height) * SIDE];
    };
    const line = (from, to) => (inkLine(part(i), from, to), paint());
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      event.stopPropagation();
      canvas.focus();
      canvas.setPointerCapture(event.pointerId);
      key.used = false;
      last = place(event);
      line(last, last);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      const now = place(event);
      line(last, now);
      last = now;
    });
    const up = () => {
      if (last) send();
      last = null;
    };
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const move = moves[event.key];
      if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      if (!move && ![" ", "Delete", "Backspace"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      key.used = true;
      if (event.key === "Delete" || event.key === "Backspace") return wipe(i);
      const from = key.at;
      if (move) key.at = from.map((v, axis) => Math.min(SIDE - 1, Math.max(1, v + move[axis])));
      else key.down = !key.down;
      if (key.down) inkLine(part(i), from, key.at);
      if (key.down || !move) send();
      paint();
    });
    canvas.addEventListener("focus", paint);
    canvas.addEventListener("blur", () => ((key.down = false), paint()));
    pads.push({ canvas, key });
    return make("figure", { class: "pad" }, canvas, button(`Clear ${i + 1}`, () => wipe(i)));
  }

  root.append(make("div", { class: "pads" }, ...Array.from({ length: n }, (_, i) => makePad(i))), status);
  root.append(button("Clear all", () => (ink.fill(0), send(), paint())));
  el.append(root);

  const onInk = () => {
    const view = model.get("ink");
    if (view?.byteLength === ink.length) ink = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
    paint();
  };
  const guard = (event) => {
    const free = event.ctrlKey || event.altKey || event.metaKey || (event.shiftKey && event.key === "Enter");
    if (root.contains(event.target)) event.target.toggleAttribute("data-lm-suppress-shortcuts", !free);
  };
  window.addEventListener("keydown", guard, true);
  model.on("change:ink", onInk);
  const sizes = new ResizeObserver(paint);
  sizes.observe(root);
  let shade = "";
  const timer = setInterval(() => {
    const { text, paper } = readColours(root);
    if (shade !== text + paper) paint();
    shade = text + paper;
  }, 500);
  onInk();
  return () => {
    clearInterval(timer);
    sizes.disconnect();
    window.removeEventListener("keydown", guard, true);
    model.off("change:ink", onInk);
  };
}

export default { render };
