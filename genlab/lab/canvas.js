// The browser's side of the live lab: buttons and sliders, a picture, two charts and a status line.
// No build step: this file is what runs. Read it from the bottom up: render() puts the parts together.
// All that passes between kernel and browser are the traits and messages listed in screen.py.

const VERSION = 1; // of the frames, as in frames.py
const TYPES = { f4: Float32Array, u1: Uint8Array };
const PATIENCE = 3000; // ms without a word from the kernel before the view says so
const LEASE = 1000; // ms between two acknowledgements: more often would cost the page dearly
const SETTLE = 200; // ms that a slider must rest before its value is sent

// ---- Frames ---------------------------------------------------------------------------------------------------------

/** A packed frame as one object: the header's values and the arrays, by name. */
function unpack(view) {
  const buffer = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  const [version, length] = new Uint32Array(buffer, 0, 2);
  if (version !== VERSION) {
    throw new Error(`This frame has version ${version}, and this page reads version ${VERSION}: reload the page.`);
  }
  const frame = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  let start = 8 + length;
  for (const [name, type, shape] of frame.arrays) {
    const count = shape.reduce((a, b) => a * b, 1);
    frame[name] = new TYPES[type](buffer, start, count);
    frame[name].shape = shape;
    start += Math.ceil(frame[name].byteLength / 4) * 4;
  }
  return frame;
}

// ---- Small helpers --------------------------------------------------------------------------------------------------

/** A new element with attributes and children; on... are listeners. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A number in few characters: 0.0015, 1.5e-6, 12,000. */
function short(value) {
  if (typeof value !== "number") return String(value);
  const size = Math.abs(value);
  if (size && (size < 1e-4 || size >= 1e6)) return value.toExponential(2).replace(/\.?0+e\+?/, "e");
  return size >= 1000 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
}

/** Round numbers between low and high, about `count` of them. */
function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(i * step);
  return found;
}

/** Colours of this theme; the names are those of canvas.css. */
function readColours(element) {
  const css = getComputedStyle(element);
  const colour = (name) => css.getPropertyValue(`--lab-${name}`).trim();
  const names = ["real", "made", "judge", "text", "faint", "line", "paper"];
  return { ...Object.fromEntries(names.map((n) => [n, colour(n)])), font: `11px ${css.fontFamily}` };
}

/** "#0072B2" as [0, 114, 178]. */
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** Clear a canvas and make its unit one CSS pixel, however sharp the screen. */
function begin(canvas, colours) {
  const { width, height } = canvas.getBoundingClientRect();
  const scale = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = colours.font;
  return [pen, width, height];
}

