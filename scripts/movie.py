"""The README's moving picture, made from the real lab: ``python scripts/movie.py`` writes assets/lab.gif (a minute).

Starts JupyterLab, presses Start in Chromium, takes a picture of the lab four times a second and plays them eight a second.
Two thirds of the way a slider is moved by keyboard, so that its mark is seen. Needs the packages of the test extra.
"""

import argparse
import io
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from PIL import Image, ImageColor
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from conftest import FLAGS, NAMES, SETTINGS  # noqa: E402
from notebook_page import Server, open_notebook, run_all, write_notebook  # noqa: E402

CELL = """
import genlab as gl
data = gl.datasets.ring(modes=8, n=4000, seed=1)
lab = gl.Lab(gl.GAN(data, seed=1), data, pace=100)
lab
"""
TAKE, PLAY = 4, 8  # pictures a second, taken and played
SHADES = {  # how much of each of the lab's colours over paper: the few that the picture is made of
    "real": (1, 0.75, 0.5, 0.35, 0.25, 0.18, 0.12, 0.06),
    "made": (1, 0.75, 0.5, 0.35, 0.25, 0.18, 0.12, 0.06),
    "judge": (1, 0.6, 0.3),
    "text": (1, 0.75, 0.5, 0.3),
    "faint": (1, 0.6),
    "line": (1,),
    "paper": (1,),
}
LAB = ".genlab-lab"


def serve(folder):
    """Start a JupyterLab with all its folders below `folder`; (Server, process)."""
    for name, text in SETTINGS.items():
        path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    own = {f"JUPYTER_{name.upper()}_DIR": str(folder / name) for name in ("config", "runtime", "data")}
    own |= {f"JUPYTERLAB_{name.upper()}_DIR": str(folder / name) for name in ("settings", "workspaces")}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(f"http://127.0.0.1:{port}", secrets.token_hex(16), folder / "notebooks", folder / "server.log")
    server.folder.mkdir()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command += [f"--IdentityProvider.token={server.token}", f"--ServerApp.root_dir={server.folder}"]
    env = os.environ | own | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    with open(server.log, "w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{server.url}/api/status?token={server.token}", timeout=2).close()
            return server, process
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"JupyterLab did not start:\n{server.log.read_text('utf-8')}")
            time.sleep(0.2)


def film(page, seconds):
    """Pictures of the lab from before Start until so many seconds after it."""
    lab = page.locator(LAB)
    lab.scroll_into_view_if_needed()
    page.wait_for_function(f"document.querySelector('{LAB}').dataset.painted > 0")
    box = lab.bounding_box()
    pictures, moved = [], False
    lab.get_by_role("button", name="Start", exact=True).click()
    page.mouse.move(0, 0)
    start = time.monotonic()
    while (now := time.monotonic() - start) < seconds:
        if now > seconds * 2 / 3 and not moved:
            moved = True
            lab.get_by_role("slider", name="lr_g").focus()
            for _ in range(3):
                page.keyboard.press("ArrowLeft")
        pictures.append(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB"))
        time.sleep(max(0, start + len(pictures) / TAKE - time.monotonic()))
    lab.get_by_role("button", name="Pause", exact=True).click()
    return pictures


def palette(page):
    """A palette of the lab's own colours in these shades."""
    read = f"name => getComputedStyle(document.querySelector('{LAB}')).getPropertyValue('--lab-' + name).trim()"
    colours = {name: ImageColor.getrgb(page.evaluate(read, name)) for name in SHADES}
    mixed = [
        round(share * c + (1 - share) * p)
        for name, shares in SHADES.items()
        for share in shares
        for c, p in zip(colours[name], colours["paper"], strict=True)
    ]
    image = Image.new("P", (1, 1))
    image.putpalette(mixed + mixed[-3:] * (256 - len(mixed) // 3))
    return image


def save(pictures, colours, path, width):
    """One GIF of all pictures on one palette, without dithering, which would double its size."""
    size = (width, round(pictures[0].height * width / pictures[0].width))
    pictures = [picture.resize(size, Image.Resampling.LANCZOS) for picture in pictures]
    frames = [picture.quantize(palette=colours, dither=Image.Dither.NONE) for picture in pictures]
    times = [1000 // PLAY] * (len(frames) - 1) + [2000]
    path.parent.mkdir(exist_ok=True)
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=times, loop=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "assets" / "lab.gif")
    parser.add_argument("--seconds", type=float, default=16.0, help="of learning that are filmed")
    parser.add_argument("--width", type=int, default=700)
    options = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        sys.exit("Chromium was not found: install it, or name its program in the variable CHROMIUM")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sync_playwright() as driver:
        server, process = serve(Path(folder))
        try:
            browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            write_notebook(server.folder / "lab.ipynb", CELL)
            open_notebook(page, server, "lab.ipynb")
            run_all(page)
            save(film(page, options.seconds), palette(page), options.out, options.width)
            browser.close()
        finally:
            process.send_signal(signal.SIGTERM)  # shuts its kernels down itself
            process.wait(20)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
