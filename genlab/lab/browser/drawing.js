
// ---- Small helpers: elements, numbers, colours, canvases ---------------------------------------------------------------

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

/** Colours of this theme; the names are those of lab.css. */
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

function stroke(pen, colour, width, dash = []) {
  [pen.strokeStyle, pen.lineWidth] = [colour, width];
  pen.setLineDash(dash);
  pen.stroke();
  pen.setLineDash([]);
}

/** Asks the kernel one question at a time: while one is on its way the newest waits, and older ones are forgotten. */
function makeAsker(ask) {
  let waiting = null;
  let timer = 0; // runs while a question is on its way; an answer that never comes holds up nothing
  const go = () => {
    timer = 0;
    if (!waiting) return;
    ask({ ask: waiting });
    waiting = null;
    timer = setTimeout(go, 500);
  };
  return {
    put(question) {
      waiting = { ...waiting, ...question };
      if (!timer) go();
    },
    answered() {
      if (!timer) return;
      clearTimeout(timer);
      go();
    },
  };
}