/** A canvas of w by h pixels whose colours pixel(i) gives as [r, g, b, a]. */
function raster(w, h, pixel) {
  const image = new ImageData(w, h);
  for (let i = 0; i < w * h; i++) image.data.set(pixel(i), 4 * i);
  const canvas = make("canvas");
  [canvas.width, canvas.height] = [w, h];
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// ---- The picture: one painter for each kind of view in views.py -----------------------------------------------------

const PAINTERS = { points: paintPoints, images: paintImages };

/** Real points as discs and made ones as crosses, over the discriminator's map. */
function paintPoints(canvas, scene, frame, colours) {
  const [pen, width, height] = begin(canvas, colours);
  const [left, right, low, high] = scene.bounds;
  const x = (value) => ((value - left) / (right - left)) * width;
  const y = (value) => ((high - value) / (high - low)) * height;
  if (frame.belief) paintBelief(pen, width, height, frame.belief, colours);
  paintAxes(pen, width, height, scene.bounds, x, y, colours);

  pen.globalAlpha = 0.75;
  pen.fillStyle = colours.real;
  pen.beginPath();
  for (let i = 0; i < scene.real.length; i += 2) {
    const [u, v] = [x(scene.real[i]), y(scene.real[i + 1])];
    pen.moveTo(u + 2.6, v);
    pen.arc(u, v, 2.6, 0, 7);
  }
  pen.fill();

  pen.globalAlpha = 1;
  pen.beginPath();
  const arm = 2.6;
  for (let i = 0; i < frame.made.length; i += 2) {
    const [u, v] = [x(frame.made[i]), y(frame.made[i + 1])];
    pen.moveTo(u - arm, v - arm);
    pen.lineTo(u + arm, v + arm);
    pen.moveTo(u - arm, v + arm);
    pen.lineTo(u + arm, v - arm);
  }
  stroke(pen, colours.paper, 3); // an edge of paper keeps each cross apart from what lies under it
  stroke(pen, colours.made, 1.4);
}

function stroke(pen, colour, width, dash = []) {
  [pen.strokeStyle, pen.lineWidth] = [colour, width];
  pen.setLineDash(dash);
  pen.stroke();
  pen.setLineDash([]);
}

/** Tints where a place is believed real or made, and a line where the discriminator is undecided. */
function paintBelief(pen, width, height, belief, colours) {
  const [rows, columns] = belief.shape;
  const [real, made] = [rgb(colours.real), rgb(colours.made)];
  const tint = (i) => [...(belief[i] > 127.5 ? real : made), Math.abs(belief[i] / 127.5 - 1) ** 0.7 * 130];
  pen.imageSmoothingEnabled = true;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(raster(columns, rows, tint), 0, 0, width, height);

  pen.beginPath(); // marching squares: in each square of four neighbours, join the sides that cross one half
  const at = (r, c) => belief[r * columns + c] - 127.5;
  const place = (r, c) => [((c + 0.5) / columns) * width, ((r + 0.5) / rows) * height];
  for (let r = 0; r + 1 < rows; r++) {
    for (let c = 0; c + 1 < columns; c++) {
      const corners = [[r, c], [r, c + 1], [r + 1, c + 1], [r + 1, c]];
      const crossings = [];
      corners.forEach((one, i) => {
        const other = corners[(i + 1) % 4];
        const [a, b] = [at(...one), at(...other)];
        if (a < 0 !== b < 0) {
          const share = a / (a - b);
          crossings.push(place(one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])));
        }
      });
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        pen.moveTo(...crossings[i]);
        pen.lineTo(...crossings[i + 1]);
      }
    }
  }
  pen.globalAlpha = 0.6;
  stroke(pen, colours.text, 1);
  pen.globalAlpha = 1;
}

/** Round numbers along the left and lower edge. */
function paintAxes(pen, width, height, [left, right, low, high], x, y, colours) {
  pen.fillStyle = colours.faint;
  pen.textAlign = "center";
  const inside = (at, size) => at > 22 && at < size - 22;
  for (const t of ticks(left, right, 5)) if (inside(x(t), width)) pen.fillText(short(t), x(t), height - 5);
  pen.textAlign = "left";
  for (const t of ticks(low, high, 5)) if (inside(y(t), height)) pen.fillText(short(t), 5, y(t) + 4);
}

/** A block of made images above a block of real ones. */
function paintImages(canvas, scene, frame, colours) {
  const [pen, width, height] = begin(canvas, colours);
  const made = { images: frame.made, name: "made", colour: colours.made };
  const real = { images: scene.real, name: "real", colour: colours.real };
  const rows = [made, real].map(({ images }) => Math.ceil(images.shape[0] / scene.columns));
  const [, tall, wide] = frame.made.shape;
  const caption = scene.labels ? 30 : 17; // pixels above each block
  const cell = Math.min(width / scene.columns, ((height - 2 * caption - 6) / (rows[0] + rows[1])) * (wide / tall));
  const line = cell * (tall / wide);
  const margin = (width - cell * scene.columns) / 2;
  let top = 0;
  [made, real].forEach(({ images, name, colour }, block) => {
    pen.textAlign = "left";
    pen.fillStyle = colour;
    pen.font = `bold ${colours.font}`;
    pen.fillText(name, margin + 1, top + 11);
    pen.font = colours.font;
    pen.fillStyle = colours.faint;
    pen.textAlign = "center";
    (scene.labels || []).forEach((label, i) => pen.fillText(label, margin + (i + 0.5) * cell, top + caption - 4));
    paintTiles(pen, images, scene.columns, margin, top + caption, cell, line, colours);
    top += caption + rows[block] * line + 6;
  });
}

