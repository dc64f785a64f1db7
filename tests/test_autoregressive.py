"""Autoregressive models: probabilities add up, no place sees what comes later, the cache is the full pass, counts count."""

import itertools
import math

import pytest
import torch

import genlab as gl
from genlab import autoregressive as family
from genlab import symbols
from genlab.datasets import Dataset
from genlab.parts import INITIALISE, Streams, threads
from genlab.sequences import Network, Row, Table
from genlab.storage import StorageError

NAMES, DIGITS = gl.datasets.names(), gl.datasets.digits()
SMALL = Dataset(NAMES.x[:200], NAMES.y[:200], "some names", levels=27, symbols=NAMES.symbols, end=0)
KNOBS = {  # a small one of each network
    "counts": dict(),
    "linear": dict(context=2),
    "mlp": dict(context=3, hidden=8),
    "rnn": dict(hidden=8, dropout=0.1),
    "gru": dict(hidden=8, dropout=0.1),
    "masked": dict(hidden=8, layers=2),
    "dilated": dict(hidden=8, layers=3),
    "transformer": dict(hidden=8, heads=2),
    "short transformer": dict(hidden=8, heads=2, context=3, layers=1),
}
STACKS = [name for name in KNOBS if name != "masked"]
SEEDS = [5, [5, 9, 2]]
every_network = pytest.mark.parametrize("network", KNOBS)
single_and_stack = pytest.mark.parametrize("seed", SEEDS, ids=["single", "stack"])


def make(network, data=SMALL, seed=5, **knobs):
    knobs = dict(batch_size=32) | KNOBS[network] | knobs
    return gl.Autoregressive(data, network=network.split()[-1], seed=seed, **knobs)


def trained(network, data=SMALL, seed=5, steps=20, **knobs):
    model = make(network, data, seed, **knobs)
    gl.run(model.steps(data), steps)
    return model


def same(one, other):
    (tensors, rest), (others, other_rest) = one.state(), other.state()
    return rest == other_rest and all(torch.equal(tensors[name], others[name]) for name in tensors | others)


def codes(model, rows=4, seed=1):
    """Random rows of codes, in the shape that the network takes, and labels where it wants some."""
    lead = (rows,) if model.members is None else (model.members, rows)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randint(model.levels, (*lead, math.prod(model.shape)), generator=generator)
    y = torch.randint(model.classes, lead, generator=generator) if model.classes else None
    return x, y


@pytest.fixture(autouse=True)
def one_thread():
    with threads(1):
        yield


# -- what every network must keep ---------------------------------------------------------------------------------------


@every_network
@pytest.mark.parametrize("conditional", [False, True])
def test_a_change_is_seen_only_later(network, conditional):
    model = trained(network, conditional=conditional)
    x, y = codes(model)
    before = model.network(x, y)
    seen_at_all = 0
    for place in range(x.shape[1]):
        changed = x.clone()
        changed[:, place] = (changed[:, place] + 1) % model.levels
        moved = (model.network(changed, y) - before).abs().amax((0, 2))  # (T,)
        assert moved[: place + 1].max() == 0, f"place {place} is seen at {moved.nonzero()[0].item()}"
        seen_at_all += bool(moved[place + 1 :].any())
    assert seen_at_all == x.shape[1] - 1  # each symbol but the last is of use to the next


def test_pixels_see_only_earlier_pixels():
    model = trained("masked", DIGITS, steps=3, conditional=True, layers=3)
    x, y = codes(model, rows=2)
    before = model.network(x, y)
    for place in range(64):
        changed = x.clone()
        changed[:, place] = (changed[:, place] + 8) % 17
        moved = (model.network(changed, y) - before).abs().amax((0, 2))
        assert moved[: place + 1].max() == 0 and (place == 63 or moved[place + 1 :].max() > 0)


@pytest.mark.parametrize(("network", "reach"), [("mlp", 3), ("linear", 2), ("counts", 2), ("short transformer", 3)])
def test_the_context_is_how_far_it_looks(network, reach):
    model = trained(network, NAMES)
    x = torch.tensor([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]])
    changed = x.clone()
    changed[:, 2] = 20
    moved = (model.network(changed) - model.network(x)).abs().amax((0, 2)) > 1e-6
    assert moved.nonzero().flatten().tolist() == list(range(3, 3 + reach)) or network == "counts"
    assert not moved[3 + reach :].any() and not moved[:3].any()


