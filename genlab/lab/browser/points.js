
// ---- Picture: points ----------------------------------------------------------------------------------------------------

function makePoints() {
  const canvas = make("canvas", { role: "img" });
  const map = [entry("tint-real", "judged real"), entry("tint-made", "judged made")];
  return {
    element: canvas,
    canvases: [canvas],
    legend: (scene) => [entry("disc", "real"), entry("cross", "made"), ...(scene.map ? map : [])],
    label: (words) => canvas.setAttribute("aria-label", `Samples. ${words}`),
    paint: (...seen) => paintPoints(canvas, ...seen),
  };
}

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
