
// ---- Picture: points ----------------------------------------------------------------------------------------------------

// Layers as views/points.py names them, from the bottom up: how each looks in the legend, its words, and what it is.
const LAYERS = [
  ["belief", ["tint-real", "tint-made"], "judged real, made", "Where the discriminator believes that points are real, and where made"],
  ["grid", ["mesh"], "warped grid", "Where the generator puts a grid of noise: it is folded, stretched and torn towards the real points"],
  ["real", ["disc"], "real", "Rows of the data"],
  ["pull", ["dash"], "pull", "Where the discriminator's slope draws each made point at the generator's next step"],
  ["made", ["cross"], "made", "Samples of the generator"],
];

function makePoints({ ask, repaint }) {
  const canvas = make("canvas", { role: "img", "aria-label": "Samples" });
  const boxes = {}; // of the layers, by name
  let wanted = null; // layers that the hand has chosen and no frame has answered yet
  const choose = () => {
    wanted = Object.keys(boxes).filter((name) => boxes[name].checked);
    ask({ ask: { layers: wanted } });
    repaint();
  };
  const toggle = ([name, samples, words, help]) => {
    boxes[name] = make("input", { type: "checkbox", onchange: choose, "data-layer": name });
    return make("label", { class: "entry layer", title: help }, boxes[name], ...samples.map((one) => sample(one)), words);
  };
  return {
    element: canvas,
    canvases: [canvas],
    legend: (scene) => scene.able.map((name) => toggle(LAYERS.find((layer) => layer[0] === name))),
    label: (words) => canvas.setAttribute("aria-label", `Samples. ${words}`),
    paint(scene, frame, colours) {
      if (wanted && wanted.length === frame.layers.length && wanted.every((name) => frame.layers.includes(name))) wanted = null;
      const layers = wanted || frame.layers;
      for (const name of Object.keys(boxes)) boxes[name].checked = layers.includes(name);
      paintPoints(canvas, scene, frame, colours, layers);
    },
  };
}

/** The chosen layers, each over the one before. One that this frame does not hold yet comes with a later one. */
function paintPoints(canvas, scene, frame, colours, layers) {
  const [pen, width, height] = begin(canvas, colours);
  const [left, right, low, high] = scene.bounds;
  const x = (value) => ((value - left) / (right - left)) * width;
  const y = (value) => ((high - value) / (high - low)) * height;
  const painters = {
    belief: () => paintBelief(pen, width, height, frame.belief, colours),
    grid: () => paintMesh(pen, frame.grid, x, y, colours),
    real: () => paintDiscs(pen, scene.real, x, y, colours),
    pull: () => paintPull(pen, frame.pull, x, y, colours),
    made: () => paintCrosses(pen, frame.made, x, y, colours),
  };
  const shown = LAYERS.map(([name]) => name).filter((name) => layers.includes(name) && (name === "real" || frame[name]));
  for (const name of shown) painters[name]();
  paintAxes(pen, width, height, scene.bounds, x, y, colours);
}

function paintDiscs(pen, places, x, y, colours) {
  pen.globalAlpha = 0.75;
  pen.fillStyle = colours.real;
  pen.beginPath();
  for (let i = 0; i < places.length; i += 2) {
    const [u, v] = [x(places[i]), y(places[i + 1])];
    pen.moveTo(u + 2.6, v);
    pen.arc(u, v, 2.6, 0, 7);
  }
  pen.fill();
  pen.globalAlpha = 1;
}

function paintCrosses(pen, places, x, y, colours) {
  pen.beginPath();
  const arm = 2.6;
  for (let i = 0; i < places.length; i += 2) {
    const [u, v] = [x(places[i]), y(places[i + 1])];
    pen.moveTo(u - arm, v - arm);
    pen.lineTo(u + arm, v + arm);
    pen.moveTo(u - arm, v + arm);
    pen.lineTo(u + arm, v - arm);
  }
  stroke(pen, colours.paper, 3); // an edge of paper keeps each cross apart from what lies under it
  stroke(pen, colours.made, 1.4);
}

/** The generator's grid: each place joined to its right and its lower neighbour. */
function paintMesh(pen, grid, x, y, colours) {
  const [rows, columns] = grid.shape;
  const at = (r, c) => [x(grid[2 * (r * columns + c)]), y(grid[2 * (r * columns + c) + 1])];
  pen.beginPath();
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      if (c + 1 < columns) pen.moveTo(...at(r, c)), pen.lineTo(...at(r, c + 1));
      if (r + 1 < rows) pen.moveTo(...at(r, c)), pen.lineTo(...at(r + 1, c));
    }
  }
  pen.globalAlpha = 0.55;
  stroke(pen, colours.made, 1);
  pen.globalAlpha = 1;
}

/** A short line from each made point to where it is drawn. */
function paintPull(pen, pull, x, y, colours) {
  pen.beginPath();
  for (let i = 0; i < pull.length; i += 4) {
    pen.moveTo(x(pull[i]), y(pull[i + 1]));
    pen.lineTo(x(pull[i] + pull[i + 2]), y(pull[i + 1] + pull[i + 3]));
  }
  stroke(pen, colours.paper, 4);
  stroke(pen, colours.judge, 1.8);
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