@every_network
@pytest.mark.parametrize("conditional", [False, True])
def test_all_rows_together_have_probability_one(network, conditional):
    rows = torch.tensor([list(row) for row in itertools.product(range(3), repeat=4)])
    data = Dataset(rows, torch.arange(81) % 2, levels=3)
    model = trained(network, data, conditional=conditional)
    y = 1 if conditional else None
    assert model.log_likelihood(rows, y=y).double().exp().sum() == pytest.approx(1, abs=1e-5)
    for prefix in (None, [0], [2, 1, 0]):
        assert model.next(prefix, y=y).sum() == pytest.approx(1, abs=1e-5)


@every_network
def test_all_texts_together_have_probability_one(network):
    texts = ["".join(text) for length in range(4) for text in itertools.product("ab", repeat=length)]
    rows = torch.tensor([[".ab".index(symbol) for symbol in text.ljust(4, ".")] for text in texts])
    data = Dataset(rows, levels=3, symbols=".ab", end=0)
    model = trained(network, data)
    whole = model.log_likelihood(texts).double().exp().sum()
    longer = torch.tensor([list(row) for row in itertools.product((1, 2), repeat=3)])
    after = torch.stack([model.next(row)[1:].sum() for row in longer])  # rows that three letters do not end
    tails = torch.stack([model.log_likelihood(torch.cat([row, torch.zeros(1)])[None])[0].exp() for row in longer])
    unended = (tails / torch.stack([model.next(row)[0] for row in longer]) * after).sum()
    assert whole + unended == pytest.approx(1, abs=1e-5)


@every_network
@single_and_stack
@pytest.mark.parametrize("conditional", [False, True])
def test_symbol_by_symbol_is_the_full_pass(network, seed, conditional):
    if network == "masked" and seed != 5:
        return
    model = trained(network, seed=seed, conditional=conditional, dropout=0.0)
    x, y = codes(model)
    with torch.no_grad():
        full, (code, state) = model.network(x, y), (torch.full_like(x[..., 0], 27), model.network.begin(x.shape[:-1]))
        for place in range(x.shape[-1]):
            logits, state = model.network.step(state, code, y)
            assert (logits - full[..., place, :]).abs().max() < 1e-5
            code = x[..., place]


def test_a_long_cache_is_the_full_pass():
    x = torch.randint(5, (3, 300), generator=torch.Generator().manual_seed(1))
    for context in (40, 300):
        model = gl.Autoregressive(Dataset(x, levels=5), context=context, hidden=32, seed=1)
        with torch.no_grad():
            full, code, state = model.network(x), torch.full((3,), 5), model.network.begin((3,))
            for place in range(300):
                logits, state = model.network.step(state, code)
                assert (logits - full[:, place]).abs().max() < 1e-5
                code = x[:, place]


@pytest.mark.parametrize("network", STACKS)
def test_a_member_of_a_stack_is_the_model_alone(network, float64):
    data = Dataset(NAMES.x[:200], NAMES.y[:200], "some names", levels=27, symbols=NAMES.symbols, end=0)
    stack = trained(network, data, [5, 9, 2], conditional=True)
    together = stack.sample(6, seed=3), stack.bits(data), stack.log_likelihood(data), stack.next("an", y=1)
    for place, seed in enumerate([5, 9, 2]):
        alone = trained(network, data, seed, conditional=True)
        apart = alone.sample(6, seed=3 + place), alone.bits(data), alone.log_likelihood(data), alone.next("an", y=1)
        for one, other in zip(together, apart, strict=True):
            assert (one[place] - other).abs().max() < 1e-10


# -- learning -----------------------------------------------------------------------------------------------------------


@every_network
@single_and_stack
def test_same_seed_same_history_and_stop_and_go_on(network, seed, tmp_path):
    if network == "masked" and seed != 5:
        return
    whole, stopped, other = (make(network, seed=s) for s in (seed, seed, 6 if seed == 5 else [6, 9, 2]))
    expected = gl.run(whole.steps(SMALL), 12).records
    records = gl.run(stopped.steps(SMALL), 5).records
    again = gl.Autoregressive.load(stopped.save(tmp_path / "model.safetensors"))
    again.sample(3), again.bits(SMALL), again.next("a")  # looking changes nothing
    records += gl.run(again.steps(SMALL), 7).records
    assert records == expected and same(again, whole)
    assert gl.run(other.steps(SMALL), 12).records != expected


