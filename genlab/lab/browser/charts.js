
// ---- The charts -----------------------------------------------------------------------------------------------------------

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

const COLOURS = { loss_d: "judge", loss_g: "made", kl: "judge", reconstruction: "made" }; // colour is role: of what is made
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
