
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
];

/** A click leaves focus and the selected cell where they are, so that the next Shift+Enter goes on in the notebook. */
function stayPut(event) {
  event.preventDefault();
  event.stopPropagation();
}

/** A sign drawn here, because not every system has a font with it. */
function makeSign(outline) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", outline);
  svg.append(path);
  return svg;
}

function makeButtons(players, ask) {
  const group = make("div", { class: "buttons", role: "group", "aria-label": "Training", onmousedown: stayPut });
  for (const [name, words, sign, help] of BUTTONS) {
    if ((name === "d" || name === "g") && !players.includes(name)) continue;
    const button = make("button", { type: "button", title: help, "data-do": name, onclick: () => ask({ do: name }) });
    if (sign) button.append(makeSign(sign));
    button.append(words);
    group.append(button);
  }
  return group;
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

/** A slider or a menu for one declared knob; `show` gives it what the kernel has. */
function makeKnob({ name, help, choices }, ask) {
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
      ask({ set: { [name]: value() } });
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
  row.append(make("small", {}, help));
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