/** Images in rows: colours as they are, brightness as ink on paper. */
function paintTiles(pen, images, columns, left, top, cell, line, colours) {
  const [count, tall, wide, channels] = images.shape;
  const ink = rgb(colours.text);
  pen.imageSmoothingEnabled = false;
  for (let n = 0; n < count; n++) {
    const first = n * tall * wide;
    const pixel =
      channels === 3
        ? (i) => [...images.subarray(3 * (first + i), 3 * (first + i) + 3), 255]
        : (i) => [...ink, images[first + i]];
    const [x, y] = [left + (n % columns) * cell, top + Math.floor(n / columns) * line];
    pen.fillStyle = colours.line;
    pen.fillRect(x + 0.5, y + 0.5, cell - 1, line - 1);
    pen.fillStyle = colours.paper;
    pen.fillRect(x + 1, y + 1, cell - 2, line - 2);
    pen.drawImage(raster(wide, tall, pixel), x + 1, y + 1, cell - 2, line - 2);
  }
}

// ---- The charts -----------------------------------------------------------------------------------------------------

const MARGIN = { left: 44, right: 12, top: 8, bottom: 20 };

/** Lines {xs, ys, colour, dash} by step, an optional floor, and a vertical mark for each change. */
function paintChart(canvas, { lines, floor, marks, last, named }, colours) {
  const [pen, width, height] = begin(canvas, colours);
  const [low, high] = span(lines, floor);
  const x = (step) => MARGIN.left + (step / last) * (width - MARGIN.left - MARGIN.right);
  const y = (value) => height - MARGIN.bottom - ((value - low) / (high - low)) * (height - MARGIN.bottom - MARGIN.top);
  paintGrid(pen, width, height, ticks(low, high, 4), ticks(0, last, width / 90), x, y, colours);

  pen.save();
  pen.beginPath();
  pen.rect(MARGIN.left, 0, width - MARGIN.left, height - MARGIN.bottom + 1);
  pen.clip();
  if (floor != null) {
    pen.beginPath();
    pen.moveTo(MARGIN.left, y(floor));
    pen.lineTo(width - MARGIN.right, y(floor));
    stroke(pen, colours.real, 1.5, [2, 3]);
  }
  for (const { xs, ys, colour, dash } of lines) {
    pen.beginPath();
    let down = false; // a gap where a step had no number
    ys.forEach((value, i) => {
      if (!Number.isFinite(value)) down = false;
      else if (down) pen.lineTo(x(xs[i]), y(value));
      else (down = true), pen.moveTo(x(xs[i]), y(value)), pen.lineTo(x(xs[i]) + 0.5, y(value));
    });
    pen.lineJoin = "round";
    stroke(pen, colour, 1.8, dash);
  }
  paintMarks(pen, width, height, marks, x, named, colours);
  pen.restore();
}

/** The lowest and highest value worth showing: a few wild steps are not to flatten the rest. */
function span(lines, floor) {
  const values = lines.flatMap(({ ys }) => [...ys].filter(Number.isFinite)).sort((a, b) => a - b);
  if (!values.length) values.push(0, 1);
  const cut = floor === undefined ? 0.01 : 0;
  let low = values[Math.floor(values.length * cut)];
  let high = values[Math.ceil(values.length * (1 - cut)) - 1];
  if (floor != null) [low, high] = [Math.min(low, 0), Math.max(high, floor)];
  const room = 0.12 * (high - low || Math.abs(high) || 1);
  return [floor != null && low === 0 ? 0 : low - room, high + room];
}

function paintGrid(pen, width, height, values, steps, x, y, colours) {
  pen.beginPath();
  pen.fillStyle = colours.faint;
  pen.textAlign = "right";
  for (const value of values) {
    pen.moveTo(MARGIN.left, Math.round(y(value)) + 0.5);
    pen.lineTo(width - MARGIN.right, Math.round(y(value)) + 0.5);
    pen.fillText(short(value), MARGIN.left - 6, y(value) + 4);
  }
  stroke(pen, colours.line, 1);
  pen.textAlign = "center";
  for (const step of steps) if (x(step) < width - 14) pen.fillText(short(step), x(step), height - 5);
}

/** A vertical line for each change, with its name where it does not cover the one before. */
function paintMarks(pen, width, height, marks, x, named, colours) {
  let free = 0;
  for (const [step, words] of marks) {
    const at = Math.round(x(step)) + 0.5;
    pen.beginPath();
    pen.moveTo(at, 0);
    pen.lineTo(at, height - MARGIN.bottom);
    stroke(pen, colours.faint, 1);
    if (named && at >= free) {
      free = at + 13;
      pen.save();
      pen.translate(at + 14 > width ? at - 14 : at, 6);
      pen.rotate(Math.PI / 2);
      pen.textAlign = "left";
      pen.fillStyle = colours.text;
      [pen.strokeStyle, pen.lineWidth, pen.lineJoin] = [colours.paper, 3, "round"];
      pen.strokeText(words, 0, -4);
      pen.fillText(words, 0, -4);
      pen.restore();
    }
  }
}

