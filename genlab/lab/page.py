"""A lab's film as one web page that plays without a kernel: the frames, and the same scripts that draw them live."""

import base64
import html
import json

from genlab import files
from genlab.lab.screen import Stage

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>
{css}
body {{ margin: 16px auto; padding: 0 12px; max-width: 1060px; background: var(--page); font-family: system-ui, sans-serif; }}
:root {{ --page: #ffffff; color-scheme: light dark; }}
@media (prefers-color-scheme: dark) {{ :root {{ --page: #14171b; }} }}
</style>
<body>
<main id="lab"></main>
<noscript>{words}</noscript>
<script type="application/json" id="film">{film}</script>
<script type="module">
{esm}
play(document.getElementById("lab"), JSON.parse(document.getElementById("film").textContent));
</script>
</body>
</html>
"""


def write(path, bench, recipe):
    """Write the page of a bench's film; returns the path."""
    stage, shots = bench.stage, bench.film.shots
    film = dict(
        scene=_text(stage.scene),
        beside=_text(stage.beside),
        marks=stage.marks,
        recipe=recipe,
        shots=[dict(step=shot["step"], words=shot["words"], frame=_text(shot["frame"])) for shot in shots],
    )
    words = shots[-1]["words"] if shots else bench.words()
    text = PAGE.format(
        title=html.escape(f"genlab: {bench.screen.picture.scene()[0]['title']}, {words}"),
        words=html.escape(words),
        css=Stage._css.read_text("utf-8") if hasattr(Stage._css, "read_text") else Stage._css,
        film=json.dumps(film, allow_nan=False).replace("<", "\\u003c"),
        esm=str(Stage._esm).replace("export default", "const view ="),
    )
    with files.whole(path, example="run.html") as part:
        part.write_text(text, "utf-8")
    return path


def _text(packed):
    return base64.b64encode(packed).decode()