@every_network
def test_stages_are_the_same_arithmetic(network):
    plain, slow = make(network), make(network)
    records = list(itertools.islice(slow.steps(SMALL, stages=True), 4 * 8))
    assert [record.get("stage") for record in records[:4]] == ["predict", "compare", "improve", None]
    assert gl.run(records[3::4], 8).records == gl.run(plain.steps(SMALL), 8).records and same(plain, slow)


@pytest.mark.parametrize("network", [name for name in KNOBS if name != "counts"])
def test_it_learns(network):
    model = trained(network, NAMES, steps=60, batch_size=128, lr=1e-2)
    first = make(network, NAMES)
    assert model.bits(NAMES) < first.bits(NAMES) - 0.5


def test_live_knobs_are_live():
    fast, still = make("gru"), make("gru", lr=0.0)
    gl.run(still.steps(SMALL), 3)
    assert torch.equal(still.network.out.weight, make("gru").network.out.weight)
    fast.set(lr=1.0, dropout=0.5)
    assert gl.run(fast.steps(SMALL), 3).records[1] != gl.run(make("gru").steps(SMALL), 3).records[1]
    counts = trained("counts", steps=7)
    before = counts.bits(SMALL)
    counts.set(smoothing=100.0)
    assert counts.bits(SMALL) > before


def test_a_network_of_ones_own(monkeypatch):
    class Unigram(Network):
        def __init__(self, row, hp, init):
            super().__init__(row, hp, init)
            self.logits = Table(1, row.levels, init)

        def forward(self, x, y=None, drop=None):
            return self.logits(torch.zeros_like(x))

    monkeypatch.setitem(family.NETWORKS, "unigram", Unigram)
    model = gl.Autoregressive(NAMES, network="unigram", lr=0.1, seed=1)
    gl.run(model.steps(NAMES), 150)
    counted = NAMES.x[torch.as_tensor(model.network.counted(NAMES.x.long()))].long()
    share = counted.bincount(minlength=27) / len(counted)
    assert (model.next("x") - share).abs().max() < 0.01
    assert len(model.text(model.sample(3))) == 3


# -- counts -------------------------------------------------------------------------------------------------------------


def tiny(*texts, labels=None):
    rows = [[".ab".index(symbol) for symbol in text.ljust(4, ".")] for text in texts]
    return Dataset(rows, labels, "tiny", levels=3, symbols=".ab", end=0)


def test_counts_are_those_of_a_hand():
    data = tiny("ab", "abb", "b", "aab")
    model = gl.Autoregressive(data, network="counts", context=1, smoothing=1.5, batch_size=3)
    gl.run(model.steps(data), 5)  # more than one pass: each row counts once
    # symbols: 4 ends, 4 a, 5 b; after a start 3 a, 1 b; after an a 1 a, 3 b; after a b 4 ends, 1 b
    share = (torch.tensor([4.0, 4, 5]) + 1.5 / 3) / (13 + 1.5)
    for prefix, counts in {"": [0, 3, 1], "ba": [0, 1, 3], "ab": [4, 0, 1]}.items():
        expected = (torch.tensor(counts) + 1.5 * share) / (sum(counts) + 1.5)
        assert torch.allclose(model.next(prefix), expected)
    after_a = (torch.tensor([0.0, 1, 3]) + 1.5 * share) / 5.5
    start, after_b = (torch.tensor([0.0, 3, 1]) + 1.5 * share) / 5.5, (torch.tensor([4.0, 0, 1]) + 1.5 * share) / 6.5
    assert model.log_likelihood(["ab"]) == pytest.approx((start[1] * after_a[2] * after_b[0]).log().item(), abs=1e-5)
    assert model.bits(["ab"]) == pytest.approx(-(start[1] * after_a[2] * after_b[0]).log2().item() / 3, abs=1e-5)


def test_a_longer_context_falls_back_on_a_shorter_one():
    data = tiny("ab", "abb", "b", "aab")
    short, long = (gl.Autoregressive(data, network="counts", context=c, smoothing=1.0) for c in (1, 2))
    gl.run(short.steps(data), 1), gl.run(long.steps(data), 1)
    assert torch.allclose(long.next("bba"), short.next("bba"))  # "ba" was never seen
    assert torch.allclose(long.next("ab"), (torch.tensor([2.0, 0, 1]) + short.next("ab")) / 4)