const COLOURS = { loss_d: "judge", loss_g: "made" }; // colour is role: the generator has that of what it makes
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

/** The loss chart and the score chart of a frame. */
function paintCharts(losses, scores, frame, marks, colours) {
  const last = Math.max(frame.step, frame.first + 10);
  const lines = frame.losses.map(({ name, width }, i) => ({
    xs: Array.from(frame[name], (_, k) => Math.min(frame.first + (k + 0.5) * width + 0.5, frame.step)),
    ys: frame[name],
    colour: colours[COLOURS[name] || "text"],
    dash: DASHES[i % DASHES.length],
  }));
  paintChart(losses, { lines, marks, last, named: true }, colours);
  if (!frame.scores.length) return;
  const { name, floor } = frame.scores[0];
  const [xs, ys] = [0, 1].map((column) => frame[name].filter((_, i) => i % 2 === column));
  paintChart(scores, { lines: [{ xs, ys, colour: colours.text, dash: [] }], floor, marks, last }, colours);
}

// ---- Controls -------------------------------------------------------------------------------------------------------

const BUTTONS = [
  // what it asks for, words, the outline of its sign in a box of 12 by 12, help
  ["start", "Start", "M2 1 L11 6 L2 11 Z", "Let it learn"],
  ["pause", "Pause", "M2 1 H5 V11 H2 Z M7 1 H10 V11 H7 Z", "Hold after this step"],
  ["step", "Step", "M1 1 L8 6 L1 11 Z M9 1 H11 V11 H9 Z", "One step"],
  ["d", "D only", "", "One step in which only the discriminator learns"],
  ["g", "G only", "", "One step in which only the generator learns"],
  ["reset", "Reset", "M1 1 H3 V11 H1 Z M11 1 L4 6 L11 11 Z", "Back to the first weights, with the present knobs"],
];

/** A click leaves focus and the selected cell where they are, so that the next Shift+Enter goes on in the notebook. */
function stayPut(event) {
  event.preventDefault();
  event.stopPropagation();
}

/** A sign drawn here, because not every system has a font with it. */
function makeSign(outline) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", outline);
  svg.append(path);
  return svg;
}

function makeButtons(players, ask) {
  const group = make("div", { class: "buttons", role: "group", "aria-label": "Training", onmousedown: stayPut });
  for (const [name, words, sign, help] of BUTTONS) {
    if ((name === "d" || name === "g") && !players.includes(name)) continue;
    const button = make("button", { type: "button", title: help, "data-do": name, onclick: () => ask({ do: name }) });
    if (sign) button.append(makeSign(sign));
    button.append(words);
    group.append(button);
  }
  return group;
}

/** The pace dial: one of a few paces; 0 is full speed. */
function makePace(model, ask) {
  const name = `lab-pace-${Math.random()}`; // radio buttons of two labs must not share a name
  const field = make("fieldset", { class: "pace", onmousedown: stayPut });
  const show = () => {
    const pace = model.get("pace");
    const paces = [...new Set([1, 10, 100, pace])].filter((p) => p > 0).sort((a, b) => a - b);
    const choice = (value) => {
      const radio = make("input", { type: "radio", name, value, onchange: () => ask({ pace: value }) });
      radio.checked = value === pace;
      return make("label", {}, radio, make("span", {}, value ? short(value) : "full speed"));
    };
    const focused = field.contains(document.activeElement);
    const choices = make("div", { class: "choices" }, ...[...paces, 0].map(choice));
    field.replaceChildren(make("legend", {}, "Steps a second"), choices);
    if (focused) field.querySelector("input:checked").focus();
  };
  show();
  return [field, show];
}

