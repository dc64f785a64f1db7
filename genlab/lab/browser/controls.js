
// ---- Controls -------------------------------------------------------------------------------------------------------------

const SETTLE = 200; // ms that a slider must rest before its value is sent

const BUTTONS = [
  // what it asks for, words, the outline of its sign in a box of 12 by 12, help
  ["start", "Start", "M2 1 L11 6 L2 11 Z", "Let it learn"],
  ["pause", "Pause", "M2 1 H5 V11 H2 Z M7 1 H10 V11 H7 Z", "Hold after this step"],
  ["step", "Step", "M1 1 L8 6 L1 11 Z M9 1 H11 V11 H9 Z", "One step"],
  ["d", "D only", "", "One step in which only the discriminator learns"],
  ["g", "G only", "", "One step in which only the generator learns"],
  ["reset", "Reset", "M1 1 H3 V11 H1 Z M11 1 L4 6 L11 11 Z", "Back to the first weights, with the present knobs"],
  ["seeds", "5 seeds", "", "Learn the same course with five other seeds, and show how far they spread"],
];

/** A click leaves focus and the selected cell where they are, so that the next Shift+Enter goes on in the notebook. */
function stayPut(event) {
  event.preventDefault();
  event.stopPropagation();
}

const button = (words, onclick) => make("button", { type: "button", onclick, onmousedown: stayPut }, words);

/** A sign drawn here, because not every system has a font with it. */
function makeSign(outline) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", outline);
  svg.append(path);
  return svg;
}

/** The buttons; `show` hides what this model has no use for, and says why others do not work. */
function makeButtons(ask) {
  const group = make("div", { class: "buttons", role: "group", "aria-label": "Training", onmousedown: stayPut });
  const why = make("small");
  for (const [name, words, sign, help] of BUTTONS) {
    const button = make("button", { type: "button", title: help, "data-do": name, onclick: () => ask({ do: name }) });
    if (sign) button.append(makeSign(sign));
    button.append(words);
    group.append(button);
  }
  group.append(why);
  const show = (players, cannot) => {
    for (const button of group.querySelectorAll("button")) {
      const name = button.dataset.do;
      button.hidden = (name === "d" || name === "g") && !players.includes(name);
      button.disabled = Boolean(cannot[name]);
      if (cannot[name]) button.title = cannot[name];
    }
    why.textContent = Object.keys(cannot).length ? `This loop can be started, held and stepped: ${Object.keys(cannot).join(", ")} need a model.` : "";
  };
  return [group, show];
}

/** A button for each setting to choose from; the one that is in force is pressed. */
function makePresets(ask) {
  const group = make("div", { class: "presets", role: "group", "aria-label": "Settings", onmousedown: stayPut });
  const show = (presets) => {
    group.hidden = !presets.length;
    if (group.children.length !== presets.length)
      group.replaceChildren(...presets.map(({ name }) => button(name, () => ask({ choose: name }))));
    for (const [i, { chosen, restarts }] of presets.entries()) {
      const one = group.children[i];
      one.setAttribute("aria-pressed", chosen);
      one.title = chosen ? "This is in force" : restarts ? "Begins anew with this setting" : "Takes effect at the next step";
      one.dataset.restarts = restarts;
    }
  };
  return [group, show];
}

/** A switch for slow motion. */
function makeSlow(ask) {
  const box = make("input", { type: "checkbox", onchange: () => ask({ slow: box.checked }) });
  const title = "Show each part of a step, and say what it does; Step then takes one part";
  const show = (slow, cannot) => {
    box.checked = slow;
    box.disabled = Boolean(cannot.slow);
  };
  return [make("label", { class: "slow", title, onmousedown: (event) => event.stopPropagation() }, box, "slow motion"), show];
}

/** A slider over the steps so far: to let go of it at one is to go back there. */
function makeTimeline(ask) {
  const slider = make("input", { type: "range", step: 1, "aria-label": "Go back to step" });
  const output = make("span", { class: "value", "aria-hidden": "true" });
  const field = make("div", { class: "timeline" }, make("span", {}, "Go back to step"), slider, output);
  let timer = 0; // runs while the hand is on it
  const write = () => {
    output.textContent = Number(slider.value).toLocaleString("en");
    slider.setAttribute("aria-valuetext", `step ${output.textContent}`);
  };
  const settle = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      if (slider.value !== slider.max) ask({ rewind: Number(slider.value) });
    }, ms);
  };
  slider.addEventListener("input", () => (write(), settle(2000)));
  slider.addEventListener("change", () => settle(SETTLE));
  const show = (frame, cannot) => {
    field.hidden = Boolean(cannot.rewind) || frame.step === frame.first;
    if (timer) return;
    [slider.min, slider.max, slider.value] = [frame.first, frame.step, frame.step];
    write();
  };
  return [field, show];
}

