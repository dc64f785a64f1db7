"""Series: sunspots, and sounds as codes of the mu-law."""

import numpy as np
import pytest

import genlab as gl
from genlab import series


def test_sunspots_are_counted_by_year():
    spots = gl.datasets.sunspots()
    assert spots.index.tolist() == list(range(1700, 2009)) and (spots >= 0).all() and spots.loc[1957] == spots.max()


def test_the_mu_law_is_fine_where_it_is_quiet():
    sound = np.linspace(-1, 1, 20_001)
    codes = series.to_codes(sound)
    back = series.from_codes(codes)
    assert codes.min() == 0 and codes.max() == 255 and (np.diff(codes) >= 0).all()
    assert (np.abs(back - sound) <= np.abs(sound) * 0.025 + 1e-4).all()
    assert (series.to_codes(back) == codes).all()
    assert series.to_codes([0.0])[0] == 128  # half way between two codes, to the even one
    assert series.from_codes([255, 0]).tolist() == pytest.approx([1, -1])
    # the formula of ITU-T G.711: the code next to the middle stands for (256^(1/255) - 1) / 255
    assert series.from_codes([128])[0] == pytest.approx((256 ** (1 / 255) - 1) / 255)


@pytest.mark.parametrize("sound", [[0.0, np.nan], [1.01], [-2.0]])
def test_a_sound_outside_is_refused(sound):
    with pytest.raises(ValueError, match="finite numbers from -1 to 1"):
        series.to_codes(sound)


@pytest.mark.parametrize("codes", [[-1], [256], [np.inf]])
def test_codes_outside_are_refused(codes):
    with pytest.raises(ValueError, match="from 0 to 255"):
        series.from_codes(codes)


def test_percussion_begins_at_the_onset_and_its_split_is_fixed():
    sounds, unheard, both = (gl.datasets.percussion(split) for split in ("train", "test", "all"))
    assert (len(sounds), len(unheard), sounds.shape, sounds.levels) == (79, 19, (2048,), 256)
    loud = np.abs(series.from_codes(both.x.numpy()))
    assert (loud[:, 0] > 0.01).all() and loud.max() <= 1
    names = [series.KINDS[k] for k in both.y]
    assert set(names) == set(series.KINDS)
    assert series._kind("tabla_ghe1") == "tabla" and series._kind("elec_soft_kick") == "bass drum"
    assert series._kind("drum_cowbell") == "metal" and series._kind("perc_door") == "other"


def test_the_recipe_for_sounds_beats_counts():
    sounds, unheard = gl.datasets.percussion(), gl.datasets.percussion("test")
    short = lambda data: gl.Dataset(data.x[:, :256], name="percussion", levels=256)
    model = gl.Autoregressive(short(sounds), seed=0, **gl.autoregressive.RECIPES["percussion"])
    pairs = gl.Autoregressive(short(sounds), network="counts", context=1)
    gl.run(model.steps(short(sounds)), 160)
    gl.run(pairs.steps(short(sounds)), 1)
    assert model.bits(short(unheard)) < pairs.bits(short(unheard)) - 0.2