def test_counts_by_label_are_counts_of_the_rows_with_it():
    data = tiny("ab", "abb", "b", "aab", labels=[0, 1, 0, 1])
    both = gl.Autoregressive(data, network="counts", conditional=True)
    gl.run(both.steps(data), 2)
    for label in (0, 1):
        part = Dataset(data.x[data.y == label], levels=3, symbols=".ab", end=0)
        alone = gl.Autoregressive(part, network="counts")
        gl.run(alone.steps(part), 2)
        for prefix in ("", "a", "ab"):
            assert torch.equal(both.next(prefix, y=label), alone.next(prefix))


def test_counting_goes_on_where_it_stopped(tmp_path):
    whole, half = (gl.Autoregressive(NAMES, network="counts", seed=1) for _ in range(2))
    gl.run(whole.steps(NAMES), 40), gl.run(half.steps(NAMES), 10)
    half = gl.Autoregressive.load(half.save(tmp_path / "counts.safetensors"))
    gl.run(half.steps(NAMES), 30)
    assert same(half, whole) and whole.network.seen == len(NAMES)
    assert whole.network.table2.sum() == whole.network.counted(NAMES.x.long()).sum()


def test_one_layer_learns_what_counting_finds():
    data = tiny(*["ab"] * 5, *["abb"] * 3, *["b"] * 4, *["aab"] * 2, "a", "ba", "bab", "aa")
    counts = gl.Autoregressive(data, network="counts", context=1, smoothing=1e-6)
    layer = gl.Autoregressive(data, network="linear", context=1, lr=0.05, batch_size=len(data), average=0.0, seed=1)
    gl.run(counts.steps(data), 2), gl.run(layer.steps(data), 1500)
    for prefix in ("", "a", "b"):
        assert (counts.next(prefix) - layer.next(prefix)).abs().max() < 1e-3
    assert layer.bits(data) == pytest.approx(counts.bits(data).item(), abs=1e-4)


# -- drawing ------------------------------------------------------------------------------------------------------------

P = torch.tensor([0.1, 0.4, 0.2, 0.3])


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (dict(), [0.1, 0.4, 0.2, 0.3]),
        (dict(temperature=0.5), [0.01 / 0.3, 0.16 / 0.3, 0.04 / 0.3, 0.09 / 0.3]),
        (dict(temperature=1e-6), [0, 1, 0, 0]),
        (dict(temperature=1e9), [0.25, 0.25, 0.25, 0.25]),
        (dict(top_k=1), [0, 1, 0, 0]),
        (dict(top_k=2), [0, 4 / 7, 0, 3 / 7]),
        (dict(top_k=9), [0.1, 0.4, 0.2, 0.3]),
        (dict(top_p=0.01), [0, 1, 0, 0]),
        (dict(top_p=0.5), [0, 4 / 7, 0, 3 / 7]),
        (dict(top_p=0.75), [0, 4 / 9, 2 / 9, 3 / 9]),
        (dict(top_k=3, top_p=0.75), [0, 4 / 7, 0, 3 / 7]),  # 4/9 and 3/9 are more than 0.75 of what is left
    ],
)
def test_how_bold_a_draw_is(how, expected):
    expected = torch.tensor(expected, dtype=P.dtype)
    assert torch.allclose(symbols.reshape(P.log(), **how), expected, atol=1e-6)
    rows = symbols.reshape(torch.stack([P, P.flip(0)]).log(), **how)
    assert torch.allclose(rows[1], expected.flip(0), atol=1e-6)


def test_top_k_of_equals_keeps_k():
    assert (symbols.reshape(torch.zeros(5), top_k=2) > 0).sum() == 2


def test_draws_follow_the_probabilities():
    u = torch.rand(200_000, generator=torch.Generator().manual_seed(1))
    share = symbols.draw(P.expand(len(u), 4), u).bincount(minlength=4) / len(u)
    assert (share - P).abs().max() < 0.005
    edge = torch.tensor([0.0, 1 - 2**-24])
    assert symbols.draw(torch.tensor([0.0, 0.5, 0.5, 0.0]).expand(2, 4), edge).tolist() == [
        1,
        2,
    ]  # never what cannot be


