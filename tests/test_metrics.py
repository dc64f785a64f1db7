"""Each metric on answers that are known beforehand: fresh real rows, a part of them, a copy, noise, blur."""

import math
import pickle
import subprocess
import sys

import pytest
import torch

from genlab import datasets, metrics


@pytest.fixture(scope="module")
def ring():
    return datasets.ring(seed=1)


@pytest.fixture(scope="module")
def fresh():
    return datasets.ring(seed=2).x


@pytest.fixture(scope="module")
def train():
    return datasets.digits("train")


@pytest.fixture(scope="module")
def test():
    return datasets.digits("test")


@pytest.fixture(scope="module")
def judge():
    return metrics.judge()


def modes_only(data, keep, n=1000, seed=3):
    rng = torch.Generator().manual_seed(seed)
    centres = data.modes[torch.randint(keep, (n,), generator=rng)]
    return centres + data.spread * torch.randn(n, 2, generator=rng)


def noise(n, seed=4):
    return 16 * torch.rand(n, 1, 8, 8, generator=torch.Generator().manual_seed(seed))


def blurred(x, weight):
    """Each pixel mixed with the mean of its four neighbours."""
    padded = torch.nn.functional.pad(x, (1, 1, 1, 1), mode="replicate")
    around = padded[..., :-2, 1:-1] + padded[..., 2:, 1:-1] + padded[..., 1:-1, :-2] + padded[..., 1:-1, 2:]
    return (1 - weight) * x + weight * around / 4


# -- scores -----------------------------------------------------------------------------------------------------------


def test_score_is_a_number_that_shows_its_floor():
    score = metrics.Score(8, name="modes covered", floor=8)
    assert score == 8 and score + 1 == 9 and f"{score:.1f}" == "8.0"
    assert repr(score) == f"{score}" == "modes covered 8 (real data: 8)"
    assert repr(metrics.Score(0.5, name="straightness")) == "straightness 0.5"
    again = pickle.loads(pickle.dumps(score))
    assert (again, again.name, again.floor) == (8, "modes covered", 8)


def test_import_is_quick():
    code = "import sys, genlab.metrics; print([m for m in ('sklearn', 'scipy', 'pandas', 'matplotlib') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


# -- without a judge --------------------------------------------------------------------------------------------------


def test_fresh_rows_score_at_the_floor(ring, fresh):
    scores = [metrics.distance(fresh[i : i + 500], ring) for i in range(0, 4000, 500)]
    assert 0.5 < sum(scores) / len(scores) / scores[0].floor < 1.5
    assert max(scores) < 2 * scores[0].floor


def test_distance_of_a_shift_is_known(ring):
    for size in (0.5, 2.0):
        moved = ring.x + torch.tensor([size, 0.0])
        assert metrics.distance(moved, ring) == pytest.approx(size * 2 / math.pi, rel=0.15)  # mean of |cos| over angles


def test_distance_in_one_dimension_is_the_sorted_difference():
    x = torch.arange(100.0)[:, None]
    data = datasets.Dataset(x)
    assert metrics.distance(x + 30, data) == pytest.approx(30, abs=6)  # half of the rows against half of them


def test_distance_does_not_depend_on_the_order_of_rows(ring, fresh):
    by_angle = fresh[torch.atan2(fresh[:, 1], fresh[:, 0]).argsort()]
    assert metrics.distance(by_angle, ring) < 2 * metrics.distance(by_angle, ring).floor