/** The pace dial: one of a few paces; 0 is full speed. */
function makePace(model, ask) {
  const name = `lab-pace-${Math.random()}`; // radio buttons of two labs must not share a name
  const field = make("fieldset", { class: "pace", onmousedown: stayPut });
  const show = () => {
    const pace = model.get("pace");
    const paces = [...new Set([1, 10, 100, pace])].filter((p) => p > 0).sort((a, b) => a - b);
    const choice = (value) => {
      const radio = make("input", { type: "radio", name, value, onchange: () => ask({ pace: value }) });
      radio.checked = value === pace;
      return make("label", {}, radio, make("span", {}, value ? short(value) : "full speed"));
    };
    const focused = field.contains(document.activeElement);
    const choices = make("div", { class: "choices" }, ...[...paces, 0].map(choice));
    field.replaceChildren(make("legend", {}, "Steps a second"), choices);
    if (focused) field.querySelector("input:checked").focus();
  };
  show();
  return [field, show];
}

/** All knobs: a few in sight, the others folded away; `show` gives them what the kernel has. */
function makeKnobs(ask) {
  const [first, others] = [make("div", { class: "knobs" }), make("div", { class: "knobs" })];
  const fold = make("details", { class: "all" }, make("summary", {}, "All knobs"), others);
  const shows = {}; // by name
  const show = (knobs) => {
    for (const knob of knobs) {
      if (!shows[knob.name]) {
        const [row, showKnob] = makeKnob(knob, ask);
        shows[knob.name] = showKnob;
        (knob.more ? others : first).append(row);
      }
      shows[knob.name](knob);
    }
    fold.hidden = !others.children.length;
  };
  return [make("div", { class: "allknobs" }, first, fold), show];
}

/** A slider or a menu for one declared knob; `show` gives it what the kernel has. */
function makeKnob({ name, help, choices, live, locked }, ask) {
  const input = choices
    ? make("select", { "aria-label": name }, ...choices.map((choice) => make("option", { value: choice }, choice)))
    : make("input", { type: "range", min: 0, step: 1, "aria-label": name });
  const output = make("span", { class: "value", "aria-hidden": "true" });
  let stops = [];
  let timer = 0;
  const value = () => (choices ? input.value : stops[input.value]);
  const write = () => {
    output.textContent = choices ? "" : short(value());
    if (!choices) input.setAttribute("aria-valuetext", short(value()));
  };
  input.addEventListener("input", () => {
    write();
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      ask({ [live ? "set" : "restart"]: { [name]: value() } });
    }, SETTLE);
  });
  const show = (knob) => {
    if (timer) return; // the hand is still on it
    if (choices) input.value = knob.value;
    else {
      stops = knob.stops;
      input.max = stops.length - 1;
      input.value = stops.indexOf(knob.value);
    }
    write();
  };
  const row = make("div", { class: "knob", "data-knob": name }, make("span", { class: "name" }, name), output, input);
  input.disabled = locked;
  const notes = [locked ? " Held fast by the recipe." : "", live ? "" : " Restarts."];
  row.append(make("small", {}, help, ...notes));
  return [row, show];
}

/** A menu for the label that a conditional model is asked for; `show` gives it what the kernel has. */
function makeLabels(ask) {
  const menu = make("select", { "aria-label": "label" });
  const field = make("label", { class: "label", hidden: "" }, make("span", { class: "name" }, "label"), menu);
  menu.addEventListener("change", () => ask({ ask: { label: Number(menu.value) } }));
  const show = ({ classes }, frame) => {
    field.hidden = !classes;
    if (menu.options.length === classes) return;
    menu.replaceChildren(...Array.from({ length: classes }, (_, label) => make("option", { value: label }, label)));
    menu.value = frame.label;
  };
  return [field, show];
}
