// The browser's side of the live lab: buttons and sliders, a picture, two charts and a status line.
// The files of this folder are joined to one module in the order that screen.py lists; there is no build step. Read
// them from the last one, lab.js, where render() puts the parts together. All that passes between kernel and browser
// are the traits and messages listed in screen.py.

// ---- Frames: what the kernel sends, see frames.py ---------------------------------------------------------------------

const VERSION = 1; // of the frames, as in frames.py
const TYPES = { f4: Float32Array, u1: Uint8Array };

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
