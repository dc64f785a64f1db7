
// ---- The panels: a picture and two charts, the same live and in a recorded page -----------------------------------------

// One maker for each kind of view in views/. It gives an element, its canvases, its legend, words for those who do not
// see it, and a painter. Those that take questions have a hand and a keyboard of their own.
const PICTURES = { points: makePoints, images: makeImages, latent: makeLatent, text: makeText, numbers: makeNumbers };

const sample = (role, dashed) => make("i", { class: `sample ${role} ${dashed ? "dashed" : ""}`, "aria-hidden": "true" });
const entry = (role, words, dashed) => make("span", { class: "entry" }, sample(role, dashed), words);

/** What the lines of the charts mean. */
function keys(frame, beside) {
  const losses = frame.losses.map(({ name, label }, i) => entry(`line-${COLOURS[name] || "text"}`, label, i % 4));
  const [score] = frame.scores;
  const scores = score ? [make("b", {}, score.name)] : [];
  if (score && score.floor != null) scores.push(entry("line-floor", `real data among themselves ${short(score.floor)}`));
  if (beside?.before.length) losses.push(entry("line-before", "branch left"));
  if (beside?.bands.length) losses.push(entry("band", "other seeds"));
  return [[make("b", {}, frame.unit), ...losses], scores];
}

/**
 * Picture and charts inside `root`, whose data-... attributes tell what is shown. `show` takes the parts of what is known:
 * scene, frame, beside (see frames.js), marks, and whether it is `moving`.
 */
function makePanels(root, ask) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const canvas = (name) => make("canvas", { role: "img", "aria-label": name });
  const [losses, scores] = [canvas("losses by step"), canvas("score by step")];
  const captions = [0, 1, 2].map(() => make("figcaption"));
  const counter = make("span", { class: "counter" });
  const pictured = make("figure", { class: "picture" }, captions[0]);
  const scoreFigure = make("figure", {}, captions[2], scores);
  const charts = make("div", { class: "charts" }, make("figure", {}, captions[1], losses), scoreFigure);
  const element = make("div", { class: "panels" }, pictured, charts);
  const seen = { marks: [] };
  let picture = null; // made when a scene says what kind it is
  let colours = null;
  let waiting = false;

  const sizes = new ResizeObserver(repaint);
  for (const canvas of [losses, scores]) sizes.observe(canvas);

  function setScene(scene) {
    if (root.dataset.kind !== scene.kind) {
      if (picture) picture.element.remove();
      picture = PICTURES[scene.kind]({ ask, repaint });
      pictured.append(picture.element);
      for (const canvas of picture.canvases) sizes.observe(canvas);
      root.dataset.kind = scene.kind;
    }
    captions[0].replaceChildren(make("b", {}, scene.title), ...picture.legend(scene));
  }

  /** At most once a screen refresh, and twice a second for those who want no motion. */
  function repaint() {
    if (waiting) return;
    waiting = true;
    if (still.matches && seen.moving) setTimeout(paint, 500);
    else requestAnimationFrame(paint);
  }

  function paint() {
    waiting = false;
    const { scene, frame, beside, marks } = seen;
    if (!scene || !frame || !root.isConnected) return;
    colours = readColours(root);
    counter.textContent = `step ${frame.step.toLocaleString("en")}`;
    const [lossKeys, scoreKeys] = keys(frame, beside);
    setOnce(captions[1], [...lossKeys, counter]);
    setOnce(captions[2], scoreKeys);
    scoreFigure.hidden = !frame.scores.length;
    picture.paint(scene, frame, colours);
    paintCharts(losses, scores, frame, beside, marks, colours);
    Object.assign(root.dataset, { step: frame.step, number: frame.number });
    root.dataset.painted = Number(root.dataset.painted || 0) + 1;
  }

  function setOnce(element, children) {
    const words = children.map((child) => (child === counter ? "" : child.textContent)).join();
    if (element.dataset.words !== words) element.replaceChildren(...children);
    element.dataset.words = words;
  }

  return {
    element,
    show(parts) {
      if (parts.scene && parts.scene !== seen.scene) setScene(parts.scene);
      Object.assign(seen, parts);
      repaint();
    },
    /** Words for those who do not see the pictures. */
    label(words) {
      if (picture) picture.label(words);
      losses.setAttribute("aria-label", `Losses by step. ${words}`);
      scores.setAttribute("aria-label", `Score by step. ${words}`);
    },
    /** Paint anew where the theme has changed. */
    recolour() {
      const now = readColours(root);
      if (colours && colours.text + colours.paper !== now.text + now.paper) repaint();
    },
    dispose: () => sizes.disconnect(),
  };
}
