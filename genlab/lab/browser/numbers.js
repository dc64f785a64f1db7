
// ---- Picture: numbers, of a loop of the reader's own ----------------------------------------------------------------------

function makeNumbers() {
  const list = make("dl", { class: "numbers" });
  return {
    element: list,
    canvases: [],
    legend: () => [],
    label: () => {},
    paint(scene, frame) {
      const rows = frame.losses.flatMap(({ name, label }) => {
        const newest = frame[name].at(-1);
        return [make("dt", {}, label), make("dd", {}, newest === undefined ? "no step yet" : short(newest))];
      });
      list.replaceChildren(...(rows.length ? rows : [make("dt", {}, "No step yet: press Start")]));
    },
  };
}