/** A slider or a menu for one declared knob; `show` gives it what the kernel has. */
function makeKnob({ name, help, choices }, ask) {
  const input = choices
    ? make("select", { "aria-label": name }, ...choices.map((choice) => make("option", { value: choice }, choice)))
    : make("input", { type: "range", min: 0, step: 1, "aria-label": name });
  const output = make("span", { class: "value", "aria-hidden": "true" });
  let stops = [];
  let timer = 0;
  const value = () => (choices ? input.value : stops[input.value]);
  const write = () => {
    output.textContent = choices ? "" : short(value());
    if (!choices) input.setAttribute("aria-valuetext", short(value()));
  };
  input.addEventListener("input", () => {
    write();
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      ask({ set: { [name]: value() } });
    }, SETTLE);
  });
  const show = (knob) => {
    if (timer) return; // the hand is still on it
    if (choices) input.value = knob.value;
    else {
      stops = knob.stops;
      input.max = stops.length - 1;
      input.value = stops.indexOf(knob.value);
    }
    write();
  };
  const row = make("div", { class: "knob", "data-knob": name }, make("span", { class: "name" }, name), output, input);
  row.append(make("small", {}, help));
  return [row, show];
}

// ---- The view -------------------------------------------------------------------------------------------------------

const sample = (role, dashed) => make("i", { class: `sample ${role} ${dashed ? "dashed" : ""}`, "aria-hidden": "true" });
const entry = (role, words, dashed) => make("span", { class: "entry" }, sample(role, dashed), words);

/** What the picture's signs mean. */
function legend(scene) {
  if (scene.kind !== "points") return [make("b", {}, scene.title)];
  const map = [entry("tint-real", "judged real"), entry("tint-made", "judged made")];
  return [make("b", {}, scene.title), entry("disc", "real"), entry("cross", "made"), ...(scene.map ? map : [])];
}

/** What the lines of the charts mean. */
function keys(frame) {
  const roles = { loss_d: "line-judge", loss_g: "line-made" };
  const losses = frame.losses.map(({ name, label }, i) => entry(roles[name] || "line-text", label, i % 2));
  const [score] = frame.scores;
  const scores = score ? [make("b", {}, score.name)] : [];
  if (score && score.floor != null) scores.push(entry("line-floor", `real data among themselves ${short(score.floor)}`));
  return [[make("b", {}, "loss"), ...losses], scores];
}

