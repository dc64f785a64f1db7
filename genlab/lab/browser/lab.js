
// ---- The lab --------------------------------------------------------------------------------------------------------------

const PATIENCE = 3000; // ms without a word from the kernel before the view says so
const LEASE = 1000; // ms between two acknowledgements: more often would cost the page dearly

const sample = (role, dashed) => make("i", { class: `sample ${role} ${dashed ? "dashed" : ""}`, "aria-hidden": "true" });
const entry = (role, words, dashed) => make("span", { class: "entry" }, sample(role, dashed), words);

// One maker for each kind of view in views/. It gives an element, its canvases, its legend, words for those who do not
// see it, and a painter. Those that take questions have a hand and a keyboard of their own.
const PICTURES = { points: makePoints, images: makeImages, latent: makeLatent, text: makeText };

/** What the lines of the charts mean. */
function keys(frame) {
  const losses = frame.losses.map(({ name, label }, i) => entry(`line-${COLOURS[name] || "text"}`, label, i % 4));
  const [score] = frame.scores;
  const scores = score ? [make("b", {}, score.name)] : [];
  if (score && score.floor != null) scores.push(entry("line-floor", `real data among themselves ${short(score.floor)}`));
  return [[make("b", {}, frame.unit), ...losses], scores];
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
  const [losses, scores] = [canvas("losses by step"), canvas("score by step")];
  let picture = null; // made when the first scene says what kind it is
  const captions = [0, 1, 2].map(() => make("figcaption"));
  const counter = make("span", { class: "counter" });
  const status = make("p", { class: "status", role: "status", "aria-live": "polite" });
  const knobs = make("div", { class: "knobs" });
  const [pace, showPace] = makePace(model, ask);
  const shows = {}; // of the knobs, by name
  const scoreFigure = make("figure", {}, captions[2], scores);
  const pictured = make("figure", { class: "picture" }, captions[0]);
  const charts = make("div", { class: "charts" }, make("figure", {}, captions[1], losses), scoreFigure);
  root.append(
    make("div", { class: "bar" }, makeButtons(model.get("players"), ask), pace),
    make("div", { class: "panels" }, pictured, charts),
    status,
    knobs,
  );
  el.append(root);

  // What the kernel says
  const onScene = () => {
    scene = read("scene");
    if (scene && !picture) {
      picture = PICTURES[scene.kind]({ ask, repaint });
      pictured.append(picture.element);
      for (const canvas of picture.canvases) sizes.observe(canvas);
    }
    if (scene) captions[0].replaceChildren(make("b", {}, scene.title), ...picture.legend(scene));
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
    picture.paint(scene, frame, colours);
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
    if (picture) picture.label(words);
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
  for (const canvas of [losses, scores]) sizes.observe(canvas);
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
