
// ---- Picture: images ----------------------------------------------------------------------------------------------------

function makeImages() {
  const canvas = make("canvas", { role: "img", "aria-label": "Samples" });
  return {
    element: canvas,
    canvases: [canvas],
    legend: () => [],
    label: (words) => canvas.setAttribute("aria-label", `Samples. ${words}`),
    paint: (...seen) => paintImages(canvas, ...seen),
  };
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

/** Images in rows. */
function paintTiles(pen, images, columns, left, top, cell, line, colours) {
  for (let n = 0; n < images.shape[0]; n++) {
    paintTile(pen, images, n, left + (n % columns) * cell, top + Math.floor(n / columns) * line, cell, line, colours);
  }
}

/** One image in a frame: colours as they are, brightness as ink on paper. */
function paintTile(pen, images, n, x, y, cell, line, colours) {
  const [, tall, wide, channels] = images.shape;
  const ink = rgb(colours.text);
  const first = n * tall * wide;
  const pixel =
    channels === 3
      ? (i) => [...images.subarray(3 * (first + i), 3 * (first + i) + 3), 255]
      : (i) => [...ink, images[first + i]];
  pen.imageSmoothingEnabled = false;
  pen.fillStyle = colours.line;
  pen.fillRect(x + 0.5, y + 0.5, cell - 1, line - 1);
  pen.fillStyle = colours.paper;
  pen.fillRect(x + 1, y + 1, cell - 2, line - 2);
  pen.drawImage(raster(wide, tall, pixel), x + 1, y + 1, cell - 2, line - 2);
}