def test_samples_follow_the_model():
    data = tiny(*["ab"] * 5, *["abb"] * 3, *["b"] * 4, *["aab"] * 2)
    model = trained("mlp", data, steps=200, lr=1e-2)
    texts = model.text(model.sample(20_000, seed=1))
    for text in ("ab", "abb", "b"):
        assert texts.count(text) / len(texts) == pytest.approx(model.log_likelihood([text]).exp().item(), abs=0.015)


@every_network
def test_a_prefix_is_kept(network):
    model = trained(network, NAMES)
    assert all(text.startswith("mar") for text in model.text(model.sample(8, prefix="mar", seed=1)))
    each = NAMES.x[:8, :2]
    x = model.sample(8, prefix=each, seed=1, temperature=0.5)
    assert torch.equal(x[:, :2], each) and x.shape == (8, 12)
    assert torch.equal(x, model.sample(8, prefix=each, seed=1, temperature=0.5))
    ends = (x == 0).int()
    assert torch.equal(ends.cummax(1).values, ends)  # behind the end there is nothing
    assert len(set(model.text(model.sample(30, top_k=1)))) == 1


def test_half_a_digit_is_completed():
    model = trained("masked", DIGITS, steps=3, conditional=True)
    halves = DIGITS.x[:5, :, :4].flatten(1)
    x = model.sample(5, y=[0, 1, 2, 3, 4], prefix=halves, seed=1)
    assert x.shape == (5, 1, 8, 8) and torch.equal(x[:, :, :4].flatten(1), halves)
    assert x.min() >= 0 and x.max() <= 16 and torch.equal(x, x.round())


def test_values_between_others_are_codes_too():
    shades = Dataset(DIGITS.x / 16 * 2 - 1, range=(-1, 1), levels=17)
    one, other = trained("linear", shades, steps=3), trained("linear", DIGITS, steps=3)
    assert torch.equal(one.sample(4, seed=1), other.sample(4, seed=1) / 8 - 1)
    assert one.bits(shades) == other.bits(DIGITS)


# -- looking inside -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["transformer", "short transformer"])
@single_and_stack
def test_where_it_looks(network, seed):
    model = trained(network, NAMES, seed, steps=5)
    layers, members = model.hp.layers, () if model.members is None else (3,)
    maps = model.attention("marie")
    assert maps.shape == (layers, *members, 2, 6, 6) and torch.allclose(maps.sum(-1), torch.ones(maps.shape[:-1]))
    assert maps.triu(1).max() == 0 and (maps.tril(-model.hp.context).max() == 0)
    with pytest.raises(ValueError, match="network='gru' does not attend: only network='transformer' does"):
        make("gru").attention("a")


def test_the_weights_are_those_that_are_taken():
    model = trained("short transformer", steps=5)
    attention, x = model.network.blocks[0].attention, torch.randn(2, 9, 8, generator=torch.Generator().manual_seed(1))
    taken = attention.weights(x) @ attention.split(x)[2]  # (B, heads, T, hidden / heads)
    assert torch.allclose(attention.out(taken.transpose(1, 2).reshape(x.shape)), attention(x), atol=1e-6)


def test_bits_and_likelihood_agree():
    model = trained("mlp", NAMES, steps=80, lr=1e-2, conditional=True)
    test = gl.datasets.names("test")
    bits, log_p = model.bits(test), model.log_likelihood(test)
    length = (test.x > 0).sum() + len(test)  # each with its end
    assert log_p.shape == (1032,) and -log_p.sum() / math.log(2) / length == pytest.approx(bits.item(), rel=1e-5)
    assert torch.allclose(model.log_likelihood(test.text, y=test.y), log_p, atol=1e-4)
    assert model.log_likelihood(["emma"], y=0) > model.log_likelihood(["mmea"], y=0)
    late = model.bits(test, start=5)
    assert late != bits and late > 0


def test_the_end_alone_is_learned_and_not_what_fills_the_row():
    model = trained("linear", SMALL, steps=1)
    record = gl.run(make("linear").steps(SMALL), 1).records[0]
    assert 4 < record["loss"] < 6  # near log2(27): the filling, which costs nothing, does not count
    x = torch.tensor([[1, 2, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]])
    assert model.network.counted(x).tolist() == [[True] * 3 + [False], [True] + [False] * 3, [True] * 4]


def test_averaged_or_not():
    model = trained("gru", steps=10)
    assert model.bits(SMALL) != model.bits(SMALL, averaged=False)
    model.set(average=0.0)
    assert model.bits(SMALL) == model.bits(SMALL, averaged=False)


