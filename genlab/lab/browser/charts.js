
// ---- The charts -----------------------------------------------------------------------------------------------------------

const MARGIN = { left: 44, right: 12, top: 8, bottom: 20 };

/**
 * Lines {xs, ys, colour, dash, faint} by step, bands {xs, low, middle, high, colour}, an optional floor, and a vertical
 * mark for each change.
 */
function paintChart(canvas, { lines, bands = [], floor, marks, last, named }, colours) {
  const [pen, width, height] = begin(canvas, colours);
  const [low, high] = span([...lines, ...bands.flatMap(({ low, high }) => [{ ys: low }, { ys: high }])], floor);
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
  for (const { xs, low, middle, high, colour } of bands) {
    pen.beginPath();
    xs.forEach((step, i) => (i ? pen.lineTo(x(step), y(high[i])) : pen.moveTo(x(step), y(high[i]))));
    for (let i = xs.length - 1; i >= 0; i--) pen.lineTo(x(xs[i]), y(low[i]));
    [pen.fillStyle, pen.globalAlpha] = [colour, 0.18];
    pen.fill();
    pen.globalAlpha = 1;
    pen.beginPath();
    xs.forEach((step, i) => (i ? pen.lineTo(x(step), y(middle[i])) : pen.moveTo(x(step), y(middle[i]))));
    stroke(pen, colour, 1, [1, 3]);
  }
  for (const { xs, ys, colour, dash, faint } of lines) {
    pen.globalAlpha = faint ? 0.4 : 1;
    pen.beginPath();
    let down = false; // a gap where a step had no number
    ys.forEach((value, i) => {
      if (!Number.isFinite(value)) down = false;
      else if (down) pen.lineTo(x(xs[i]), y(value));
      else (down = true), pen.moveTo(x(xs[i]), y(value)), pen.lineTo(x(xs[i]) + 0.5, y(value));
    });
    pen.lineJoin = "round";
    stroke(pen, colour, faint ? 1.2 : 1.8, dash);
  }
  pen.globalAlpha = 1;
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

const COLOURS = { loss_d: "judge", loss_g: "made", kl: "judge", reconstruction: "made" }; // colour is role: of what is made
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

const column = (rows, width, at) => rows.filter((_, i) => i % width === at);

/** The curve of a column: means of stretches of `width` steps, the last one at `step`. */
const curve = (ys, first, width, step) => ({
  xs: Array.from(ys, (_, k) => Math.min(first + (k + 0.5) * width + 0.5, step)),
  ys,
});

/** What stands beside the curve of this name: the same curve in a branch that was left, and its spread over other seeds. */
function besides(beside, name, colour, dash) {
  const lines = [];
  const bands = [];
  const before = beside?.before.find((one) => one.name === name);
  if (before) {
    const ys = beside[`before/${name}`];
    const at = before.width ? curve(ys, before.first, before.width, Infinity) : { xs: column(ys, 2, 0), ys: column(ys, 2, 1) };
    lines.push({ ...at, colour, dash, faint: true });
  }
  if (beside?.bands.includes(name)) {
    const [xs, low, middle, high] = [0, 1, 2, 3].map((at) => column(beside[`band/${name}`], 4, at));
    bands.push({ xs, low, middle, high, colour });
  }
  return [lines, bands];
}

/** The loss chart and the score chart of a frame, with what stands beside its curves. */
function paintCharts(losses, scores, frame, beside, marks, colours) {
  const drawn = frame.losses.map(({ name, width }, i) => {
    const [colour, dash] = [colours[COLOURS[name] || "text"], DASHES[i % DASHES.length]];
    const [lines, bands] = besides(beside, name, colour, dash);
    return { lines: [...lines, { ...curve(frame[name], frame.first, width, frame.step), colour, dash }], bands };
  });
  const lines = drawn.flatMap((one) => one.lines);
  const ends = lines.map(({ xs }) => xs.at(-1) || 0);
  const last = Math.max(frame.step, frame.first + 10, ...ends);
  paintChart(losses, { lines, bands: drawn.flatMap((one) => one.bands), marks, last, named: true }, colours);
  if (!frame.scores.length) return;
  const { name, floor } = frame.scores[0];
  const [before, bands] = besides(beside, name, colours.text, []);
  const now = { xs: column(frame[name], 2, 0), ys: column(frame[name], 2, 1), colour: colours.text, dash: [] };
  paintChart(scores, { lines: [...before, now], bands, floor, marks, last }, colours);
}
