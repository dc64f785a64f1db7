
// ---- The lab --------------------------------------------------------------------------------------------------------------

const PATIENCE = 3000; // ms without a word from the kernel before the view says so
const LEASE = 1000; // ms between two acknowledgements: more often would cost the page dearly
const SILENCE =
  "No kernel: nothing heard for 3 s. Another cell may be busy; after a restart, run the notebook from the top.";

function render({ model, el }) {
  const root = make("div", { class: "genlab-lab", role: "group", "aria-label": "Live lab" });
  const { dataset } = root;
  const errors = {}; // what could not be read, by trait
  let frame = null;
  let scene = null;
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
  const panels = makePanels(root, ask);
  const status = make("p", { class: "status", role: "status", "aria-live": "polite" });
  const [buttons, showButtons] = makeButtons(ask);
  const [presets, showPresets] = makePresets(ask);
  const [pace, showPace] = makePace(model, ask);
  const [slow, showSlow] = makeSlow(ask);
  const [timeline, showTimeline] = makeTimeline(ask);
  const [knobs, showKnobs] = makeKnobs(ask);
  const [rows, showRows] = makeRows(ask);
  root.append(
    make("div", { class: "bar" }, buttons, make("div", { class: "clock" }, slow, pace)),
    presets,
    panels.element,
    status,
    timeline,
    knobs,
    rows,
  );
  el.append(root);

  // What the kernel says
  const onScene = () => {
    scene = read("scene");
    if (scene) panels.show({ scene });
    onRows();
  };
  const onFrame = () => {
    frame = read("frame"); // the newest; one not yet painted is forgotten
    if (!frame) return;
    if (performance.now() - acked >= LEASE) {
      acked = performance.now();
      send({ ack: frame.number });
    }
    showTimeline(frame, model.get("cannot"));
    panels.show({ frame });
  };
  const onBeside = () => panels.show({ beside: read("beside") });
  const onKnobs = () => showKnobs(model.get("knobs"));
  const onPresets = () => showPresets(model.get("presets"));
  const onButtons = () => {
    showButtons(model.get("players"), model.get("cannot"));
    showSlow(model.get("slow"), model.get("cannot"));
  };
  const onRows = () => showRows({ shapes: model.get("shapes"), found: model.get("columns"), scene });
  const onState = () => {
    dataset.running = model.get("running");
    dataset.marks = model.get("marks").length;
    const silent = performance.now() - heard > PATIENCE && (model.get("running") || asked > heard);
    dataset.kernel = silent ? "none" : "live";
    const words = Object.values(errors)[0] || (silent ? SILENCE : model.get("status"));
    if (status.textContent !== words) status.textContent = words;
    panels.show({ marks: model.get("marks"), moving: model.get("running") });
  };

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

  // Twice a second: is the kernel there, and has the theme changed? And words for the pictures.
  const timer = setInterval(() => {
    onState();
    panels.label(status.textContent);
    panels.recolour();
    const silence = performance.now() - heard;
    if (model.get("running") && silence > 1200 && silence < PATIENCE) send({ ready: true }); // perhaps the lease ran out
  }, 500);

  const word = () => ((heard = performance.now()), onState());
  const changes = {
    scene: onScene,
    frame: onFrame,
    beside: onBeside,
    knobs: onKnobs,
    presets: onPresets,
    players: onButtons,
    cannot: onButtons,
    slow: onButtons,
    columns: onRows,
    pace: showPace,
    marks: onState,
    running: onState,
    status: onState,
  };
  const listeners = Object.entries(changes).map(([name, react]) => [`change:${name}`, () => (word(), react())]);
  for (const [event, listener] of listeners) model.on(event, listener);
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

  for (const react of new Set(Object.values(changes))) react();
  send({ ready: true });

  return () => {
    clearInterval(timer);
    panels.dispose();
    document.removeEventListener("visibilitychange", seen);
    window.removeEventListener("keydown", guard, true);
    model.off("comm_live_update", doubt);
    for (const [event, listener] of listeners) model.off(event, listener);
  };
}

export default { render };