# -- what cannot be -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: m.sample(2, temperature=0), "temperature=0: must be a number above 0.*top_k=1"),
        (lambda m: m.sample(2, temperature=-1), "temperature=-1"),
        (lambda m: m.next("a", temperature=math.nan), "temperature=nan"),
        (lambda m: m.sample(2, temperature="hot"), "temperature='hot'"),
        (lambda m: m.sample(2, top_k=-1), "top_k=-1: must be a whole number"),
        (lambda m: m.sample(2, top_k=2.5), "top_k=2.5"),
        (lambda m: m.sample(2, top_p=0), "top_p=0: must be above 0 and at most 1"),
        (lambda m: m.sample(2, top_p=1.5, temperature=0, top_k=-3), "temperature=0.*top_k=-3.*top_p=1.5"),
        (lambda m: m.sample(0), "n=0"),
        (lambda m: m.sample(2, y=1), "y=1: this Autoregressive knows no labels"),
        (lambda m: m.sample(2, prefix="Änn4"), "prefix='Änn4': '4', 'Ä' not among the symbols of this model, '.abc"),
        (lambda m: m.sample(2, prefix="a" * 13), "prefix has 13 symbols: at most 12 fit here, in rows of 12"),
        (lambda m: m.next("a" * 12), "prefix has 12 symbols: at most 11 fit here"),
        (lambda m: m.next("an."), "prefix='an.': the code 0 ends a row"),
        (
            lambda m: m.sample(3, prefix=[[1, 2], [3, 4]]),
            r"prefix has shape \(2, 2\): give \(L,\) symbols, or \(3, L\)",
        ),
        (lambda m: m.sample(3, prefix=[1, 2.5]), "prefix holds 2.5: that is none of the 27 levels"),
        (lambda m: m.sample(3, prefix=[27]), "prefix holds 27"),
        (lambda m: m.bits(["emma", "Emma"]), "x='Emma': 'E' not among"),
        (lambda m: m.bits(["a" * 13]), "x holds 'aaaaaaaaaaaaa' of 13 symbols: rows of this model have at most 12"),
        (lambda m: m.bits(NAMES, start=12), "start=12: must be a whole number below the 12 symbols"),
        (lambda m: m.bits(DIGITS), r"x has shape \(1352, 1, 8, 8\): this model takes \(n, 12\)"),
        (lambda m: m.log_likelihood(NAMES.x + 0.5), "x holds .*none of the 27 levels"),
        (
            lambda m: m.steps(Dataset(NAMES.x, levels=27)),
            "symbols=None and not '.abc.*, end=None and not 0: this model",
        ),
        (lambda m: m.steps(gl.datasets.prose(length=12)), "levels=63 and not 27"),
    ],
)
def test_calls_that_cannot_be(call, words):
    model = make("mlp", NAMES)
    with pytest.raises(ValueError, match=words):
        call(model)


@pytest.mark.parametrize(
    ("data", "knobs", "words"),
    [
        (gl.datasets.ring(), {}, "no levels: an autoregressive model learns symbols"),
        (SMALL, dict(network="lstm"), "network='lstm': must be one of 'counts', 'linear', 'mlp', 'rnn', 'gru'"),
        (SMALL, dict(network=None), "network=None"),
        (SMALL, dict(network="counts", context=5), "context=5: a table of counts .* context=1 makes a bigram table"),
        (SMALL, dict(hidden=50, heads=4), "hidden=50, heads=4: the heads must divide hidden"),
        (SMALL, dict(network="masked", seed=[1, 2]), "network='masked' has no member axis.*seed=s"),
        (gl.datasets.prose(), dict(conditional=True), "have no labels"),
        (gl.datasets.ring(), dict(lr=-1, seed=-1), "(?s)3 problem.*seed=-1.*no levels.*lr=-1"),
        (Dataset(torch.zeros(2, 5000), levels=2), {}, "at most 4,096 symbols a row"),
        (Dataset(torch.zeros(2, 3, 4, 4), range=(0, 1), levels=2), {}, "images of one channel"),
        (Dataset(torch.zeros(2, 3), levels=5000), {}, "levels=5000: must be a whole number from 2 to 1,024"),
    ],
)
def test_models_that_cannot_be(data, knobs, words):
    with pytest.raises(ValueError, match=words):
        gl.Autoregressive(data, **knobs)


