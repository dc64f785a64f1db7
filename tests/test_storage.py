"""Files of models: whole or not at all, every flipped bit noticed, and nothing believed that a stranger's file claims."""

import ast
import copy
import json
import os
import pathlib
import random
import stat

import pytest
import torch
from safetensors.torch import save_file

import genlab as gl
from genlab import parts, storage
from genlab.storage import StorageError

RING = gl.datasets.ring(n=100, seed=1)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A small trained model, its file, and what is in it."""
    gan = gl.GAN(RING, hidden=2, batch_size=8)
    gl.run(gan.steps(RING), 3)
    gan.set(lr_g=0.5)
    path = gan.save(tmp_path_factory.mktemp("models") / "gan.safetensors")
    return gan, path, path.read_bytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "changed.safetensors"


def refused(path, words="safetensors"):
    """Assert that the file is refused with a sentence that names it."""
    with pytest.raises(StorageError, match=words) as caught:
        gl.GAN.load(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def header_of(whole):
    length = int.from_bytes(whole[:8], "little")
    return json.loads(whole[8 : 8 + length]), whole[8 + length :]


def pack(header, body):
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


# -- there and back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, pathlib.Path])
def test_there_and_back(saved, tmp_path, kind):
    gan, _, _ = saved
    where = kind(tmp_path / "a model.safetensors")
    assert gan.save(where) == pathlib.Path(where)
    loaded = gl.GAN.load(where)
    assert repr(loaded) == repr(gan) and loaded.hp == gan.hp and loaded.log == gan.log == [(3, "lr_g", 2e-3, 0.5)]
    (tensors, rest), (others, other_rest) = gan.state(), loaded.state()
    assert (
        rest == other_rest and all(torch.equal(tensors[n], others[n]) for n in tensors) and len(tensors) == len(others)
    )
    assert torch.equal(gan.sample(4, seed=1), loaded.sample(4, seed=1))


def test_the_loaded_model_does_not_hang_on_the_file(saved, path):
    path.write_bytes(saved[2])
    gan = gl.GAN.load(path)
    path.write_bytes(bytes(len(saved[2])))
    assert torch.equal(gan.sample(4, seed=1), saved[0].sample(4, seed=1))


def test_a_model_that_has_not_learned_yet_can_be_saved(path):
    for knobs in (dict(), dict(seed=[1, 2]), dict(hidden=torch.tensor([3]).numpy()[0], seed=7)):
        gan = gl.GAN(RING, **dict(hidden=2) | knobs)
        assert gl.GAN.load(gan.save(path)).state()[1] == gan.state()[1]


def test_saving_again_replaces(saved, path):
    path.write_text("something else")
    saved[0].save(path)
    assert gl.GAN.load(path).state()[1] == saved[0].state()[1] and os.listdir(path.parent) == [path.name]


# -- damage -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 10, 100, 0.3, 0.6, -100, -1])
def test_a_file_that_was_cut_off(saved, path, size):
    whole = saved[2]
    path.write_bytes(whole[: int(size * len(whole)) if isinstance(size, float) else size])
    refused(path, "damaged or not a genlab model")


def test_a_file_that_was_added_to(saved, path):
    path.write_bytes(saved[2] + b"\0")
    refused(path, "cut off, or added to")


def flips(whole):
    """Places of bits: all of the length and of the format, and some hundred anywhere in header and tensors."""
    rng, start = random.Random(1), 8 + int.from_bytes(whole[:8], "little")
    spot = whole.index(b'"format"')
    near = [*range(9), *range(spot, spot + 14), *range(start - 3, start + 1)]
    yield from ((byte, bit) for byte in near for bit in range(8))
    yield from ((rng.randrange(start), rng.randrange(8)) for _ in range(500))
    yield from ((rng.randrange(start, len(whole)), rng.randrange(8)) for _ in range(200))


def test_every_flipped_bit_is_noticed(saved, path):
    whole = saved[2]
    for byte, bit in flips(whole):
        path.write_bytes(whole[:byte] + bytes([whole[byte] ^ 1 << bit]) + whole[byte + 1 :])
        with pytest.raises(
            StorageError, match="damaged|format|not one that genlab wrote|cannot be loaded|claims a header"
        ):
            gl.GAN.load(path)


@pytest.mark.parametrize("seed", range(20))
def test_rubbish(path, seed):
    path.write_bytes(random.Random(seed).randbytes(4000))
    refused(path)


def test_the_mend_is_named(saved, path):
    path.write_bytes(saved[2][:-1])
    assert "save the model again, or take another copy" in refused(path)


# -- other files --------------------------------------------------------------------------------------------------------


def test_a_missing_file_a_folder_and_a_pipe(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.safetensors"):
        gl.GAN.load(tmp_path / "nothing.safetensors")
    refused(tmp_path, "is not a file")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        refused(tmp_path / "pipe", "is not a file")


def test_somebody_elses_safetensors(path):
    save_file({"weight": torch.zeros(3)}, path)
    refused(path, "is a safetensors file, but not one that genlab wrote")
    save_file({"weight": torch.zeros(3)}, path, metadata={"format": "pt"})
    refused(path, "is a safetensors file, but not one that genlab wrote")


def test_a_file_of_a_newer_format(saved, path, monkeypatch):
    monkeypatch.setattr(storage, "FORMAT", storage.FORMAT + 1)
    saved[0].save(path)
    monkeypatch.undo()
    refused(path, f"has format '2', this genlab reads up to {storage.FORMAT}.*upgrade genlab")


@pytest.mark.parametrize("found", ["0", "", "-1", "1.0", "¹", "one", "9" * 5000])
def test_a_format_that_never_was(saved, path, found):
    header, body = header_of(saved[2])
    header["__metadata__"]["format"] = found
    path.write_bytes(pack(header, body))
    assert len(refused(path, "has format")) < 400


def test_a_file_that_is_too_large_is_not_read(path):
    with open(path, "wb") as file:
        file.truncate(storage.MAX_FILE + 1)  # sparse: takes no room
    refused(path, r"has 2,147,483,649 bytes: a genlab model has at most")


@pytest.mark.parametrize("claim", [storage.MAX_HEADER + 1, 2**40, 2**64 - 1])
def test_a_header_that_claims_too_much(path, claim):
    with open(path, "wb") as file:
        file.write(claim.to_bytes(8, "little"))
        file.truncate(storage.MAX_HEADER + 100)
    refused(path, "claims a header of|its header alone claims")


# -- forged files: the digest is right, the contents are not ------------------------------------------------------------


def forge(saved, path, change):
    tensors, rest = copy.deepcopy(saved[0].state())
    change(tensors, rest)
    storage.save(path, tensors, rest)


HUGE = 10**9
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("model", "VAE", "cannot be loaded as a GAN: it holds a 'VAE', not a GAN"),
        ("model", None, "it holds a None"),
        ("model", ["GAN"], "it holds a"),
        ("hp", {}, "hp is not what a GAN can have"),
        ("hp", [], "hp is not"),
        ("hp", None, "hp is not"),
        ("hp.hidden", HUGE, "hidden=1000000000: must be from 1 to 512"),
        ("hp.hidden", -1, "hidden=-1: must be from"),
        ("hp.hidden", 2.0, "hidden=2.0: must be a whole number"),
        ("hp.hidden", "2", "hidden='2'"),
        ("hp.hidden", [2], r"hidden=\[2\]"),
        ("hp.latent_dim", HUGE, "latent_dim=1000000000"),
        ("hp.batch_size", HUGE, "batch_size=1000000000"),
        ("hp.lr_g", -1.0, "lr_g=-1.0"),
        ("hp.loss", "__import__('os')", "loss=.*must be one of"),
        ("hp.more", 1, "hp is not"),
        ("shape", [HUGE], "shape is not"),
        ("shape", [-2], "shape is not"),
        ("shape", [0], "shape is not"),
        ("shape", [], "shape is not"),
        ("shape", [2, 2], "shape is not"),
        ("shape", [65536, 65536, 65536], "shape is not"),
        ("shape", 2, "shape is not"),
        ("shape", [True], "shape is not"),
        ("shape", [3], "cannot be loaded"),
        ("shape", [256, 1, 256], "larger networks than it holds"),
        ("classes", HUGE, "classes is not"),
        ("classes", -1, "classes is not"),
        ("classes", 1000, "cannot be loaded"),
        ("image", 1, "image is not"),
        ("image", True, r"scale/shift is \(2,\) of float32, not \(\)"),
        ("seed", -1, "seed=-1"),
        ("seed", 2**64, "seed=18446744073709551616"),
        ("seed", "0", "seed='0'"),
        ("seed", None, "seed=None"),
        ("seed", 1.5, "seed=1.5"),
        ("seed", [], "no numbers"),
        ("seed", [1, 1], "twice"),
        ("seed", list(range(2000)), "too many"),
        ("seed", list(range(1000)), "larger networks than it holds"),
        ("seed", [[0]], "seed="),
        ("seed", {"0": 1}, "seed="),
        ("seed", [0], "cannot be loaded"),
        ("cursor", {}, "cursor is not"),
        ("cursor", [3, 24], "cursor is not"),
        ("cursor.step", -1, "cursor is not"),
        ("cursor.step", 10**30, "cursor is not"),
        ("cursor.rows", 1.5, "cursor is not"),
        ("cursor.more", 1, "cursor is not"),
        ("log", {}, "log is not"),
        ("log", [1], "log is not"),
        ("log", [[0, "lr_g", 1]], "log is not"),
        ("log", [[0, "<script>", 1, 2]], "log is not"),
        ("log", [[0, ["lr_g"], 1, 2]], "log is not"),
        ("log", [["0", "lr_g", 1, 2]], "log is not"),
        ("log", [[0, "lr_g", [], {}]], "log is not"),
        ("fingerprint", 5, "fingerprint is not"),
        ("data", None, "data is not"),
        ("data", ["ring"], "data is not"),
        ("data", [5, None], "data is not"),
        ("data", ["ring", "call()"], "data is not"),
        ("data", ["ring", {"n; import os": 1}], "data is not"),
        ("data", ["ring", {"n": [1]}], "data is not"),
        ("data", ["ring", {"n": {"n": 1}}], "data is not"),
    ],
)
def test_values_that_no_model_has(saved, path, name, value, words):
    def change(tensors, rest):
        *outer, last = name.split(".")
        (rest[outer[0]] if outer else rest)[last] = value

    forge(saved, path, change)
    refused(path, words)


@pytest.mark.parametrize(
    "name", ["model", "hp", "log", "cursor", "seed", "shape", "classes", "image", "fingerprint", "data"]
)
def test_a_value_that_is_missing(saved, path, name):
    forge(saved, path, lambda tensors, rest: rest.pop(name))
    refused(path, "it holds a None" if name == "model" else f"it says nothing of its {name}")


@pytest.mark.parametrize(
    "text", [DEEP, '{"a":' * 50_000 + "1" + "}" * 50_000, "[]", "3", "null", "", "{", '{"hp": NaN}', "9" * 5000]
)
def test_json_that_is_none(saved, path, text):
    header, body = header_of(saved[2])
    header["__metadata__"]["genlab"] = text
    path.write_bytes(pack(header, body))
    refused(path, "header")


@pytest.mark.parametrize(
    "text", [DEEP, "[]", "3", '"__metadata__"', "{}", '{"__metadata__": 3}', '{"__metadata__": "format"}', '{"a": []}']
)
def test_headers_that_are_none(path, text):
    path.write_bytes(len(text).to_bytes(8, "little") + text.encode())
    refused(path)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("shape", [HUGE, HUGE], "describe the tensors|size that its shape asks for"),
        ("shape", [2, -2], "describe the tensors"),
        ("shape", [0, 2**31, 2**31, 2**31], "describe the tensors"),
        ("shape", [1] * 10_000, "describe the tensors"),
        ("shape", "4", "describe the tensors"),
        ("shape", None, "describe the tensors"),
        ("shape", [4.0], "describe the tensors"),
        ("shape", [True], "describe the tensors"),
        ("shape", [4, 1], "cannot be loaded"),
        ("dtype", "F64", "size that its shape"),
        ("dtype", "F128", "describe the tensors"),
        ("dtype", ["F32"], "describe the tensors"),
        ("dtype", None, "describe the tensors"),
        ("data_offsets", [0, HUGE], "size that its shape"),
        ("data_offsets", [HUGE, 0], "size that its shape"),
        ("data_offsets", [0], "describe the tensors"),
        ("data_offsets", [-16, 0], "describe the tensors"),
        ("data_offsets", "ab", "describe the tensors"),
    ],
)
def test_tensors_that_are_described_wrongly(saved, path, name, value, words):
    header, body = header_of(saved[2])
    header["generator/layers.0.weight"][name] = value
    path.write_bytes(pack(header, body))
    refused(path, words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tensors: tensors.pop("rng"), "rng is missing"),
        (lambda tensors: tensors.pop("opt_g/mean/0"), "opt_g/mean/0 is missing"),
        (lambda tensors: tensors.update(more=torch.zeros(3)), "more is not a part of it"),
        (lambda tensors: tensors.update(rng=torch.zeros(1, 5056, dtype=torch.float32)), "rng is .1, 5056. of float32"),
        (
            lambda tensors: tensors.update({"scale/shift": torch.zeros(3)}),
            r"scale/shift is \(3,\) of float32, not \(2,\)",
        ),
        (lambda tensors: tensors["rng"].fill_(255), "cannot be loaded as a GAN"),
    ],
)
def test_tensors_that_do_not_fit(saved, path, change, words):
    forge(saved, path, lambda tensors, rest: change(tensors))
    refused(path, words)


def test_swapped_tensors_are_noticed(saved, path):
    header, body = header_of(saved[2])
    pair = "generator/layers.0.weight", "discriminator/layers.0.weight"
    header[pair[0]], header[pair[1]] = header[pair[1]], header[pair[0]]
    path.write_bytes(pack(header, body))
    refused(path, "do not match its digest")


def test_nothing_large_is_made_for_a_file_that_lies(saved, path, monkeypatch):
    drawn, most = [], sum(tensor.numel() for tensor in saved[0].state()[0].values())
    draw = parts.Streams.draw
    monkeypatch.setattr(parts.Streams, "draw", lambda self, f, *shape: drawn.append(shape) or draw(self, f, *shape))
    for lie in (dict(seed=list(range(1024))), dict(shape=[65536]), dict(shape=[1, 256, 256], classes=1000)):
        forge(
            saved,
            path,
            lambda tensors, rest, lie=lie: (rest.update(lie), rest["hp"].update(hidden=512, latent_dim=128)),
        )
        refused(path, "larger networks than it holds")
    assert sum(torch.Size(shape).numel() for shape in drawn) < most  # those that still fitted, before the one too many
    outline = storage.load_header(saved[1])[1]
    assert {tensor.device.type for tensor in outline.values()} == {"meta"}


def test_weights_of_another_precision_are_not_rounded_silently(path):
    torch.set_default_dtype(torch.float64)
    try:
        data = gl.datasets.ring(n=100)
        gan = gl.GAN(data, hidden=2)
        gl.run(gan.steps(data), 2)
        loaded = gl.GAN.load(gan.save(path))
        assert gl.run(loaded.steps(data), 2).history.equals(gl.run(gan.steps(data), 2).history)
    finally:
        torch.set_default_dtype(torch.float32)
    refused(path, "of float64, not .* of float32")


def test_a_file_replaced_while_it_is_read(saved, path, monkeypatch):
    path.write_bytes(saved[2])
    read = storage.load_header

    def replaced(path):
        result = read(path)
        gan = gl.GAN(RING, hidden=2, seed=3)
        gan.save(path)
        return result

    monkeypatch.setattr(storage, "load_header", replaced)
    refused(path, "replaced while it was read")


# -- writing ------------------------------------------------------------------------------------------------------------


class Stop(BaseException):
    """Stands for a full disk, a lost drive or Ctrl-C."""


def stop(*args, **kwargs):
    raise Stop


@pytest.mark.parametrize("where", ["os.fsync", "os.replace", "safetensors.torch.save"])
def test_an_interrupted_write_leaves_the_old_file_whole(saved, path, monkeypatch, where):
    path.write_bytes(saved[2])
    monkeypatch.setattr(where, stop)
    other = gl.GAN(RING, hidden=4)
    with pytest.raises(Stop):
        other.save(path)
    with pytest.raises(Stop):
        other.save(path.with_name("new.safetensors"))
    assert path.read_bytes() == saved[2] and os.listdir(path.parent) == [path.name]


def test_the_file_is_complete_before_it_has_its_name(saved, path, monkeypatch):
    seen, replace = [], os.replace
    monkeypatch.setattr(
        os, "replace", lambda part, to: (seen.append((part.parent, part.read_bytes())), replace(part, to))
    )
    saved[0].save(path)
    assert seen == [(path.parent, path.read_bytes())]


def test_places_where_nothing_can_be_written(saved, tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"nowhere.* cannot be written: there is no folder .*nowhere; make it first"
    ):
        saved[0].save(tmp_path / "nowhere" / "gan.safetensors")
    for folder in (tmp_path, ""):
        with pytest.raises(IsADirectoryError, match="is a folder: give the name of a file"):
            saved[0].save(folder)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        saved[0].save(tmp_path / "file" / "gan.safetensors")
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs the permissions of POSIX")
def test_others_may_read_what_they_may_read_elsewhere(saved, path):
    usual = path.with_name("usual")
    usual.write_text("")
    saved[0].save(path)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)


# -- no file runs code --------------------------------------------------------------------------------------------------

CALLS = {"eval", "exec", "compile", "__import__"}
PROCESSES = {
    "joblib",
    "Parallel",
    "delayed",
    "joblib.externals.loky",
    "get_reusable_executor",
}  # joblib reads files too
SENT = {"worker.py": ["cloudpickle"] * 2}  # your own functions, to your own workers, by no file
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


def executes(source):
    """What in `source` could run code out of a file."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            names = [] if set(names) <= PROCESSES else names
            found += [name for name in names if name.split(".")[0] in MODULES]
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            found += [name] if name in CALLS or name in ("torch.load", "pd.read_pickle", "pandas.read_pickle") else []
            trusting = [k for k in node.keywords if k.arg == "allow_pickle" and ast.unparse(k.value) != "False"]
            found += [name] if trusting else []
    return found


def test_a_reader_of_sources_sees_what_runs_code():
    for bad in (
        "import pickle",
        "from joblib import load",
        "from joblib import Parallel, load",
        "import joblib.numpy_pickle",
        "torch.load(f)",
        "eval(x)",
        "np.load(f, allow_pickle=True)",
    ):
        assert executes(bad)
    assert not executes("from joblib import Parallel, delayed")
    assert not executes("model.eval(); np.load(f, allow_pickle=False); import json; re.compile(x)")


@pytest.mark.parametrize("source", sorted(pathlib.Path(gl.__file__).parent.rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_in_genlab_runs_what_a_file_says(source):
    name = source.relative_to(pathlib.Path(gl.__file__).parent).as_posix()
    assert executes(source.read_text("utf-8")) == SENT.get(name, [])