function render({ model, el }) {
  const root = make("div", { class: "genlab-lab", role: "group", "aria-label": "Live lab" });
  const { dataset } = root;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let scene, frame, colours;
  const errors = {}; // what could not be read, by trait
  let waiting = false;
  let heard = performance.now(); // when the kernel last said anything
  let asked = -Infinity; // when it was last asked for something
  let acked = -Infinity;

  const send = (message) => {
    try {
      model.send(message);
    } catch {
      // no kernel to send to, which the missing answer tells
    }
  };
  const ask = (message) => {
    asked = performance.now();
    send(message);
  };

  // Parts
  const canvas = (name) => make("canvas", { role: "img", "aria-label": name });
  const [picture, losses, scores] = [canvas("samples"), canvas("losses by step"), canvas("score by step")];
  const captions = [0, 1, 2].map(() => make("figcaption"));
  const counter = make("span", { class: "counter" });
  const status = make("p", { class: "status", role: "status", "aria-live": "polite" });
  const knobs = make("div", { class: "knobs" });
  const [pace, showPace] = makePace(model, ask);
  const shows = {}; // of the knobs, by name
  const scoreFigure = make("figure", {}, captions[2], scores);
  const charts = make("div", { class: "charts" }, make("figure", {}, captions[1], losses), scoreFigure);
  root.append(
    make("div", { class: "bar" }, makeButtons(model.get("players"), ask), pace),
    make("div", { class: "panels" }, make("figure", { class: "picture" }, captions[0], picture), charts),
    status,
    knobs,
  );
  el.append(root);

  // What the kernel says
  const onScene = () => {
    scene = read("scene");
    if (scene) captions[0].replaceChildren(...legend(scene));
    repaint();
  };
  const onFrame = () => {
    frame = read("frame"); // the newest; one not yet painted is forgotten
    if (frame && performance.now() - acked >= LEASE) {
      acked = performance.now();
      send({ ack: frame.number });
    }
    repaint();
  };
  const onKnobs = () => {
    for (const knob of model.get("knobs")) {
      if (!shows[knob.name]) {
        const [row, show] = makeKnob(knob, ask);
        shows[knob.name] = show;
        knobs.append(row);
      }
      shows[knob.name](knob);
    }
  };
  const onState = () => {
    dataset.running = model.get("running");
    dataset.marks = model.get("marks").length;
    const silent = performance.now() - heard > PATIENCE && (model.get("running") || asked > heard);
    dataset.kernel = silent ? "none" : "live";
    const excuse =
      "No kernel: nothing heard for 3 s. Another cell may be busy; after a restart, run the notebook from the top.";
    const words = errors.scene || errors.frame || (silent ? excuse : model.get("status"));
    if (status.textContent !== words) status.textContent = words;
  };
  const onMarks = () => (onState(), repaint());

  function read(name) {
    const view = model.get(name);
    if (!view || !view.byteLength) return null;
    try {
      delete errors[name];
      return unpack(view);
    } catch (problem) {
      errors[name] = problem.message;
      onState();
      return null;
    }
  }

  // Painting: at most once a screen refresh, and twice a second for those who want no motion
  function repaint() {
    if (waiting) return;
    waiting = true;
    if (still.matches && dataset.running === "true") setTimeout(paint, 500);
    else requestAnimationFrame(paint);
  }
  function paint() {
    waiting = false;
    if (!scene || !frame || !root.isConnected) return;
    colours = readColours(root);
    counter.textContent = `step ${frame.step.toLocaleString("en")}`;
    const [lossKeys, scoreKeys] = keys(frame);
    setOnce(captions[1], [...lossKeys, counter]);
    setOnce(captions[2], scoreKeys);
    scoreFigure.hidden = !frame.scores.length;
    PAINTERS[scene.kind](picture, scene, frame, colours);
    paintCharts(losses, scores, frame, model.get("marks"), colours);
    Object.assign(dataset, { kind: scene.kind, step: frame.step, number: frame.number });
    dataset.painted = Number(dataset.painted || 0) + 1;
  }
  function setOnce(element, children) {
    const words = children.map((child) => (child === counter ? "" : child.textContent)).join();
    if (element.dataset.words !== words) element.replaceChildren(...children);
    element.dataset.words = words;
  }

  // Twice a second: is the kernel there, and has the theme changed? Once a second: words for the pictures.
  const timer = setInterval(() => {
    onState();
    const words = status.textContent;
    picture.setAttribute("aria-label", `Samples. ${words}`);
    losses.setAttribute("aria-label", `Losses by step. ${words}`);
    scores.setAttribute("aria-label", `Score by step. ${words}`);
    if (colours && colours.text + colours.paper !== (({ text, paper }) => text + paper)(readColours(root))) repaint();
    const silence = performance.now() - heard;
    if (model.get("running") && silence > 1200 && silence < PATIENCE) send({ ready: true }); // perhaps the lease ran out
  }, 500);

  const word = () => ((heard = performance.now()), onState());
  const changes = { scene: onScene, frame: onFrame, knobs: onKnobs, marks: onMarks, pace: showPace, running: onState, status: onState };
  const listeners = Object.entries(changes).map(([name, react]) => [`change:${name}`, () => (word(), react())]);
  for (const [event, listener] of listeners) model.on(event, listener);
  const sizes = new ResizeObserver(repaint);
  for (const canvas of [picture, losses, scores]) sizes.observe(canvas);
  const seen = () => document.hidden || send({ ready: true });
  const guard = (event) => {
    // JupyterLab would take the arrow keys from a slider, and delete the cell at d d: a control keeps its keys,
    // but for Shift+Enter and those with Ctrl, Alt or Command, such as Ctrl+S. JupyterLab asks for this attribute.
    const free = event.ctrlKey || event.altKey || event.metaKey || (event.shiftKey && event.key === "Enter");
    if (root.contains(event.target)) event.target.toggleAttribute("data-lm-suppress-shortcuts", !free);
  };
  window.addEventListener("keydown", guard, true);
  const doubt = () => ask({ ready: true }); // the connection changed: a kernel that is there answers with a frame
  model.on("comm_live_update", doubt);
  document.addEventListener("visibilitychange", seen);

  onKnobs();
  onScene();
  onFrame();
  onState();
  send({ ready: true });

  return () => {
    clearInterval(timer);
    sizes.disconnect();
    document.removeEventListener("visibilitychange", seen);
    window.removeEventListener("keydown", guard, true);
    model.off("comm_live_update", doubt);
    for (const [event, listener] of listeners) model.off(event, listener);
  };
}

export default { render };