def test_text_only_where_there_are_symbols():
    model = make("linear", DIGITS)
    for call in (lambda: model.text(model.sample(1)), lambda: model.sample(1, prefix="a"), lambda: model.bits(["a"])):
        with pytest.raises(ValueError, match="no symbols"):
            call()
    prose = make("linear", gl.datasets.prose(length=20))
    with pytest.raises(ValueError, match="x holds 'Lord' of 4 symbols: rows of this model have exactly 20"):
        prose.bits(["Lord"])


# -- files --------------------------------------------------------------------------------------------------------------


@every_network
def test_a_file_gives_the_model_back(network, tmp_path):
    model = trained(network, conditional=True)
    again = gl.Autoregressive.load(model.save(tmp_path / "model.safetensors"))
    assert same(again, model) and again.symbols == model.symbols and again.end == 0
    assert torch.equal(again.sample(4, seed=1), model.sample(4, seed=1)) and again.text(again.sample(1))
    assert torch.equal(again.bits(SMALL), model.bits(SMALL))
    with pytest.raises(StorageError, match="it holds a 'Autoregressive', not a GAN"):
        gl.GAN.load(tmp_path / "model.safetensors")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (dict(levels=None), "no levels"),
        (dict(levels=10**9), "levels=1000000000"),
        (dict(levels="27"), "levels='27'"),
        (dict(symbols="ab"), "symbols='ab'"),
        (dict(symbols=[1] * 27), "symbols="),
        (dict(end=99), "end=99"),
        (dict(shape=[1, 60000]), "shape|rows"),
        (dict(levels=28, symbols=None), "is .*, not"),
    ],
)
def test_a_file_that_claims_too_much(facts, words, tmp_path):
    from genlab import storage

    tensors, rest = trained("gru", steps=1).state()
    path = storage.save(tmp_path / "model.safetensors", tensors, rest | facts)
    with pytest.raises(StorageError, match=words):
        gl.Autoregressive.load(path)


def test_a_file_cannot_ask_for_a_huge_table(tmp_path):
    from genlab import storage

    tensors, rest = trained("counts", steps=1).state()
    path = storage.save(tmp_path / "model.safetensors", tensors, rest | dict(hp=rest["hp"] | dict(context=4000)))
    with pytest.raises(StorageError, match="context=4000: a table of counts"):
        gl.Autoregressive.load(path)


def test_a_row_says_what_it_is():
    row = Row((1, 8, 8), 17)
    assert (row.length, row.end, row.classes) == (64, None, 0)
    model = family.NETWORKS["mlp"](Row((4,), 3), family.AutoregressiveParams(context=2), Streams(1, INITIALISE))
    assert model(torch.zeros(2, 4, dtype=torch.long)).shape == (2, 4, 3)


def test_one_text_alone_is_an_error_that_shows_the_list():
    model = gl.Autoregressive(gl.datasets.names(), network="counts", context=1, seed=1)
    with pytest.raises(ValueError, match=r"x='anna': one text; give a list of texts, \['anna'\]"):
        model.bits("anna")


@pytest.mark.parametrize("seed", SEEDS, ids=["single", "stack"])
def test_dilated_layers_see_two_to_their_number_and_no_more(seed):
    layers, length = 3, 24
    data = Dataset(torch.randint(5, (40, length)), name="codes", levels=5)
    model = gl.Autoregressive(data, network="dilated", hidden=8, layers=layers, seed=seed)
    x, _ = codes(model)
    logits = model.network(x)[..., -1, :]
    for back in range(1, length):
        other = x.clone()
        other[..., -1 - back] = (other[..., -1 - back] + 1) % 5
        same = torch.equal(model.network(other)[..., -1, :], logits)
        assert same == (back > 2**layers), back


def test_a_dilated_network_draws_what_it_reads_also_when_its_rings_have_turned():
    data = Dataset(torch.randint(5, (40, 30)), torch.arange(40) % 3, name="codes", levels=5)
    model = gl.Autoregressive(data, network="dilated", hidden=8, layers=3, seed=[1, 2], conditional=True)
    x, y = codes(model)
    state, code = model.network.begin(x.shape[:-1]), torch.full(x.shape[:-1], model.levels)
    for place in range(30):
        logits, state = model.network.step(state, code, y)
        assert torch.allclose(logits, model.network(x, y)[..., place, :], atol=1e-5), place
        code = x[..., place]