def test_distance_of_images_falls_as_noise_is_taken_out(train, test):
    scores = [metrics.distance((1 - s) * test.x + s * noise(len(test)), train) for s in (1, 0.7, 0.4, 0.0)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 5 * scores[0].floor and scores[-1] < 1.5 * scores[-1].floor


@pytest.mark.parametrize("keep", [1, 3, 8])
def test_modes_are_counted(ring, keep):
    x = modes_only(ring, keep)
    score = metrics.modes_covered(x, ring)
    assert (score, score.floor) == (keep, 8)
    assert metrics.imbalance(x, ring) == pytest.approx(math.log(8 / keep), abs=0.01)
    assert metrics.share_near(x, ring) == pytest.approx(1 - math.exp(-4.5), abs=0.01)  # of a normal in the plane


def test_a_mode_with_a_fifth_of_its_share_is_not_covered(ring):
    few, enough = 25, 32  # of 125 fair ones, of which a quarter is 31.25
    rows = modes_only(ring, 1, n=1000 - few)
    assert metrics.modes_covered(torch.cat([rows, ring.modes[1:2].repeat(few, 1)]), ring) == 1
    rows = modes_only(ring, 1, n=1000 - enough)
    assert metrics.modes_covered(torch.cat([rows, ring.modes[1:2].repeat(enough, 1)]), ring) == 2


def test_smeared_samples_are_near_no_mode(ring):
    angle = torch.linspace(0, 2 * math.pi, 1000)
    circle = 2 * torch.stack([angle.cos(), angle.sin()], 1)
    share = 8 * 2 * 2 * math.asin(0.15 / 4) / (2 * math.pi)  # arcs within .15 of a mode, on a circle of radius 2
    assert metrics.share_near(circle, ring) == pytest.approx(share, abs=0.01)
    assert metrics.share_near(10 + circle, ring) == 0 and metrics.modes_covered(10 + circle, ring) == 0


def test_panel_of_the_lab(ring, fresh, train, test):
    assert set(metrics.quality(fresh[:500], ring)) == {"distance", "modes"}
    assert set(metrics.quality(test.x, train)) == {"distance"}


def test_pairs_of_texts_are_compared_up_to_their_end():
    data = datasets.names()
    half = metrics.pairs(data.x[::2], data)
    assert 0.5 * half.floor < half < 1.5 * half.floor < 0.25  # real names against real names
    assert metrics.pairs(data.x[::2].flip(1).clone().fill_(5), data) > 0.9  # eeeeeeeeeeee
    mixed = torch.stack([row[torch.randperm(12, generator=torch.Generator().manual_seed(1))] for row in data.x[:500]])
    assert metrics.pairs(mixed, data) > 2 * half.floor
    ab = datasets.Dataset([[1, 2, 0]] * 40 + [[2, 1, 0]] * 40, levels=3, symbols=".ab", end=0, name="ab")
    assert metrics.pairs([[1, 2, 0]] * 40, ab) == pytest.approx(0.5, abs=0.2)
    assert metrics.quality(data.x[:300], data).keys() == {"pairs"}
    with pytest.raises(ValueError, match="are no texts"):
        metrics.pairs(torch.zeros(30, 2), datasets.ring(n=100))


def test_sharpness_falls_with_blur_and_rises_with_noise(test):
    real = metrics.sharpness(test.x, test)
    assert real == real.floor
    scores = [metrics.sharpness(blurred(test.x, w), test) for w in (0.0, 0.2, 0.4, 0.6)]
    assert scores == sorted(scores, reverse=True) and scores[-1] < 0.6 * real.floor
    assert metrics.sharpness(noise(400), test) > 2 * real.floor
    assert metrics.sharpness(torch.full((3, 1, 8, 8), 5.0), test) == 0


def test_sharpness_of_white_noise_is_known(test):
    assert metrics.sharpness(noise(4000), test) == pytest.approx(16 + 4, rel=0.05)  # squares of the Laplacian's weights


def test_detail_falls_with_blur_and_of_known_images_is_known(test):
    scores = [metrics.detail(blurred(test.x, w), test) for w in (0.0, 0.2, 0.4, 0.6)]
    assert scores[0] == scores[0].floor and scores == sorted(scores, reverse=True) and scores[-1] < 0.6 * scores[0]
    across = torch.arange(8.0)
    for waves, share in ((1, 0), (2, 0), (3, 1), (4, 1)):  # waves across 8 pixels; finer than four pixels from 3 on
        image = 8 + 5 * (2 * math.pi * waves * across / 8).cos().expand(1, 1, 8, 8)
        assert metrics.detail(image, test) == pytest.approx(share, abs=1e-4)
    assert metrics.detail(torch.full((3, 1, 8, 8), 5.0), test) == 0
    assert metrics.detail(noise(4000), test) == pytest.approx(51 / 63, rel=0.05)  # of its 63 waves, 51 are fine


def test_straightness_of_known_paths():
    line = torch.linspace(0, 1, 20)[:, None] * torch.tensor([[3.0, 4.0]])
    angle = torch.linspace(0, math.pi, 500)
    half = torch.stack([angle.cos(), angle.sin()], 1)
    assert metrics.straightness(line) == pytest.approx(1)
    assert metrics.straightness(half) == pytest.approx(2 / math.pi, rel=1e-3)
    assert metrics.straightness(torch.stack([half, half])) == pytest.approx(2 / math.pi, rel=1e-3)
    assert math.isnan(metrics.straightness(line).floor)


def test_copies_are_nearer_to_the_training_rows_and_fresh_rows_are_not(train, test):
    copied = metrics.nearest(train.x[:400], train, test)
    assert copied.nearer and "nearer to the training rows than chance" in str(copied)
    perturbed = train.x[:400] + torch.randn(400, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert metrics.nearest(perturbed, train, test).nearer
    images = test.x[torch.randperm(len(test), generator=torch.Generator().manual_seed(0))]
    rest = datasets.Dataset(images[:220], range=(0, 16))
    honest = metrics.nearest(images[220:], train, rest)
    assert not honest.nearer and "no nearer within noise" in str(honest)
    assert not metrics.nearest(noise(200), train, test).nearer


def test_nearest_raises_no_false_alarm_more_often_than_it_says():
    """Rows of one normal, split at random: the difference leaves its 97.5 % bound in about 1 of 40 cases."""
    alarms = 0
    for seed in range(60):
        x = torch.randn(300, 3, generator=torch.Generator().manual_seed(seed))
        alarms += metrics.nearest(x[:60], datasets.Dataset(x[60:240]), datasets.Dataset(x[240:])).nearer
    assert alarms <= 6  # 60 cases at 2.5 %: more than 6 has a chance of 1 in 1,000


# -- with a judge -----------------------------------------------------------------------------------------------------


def test_judge_is_good_on_rows_that_it_never_saw(judge, train, test):
    assert judge.accuracy > 0.95 and "held-out" in repr(judge)
    assert judge.features(test.x).shape == (len(test), 64)
    chances = judge.probabilities(test.x)
    assert torch.allclose(chances.sum(1), torch.ones(len(test), dtype=chances.dtype))
    assert torch.equal(chances.argmax(1), judge.classify(test.x))
    assert metrics.judge() is judge
    assert not {row.numpy().tobytes() for row in judge.train.x} & {row.numpy().tobytes() for row in judge.held_out.x}


def test_judge_is_the_classifier_that_was_fitted(judge, train, test):
    from sklearn.neural_network import MLPClassifier

    fitted = MLPClassifier((128, 64), max_iter=500, random_state=judge.seed)
    fitted.fit((train.x.flatten(1) / 8 - 1).double().numpy(), train.y.numpy())
    chances = torch.as_tensor(fitted.predict_proba((test.x.flatten(1) / 8 - 1).double().numpy()))
    assert torch.allclose(judge.probabilities(test.x), chances, atol=1e-3)


def test_a_judge_of_two_labels_that_are_not_the_first(train, test):
    def only(data):
        keep = (data.y == 3) | (data.y == 5)
        return datasets.Dataset(data.x[keep], data.y[keep], range=data.range)

    judge = metrics.Judge(only(train), only(test))
    assert judge.accuracy > 0.9 and set(judge.classify(test.x).tolist()) == {3, 5}
    assert judge.probabilities(test.x).shape == (len(test), 2)
    assert metrics.classes_covered(only(train).x, judge) == 2


def test_fresh_digits_pass(judge, train, test):
    x = train.x[:445]
    assert metrics.classes_covered(x, judge) == metrics.classes_covered(x, judge).floor == 10
    assert metrics.label_control(test.x, test.y, judge) == pytest.approx(judge.accuracy)
    for name in ("precision", "recall"):
        score = getattr(metrics, name)(x, test, judge)
        assert score > 0.9 and score.floor > 0.9
    assert metrics.frechet(x, test, judge) < 3 * metrics.frechet(x, test, judge).floor


def test_noise_fails(judge, test):
    x = noise(445)
    assert metrics.classes_covered(x, judge) <= 2
    assert metrics.precision(x, test, judge) < 0.05 and metrics.recall(x, test, judge) < 0.05
    assert metrics.frechet(x, test, judge) > 50 * metrics.frechet(x, test, judge).floor


def test_some_classes_are_counted_and_cost_recall_not_precision(judge, train, test):
    x = train.x[train.y < 4][:445]
    assert metrics.classes_covered(x, judge) == 4
    assert metrics.precision(x, test, judge) > 0.9 and metrics.recall(x, test, judge) < 0.6


def test_one_image_repeated_has_precision_and_no_recall(judge, train, test):
    x = train.x[:1].repeat(445, 1, 1, 1)
    assert metrics.classes_covered(x, judge) == 1
    assert metrics.precision(x, test, judge) == 1 and metrics.recall(x, test, judge) < 0.05


def test_frechet_grows_with_blur_and_is_zero_for_a_copy(judge, test):
    scores = [metrics.frechet(blurred(test.x, w), test, judge) for w in (0.0, 0.2, 0.4, 0.6)]
    assert scores[0] < 1e-6 and scores == sorted(scores)


def test_frechet_of_known_normals():
    from genlab.metrics.judged import _frechet

    rng = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 200_000, 2, generator=rng, dtype=torch.float64)
    b = b * torch.tensor([2.0, 3.0]) + torch.tensor([1.0, 0.0])
    assert _frechet(a, b) == pytest.approx(1 + (2 - 1) ** 2 + (3 - 1) ** 2, rel=0.02)


def test_wrong_labels_lose_control(judge, test):
    assert metrics.label_control(test.x, (test.y + 1) % 10, judge) < 0.05
    assert metrics.label_control(test.x[test.y == 3], 3, judge) > 0.9


def test_floor_is_of_the_other_split(judge, train, test):
    assert metrics.frechet(train.x[:300], train, judge).floor > 0.1  # the held-out rows against training rows, not 0


# -- what is refused --------------------------------------------------------------------------------------------------


def test_too_few_rows(ring, judge, test):
    with pytest.raises(ValueError, match="x has 5 rows, too few to tell; give at least 20"):
        metrics.distance(ring.x[:5], ring)
    with pytest.raises(ValueError, match="give at least 80"):  # ten for each of eight modes
        metrics.modes_covered(ring.x[:79], ring)
    with pytest.raises(ValueError, match="give at least 100"):
        metrics.frechet(test.x[:50], test, judge)


def test_rows_that_are_no_numbers_any_more(ring, judge, test):
    x = ring.x.clone()
    x[3, 0] = math.nan
    with pytest.raises(ValueError, match="1 of 4000 rows of x have NaN or infinite values; the model has diverged"):
        metrics.distance(x, ring)
    with pytest.raises(ValueError, match="NaN"):
        judge.classify(test.x * math.inf)


def test_wrong_shapes(ring, judge, train, test):
    with pytest.raises(ValueError, match=r"x has shape \(4000, 1\), the data 'ring' have rows of shape \(2,\)"):
        metrics.distance(ring.x[:, :1], ring)
    with pytest.raises(ValueError, match="looks like a stack"):
        metrics.distance(torch.zeros(3, 100, 2), ring)
    with pytest.raises(ValueError, match="images of 3x3"):
        metrics.sharpness(ring.x, ring)
    with pytest.raises(ValueError, match="detail needs images of 3x3"):
        metrics.detail(ring.x, ring)
    with pytest.raises(ValueError, match=r"this judge takes rows of shape \(1, 8, 8\)"):
        judge.features(test.x.flatten(1))
    with pytest.raises(ValueError, match="m of 3 or more"):
        metrics.straightness(torch.zeros(2, 2))
    with pytest.raises(ValueError, match="do not move"):
        metrics.straightness(torch.zeros(5, 2))
    with pytest.raises(ValueError, match="held out at most as many"):
        metrics.nearest(test.x, test, train)


def test_unknown_modes(train, test):
    with pytest.raises(ValueError, match="modes of 'digits' are not known"):
        metrics.modes_covered(test.x, train)


def test_a_judge_needs_labels_and_other_rows(ring, train):
    with pytest.raises(ValueError, match=r"no labels.*same rows"):
        metrics.Judge(ring, ring)
    with pytest.raises(ValueError, match="must be alike"):
        metrics.Judge(datasets.ring(labels=True), train)
    with pytest.raises(ValueError, match="'digits'"):
        metrics.judge("ring")
