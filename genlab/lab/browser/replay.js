
// ---- A recorded lab: the same panels, and a slider in place of the kernel ---------------------------------------------

const STRIDE = 90; // ms between two frames when it plays

const bytes = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

/** Put a film into an element; page.py writes it: a scene, shots {step, words, frame}, marks, and a recipe. */
function play(element, film) {
  const root = make("div", { class: "genlab-lab recorded", role: "group", "aria-label": "Recorded lab" });
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const panels = makePanels(root, () => {});
  const status = make("p", { class: "status", role: "status" });
  const [slider, position] = [make("input", { type: "range", min: 0, step: 1, "aria-label": "Recorded frame" }), make("span", { class: "value" })];
  const button = make("button", { type: "button" });
  slider.max = film.shots.length - 1;
  let timer = 0;

  const theme = () => (document.documentElement.setAttribute("theme", dark.matches ? "dark" : "light"), panels.recolour());
  const show = (place) => {
    const shot = film.shots[place];
    slider.value = place;
    position.textContent = `step ${shot.step.toLocaleString("en")}`;
    slider.setAttribute("aria-valuetext", position.textContent);
    status.textContent = shot.words;
    panels.show({ frame: unpack(bytes(shot.frame)), marks: film.marks.filter(([step]) => step <= shot.step) });
    panels.label(shot.words);
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.textContent = "Play";
  };
  const start = () => {
    if (slider.valueAsNumber === film.shots.length - 1) show(0);
    button.textContent = "Pause";
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    timer = setInterval(() => (slider.valueAsNumber < film.shots.length - 1 ? show(slider.valueAsNumber + 1) : stop()), calm ? 500 : STRIDE);
  };
  button.addEventListener("click", () => (timer ? stop() : start()));
  slider.addEventListener("input", () => (stop(), show(slider.valueAsNumber)));
  dark.addEventListener("change", theme);

  root.append(make("div", { class: "timeline" }, button, slider, position), panels.element, status);
  if (film.recipe) {
    const line = make("code", {}, film.recipe);
    root.append(make("details", {}, make("summary", {}, "Recipe: gl.Lab.from_recipe(text) learns this again"), line));
  }
  element.append(root);
  theme();
  stop();
  panels.show({ scene: unpack(bytes(film.scene)), beside: film.beside ? unpack(bytes(film.beside)) : null });
  show(film.shots.length - 1);
}
