
// ---- Picture: latent, a map to walk in --------------------------------------------------------------------------------

/** Codes of real rows as their labels, and below them what the decoder makes on the way that the hand draws. */
function makeLatent({ ask, repaint }) {
  const asker = makeAsker(ask);
  const canvas = make("canvas", { role: "application", tabindex: 0, "aria-label": "Map of the codes" });
  let way = null; // what the hand has drawn and the kernel has not answered yet
  let held = false;
  let frame = null;

  const put = (start, end) => {
    way = [start, end].map((at) => at.map((value) => Number(value.toFixed(3))));
    asker.put({ way });
    repaint();
  };
  const place = (event) => {
    const { left, top, width } = canvas.getBoundingClientRect();
    const reach = frame.bounds[1];
    const inside = (share) => Math.min(1, Math.max(-1, 2 * share - 1)) * reach;
    return [inside((event.clientX - left) / width), -inside((event.clientY - top) / width)];
  };
  canvas.addEventListener("mousedown", stayPut);
  canvas.addEventListener("pointerdown", (event) => {
    if (!frame || event.offsetY > canvas.clientWidth) return;
    canvas.setPointerCapture(event.pointerId);
    held = true;
    put(place(event), place(event));
  });
  canvas.addEventListener("pointermove", (event) => held && put((way || frame.way)[0], place(event)));
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (held = false));
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
    if (!frame || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const [start, end] = way || frame.way;
    const reach = frame.bounds[1];
    if (steps[event.key]) put(start, end.map((v, i) => Math.min(reach, Math.max(-reach, v + (steps[event.key][i] * reach) / 20))));
    else if (event.key === "Enter" || event.key === " ") put(end, end);
    else return;
    event.preventDefault();
  });

  const [labels, showLabel] = makeLabels(ask);
  return {
    element: make("div", { class: "latent" }, labels, canvas),
    canvases: [canvas],
    legend: () => [entry("ring", "95 % of the prior"), make("span", { class: "entry" }, "drag to walk")],
    label: (words) => {
      const [start, end] = frame ? frame.way.map((at) => at.map((v) => short(Number(v.toFixed(2)))).join(", ")) : ["", ""];
      canvas.setAttribute(
        "aria-label",
        `Map of latent codes. Nine images on the way from ${start} to ${end}. Arrow keys move the end, Enter puts the start there. ${words}`,
      );
    },
    paint(scene, newest, colours) {
      if (newest !== frame) asker.answered();
      frame = newest;
      if (way && !held && way.flat().every((value, i) => value === frame.way.flat()[i])) way = null;
      showLabel(scene, frame);
      paintLatent(canvas, scene, frame, way || frame.way, colours);
    },
  };
}

function paintLatent(canvas, scene, frame, way, colours) {
  const [pen, width, height] = begin(canvas, colours);
  const [left, right, low, high] = frame.bounds;
  const x = (value) => ((value - left) / (right - left)) * width;
  const y = (value) => ((high - value) / (high - low)) * width;
  pen.save();
  pen.beginPath();
  pen.rect(0, 0, width, width);
  pen.clip();
  paintAxes(pen, width, width, frame.bounds, x, y, colours);
  pen.beginPath();
  pen.arc(x(0), y(0), x(2.448) - x(0), 0, 7); // holds 95 % of a normal distribution in the plane
  stroke(pen, colours.faint, 1, [4, 4]);

  pen.textAlign = "center";
  pen.font = `bold ${colours.font}`;
  const light = rgb(colours.paper)[0] > 127 ? 36 : 68;
  const last = Math.max(1, ...scene.labels);
  scene.labels.forEach((label, i) => {
    pen.fillStyle = scene.labelled ? `hsl(${(label * 360) / (last + 1)} 75% ${light}%)` : colours.real;
    pen.fillText(scene.labelled ? label : "•", x(frame.places[2 * i]), y(frame.places[2 * i + 1]) + 4);
  });

  const [start, end] = way.map(([u, v]) => [x(u), y(v)]);
  pen.beginPath();
  pen.moveTo(...start);
  pen.lineTo(...end);
  stroke(pen, colours.paper, 4);
  stroke(pen, colours.made, 2);
  pen.fillStyle = colours.made;
  for (const [at, size] of [[start, 3], [end, 5]]) {
    pen.beginPath();
    pen.arc(...at, size, 0, 7);
    pen.fill();
  }
  const tile = width / 5; // what lies under the hand, beside it
  const beside = (at) => (at + 12 + tile < width ? at + 12 : at - 12 - tile);
  paintTile(pen, frame.images, frame.images.shape[0] - 1, beside(end[0]), beside(end[1]), tile, tile, colours);
  pen.restore();

  const cell = Math.min(width / frame.images.shape[0], height - width - 4);
  paintTiles(pen, frame.images, frame.images.shape[0], (width - cell * frame.images.shape[0]) / 2, width + 4, cell, cell, colours);
}
