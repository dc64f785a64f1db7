"""Generative adversarial network (Goodfellow et al., 2014): two networks that learn by playing against each other.

Read this file from top to bottom: the knobs, the losses, the penalties, the loop, the object that holds them together.
Convolutional networks, progressive growing and adaptive augmentation are not here.
"""

import copy
import dataclasses
import math

import torch
from torch.nn.functional import one_hot, softplus

from genlab.model import Model
from genlab.parts import MLP, Adam, Params, due, knob, move_average, set_optimiser

# Each loss is a pair of functions of the discriminator's scores, shape (B,) or (K, B) in a stack:
# what the discriminator minimises, of (score_real, score_fake), and what the generator minimises, of score_fake.
# A score is a logit: the discriminator believes "real" with probability sigmoid(score).
# softplus(-s) = -log sigmoid(s) and softplus(s) = -log(1 - sigmoid(s)), without overflow.
# Add a pair of your own under a new name and pass that name as loss=.
LOSSES = {
    "nonsaturating": (
        lambda real, fake: softplus(-real).mean(-1) + softplus(fake).mean(-1),
        lambda fake: softplus(-fake).mean(-1),
    ),
    "saturating": (
        lambda real, fake: softplus(-real).mean(-1) + softplus(fake).mean(-1),
        lambda fake: -softplus(fake).mean(-1),
    ),
    "wasserstein": (  # Arjovsky et al., 2017; needs a penalty: gp (Gulrajani et al., 2017) or r1
        lambda real, fake: fake.mean(-1) - real.mean(-1),
        lambda fake: -fake.mean(-1),
    ),
}

RECIPES = {  # knobs that were measured to work on the shipped data: GAN(data, **RECIPES[data.name])
    "ring": dict(),
    "digits": dict(
        latent_dim=32, hidden=128, batch_size=64, lr_g=1e-3, lr_d=1e-3, r1=5.0, penalty_every=4, average=0.999
    ),
}


@dataclasses.dataclass
class GANParams(Params):
    """Knobs of a GAN. Live ones can change while it learns; the others need a new model."""

    hidden: int = knob(64, 1, 512, scale="log", live=False, help="Units in each hidden layer of both networks.")
    latent_dim: int = knob(2, 1, 128, scale="log", live=False, help="Random numbers that make one sample.")
    frequency: float = knob(0.0, 0.0, 32.0, live=False, help="Of waves of its input that the discriminator sees too.")
    pack: int = knob(1, 1, 16, live=False, help="Rows that the discriminator judges together.")
    loss: str = knob("nonsaturating", choices=LOSSES, help="The game that the two networks play.")
    lr_g: float = knob(2e-3, 0.0, 1.0, scale="log", help="Step size of the generator.")
    lr_d: float = knob(2e-3, 0.0, 1.0, scale="log", help="Step size of the discriminator.")
    beta1: float = knob(0.5, 0.0, 0.999, help="Adam's memory of the gradient.")
    beta2: float = knob(0.9, 0.0, 0.9999, help="Adam's memory of the gradient's size.")
    r1: float = knob(0.2, 0.0, 1000.0, scale="log", help="Weight of the R1 penalty on slopes at real rows.")
    gp: float = knob(0.0, 0.0, 1000.0, scale="log", help="Weight of the penalty that pulls slopes between rows to 1.")
    penalty_every: int = knob(1, 1, 64, scale="log", help="Penalties are taken every so many steps, that much larger.")
    average: float = knob(
        0.995,
        0.0,
        0.9999,
        help="Memory of the averaged generator, which makes the samples; early on a tenth of the steps so far.",
    )
    d_every: int = knob(1, 0, 64, help="The discriminator learns every so many steps; 0: never.")
    g_every: int = knob(1, 0, 64, help="The generator learns every so many steps; 0: never.")
    batch_size: int = knob(128, 1, 4096, scale="log", help="Rows in one step.")


class Discriminator(MLP):
    """Scores of rows, (B, *shape) to (B,), or of packs of them (Lin et al., 2018): then one score a pack, (B // pack,).

    Smooth networks are slow to see what is small. With a `frequency` it is given waves of its input too, as Tancik et
    al. (2020) do, and sees details at once.
    """

    def __init__(self, size, hidden, classes, init, *, frequency=0.0, pack=1):
        super().__init__(pack * (size * (3 if frequency else 1) + classes), hidden, (), 0, init)
        self.labels, self.frequency, self.pack = classes, frequency, pack

    def forward(self, x, y=None):
        x = x.flatten(self.row_axes)  # (B, size)
        if self.frequency:
            x = torch.cat([x, (self.frequency * x).sin(), (self.frequency * x).cos()], -1)  # (B, 3 * size)
        if self.labels:
            x = torch.cat([x, one_hot(y, self.labels).to(x)], -1)  # (B, n_in)
        if self.pack > 1:  # the rows that are left over are not judged
            x = x[..., : x.shape[-2] // self.pack * self.pack, :].unflatten(-2, (-1, self.pack)).flatten(-2)
        return super().forward(x)  # (B,)


def slope(score, x):
    """Length of the gradient of each row's score with respect to the row, squared: shape (B,) or (K, B)."""
    (gradient,) = torch.autograd.grad(score.sum(), x, create_graph=True)
    return gradient.flatten(score.dim()).square().sum(-1)


def penalty(discriminator, real, score_real, fake, y, hp, rng):
    """What keeps the discriminator smooth: R1 (Mescheder et al., 2018) and the gradient penalty (Gulrajani et al., 2017)."""
    total = 0.0
    if hp.r1 > 0:
        total = total + hp.r1 / 2 * slope(score_real, real).mean(-1)
    if hp.gp > 0:
        share = rng.uniform(real.shape[score_real.dim() - 1])  # (B,)
        share = share.reshape(share.shape + (1,) * (real.dim() - share.dim()))
        between = (share * real.detach() + (1 - share) * fake).requires_grad_()  # a random place on the way
        length = (slope(discriminator(between, y), between) + 1e-12).sqrt()
        total = total + hp.gp * (length - 1).square().mean(-1)
    return total


def gan_steps(generator, discriminator, opt_g, opt_d, average, batches, hp, rng, stages=False):
    """The training loop of a GAN: an endless generator of records, one a step.

    Parameters
    ----------
    generator, discriminator : Module
        Noise (B, latent_dim) to samples (B, *shape); samples to scores (B,). In a stack all have K first.
    opt_g, opt_d : Adam
        One optimiser a network.
    average : Module
        A copy of the generator that follows it slowly (Yazici et al., 2019).
    batches : iterable of (step, real, y)
        Real rows (B, *shape) and their labels (B,) or None.
    hp : GANParams
        Read at every step, so that a change is live.
    rng : Streams
        Where the noise comes from.
    stages : bool
        Yield also after each of the three parts of a step, to watch it from inside.

    Yields
    ------
    dict
        "step", and the losses of the players that learned in it: scalars, or (K,) in a stack.
    """
    weights, averaged = list(generator.parameters()), list(average.parameters())
    for step, real, y in batches:
        set_optimiser(opt_d, hp.lr_d, hp.beta1, hp.beta2)
        set_optimiser(opt_g, hp.lr_g, hp.beta1, hp.beta2)
        loss_of_d, loss_of_g = LOSSES[hp.loss]
        record = {"step": step}

        # 1. Make: noise becomes samples.
        fake = generator(rng.normal(hp.batch_size, hp.latent_dim), y)  # (B, *shape)
        if stages:
            yield record | {"stage": "make"}

        # 2. Judge: the discriminator learns to score real rows high and made ones low.
        if due(step, hp.d_every):
            penalised = (hp.r1 > 0 or hp.gp > 0) and due(step, hp.penalty_every)
            score_real = discriminator(real.requires_grad_(penalised), y)  # (B,)
            score_fake = discriminator(fake.detach(), y)  # (B,); detached: the generator is not to learn from this
            loss_d = loss_of_d(score_real, score_fake)  # () or (K,)
            record["loss_d"] = loss_d.detach()  # without the penalty, which comes and goes
            if penalised:
                loss_d = loss_d + hp.penalty_every * penalty(discriminator, real, score_real, fake.detach(), y, hp, rng)
            opt_d.zero_grad()
            loss_d.sum().backward()
            opt_d.step()
        if stages:
            yield record | {"stage": "judge"}

        # 3. Improve: the generator learns to make what now scores higher.
        if due(step, hp.g_every):
            loss_g = loss_of_g(discriminator(fake, y))  # () or (K,)
            opt_g.zero_grad()
            loss_g.sum().backward(inputs=weights)  # the discriminator's gradients are not wanted
            opt_g.step()
            if hp.average > 0:
                move_average(averaged, weights, step, hp.average)
            record["loss_g"] = loss_g.detach()
        if stages:
            yield record | {"stage": "improve"}
        yield record


class GAN(Model):
    """A GAN with everything that its loop needs, made for `data`.

    Parameters
    ----------
    data : Dataset or array_like
        Only its shape, scale and labels are taken; the rows are passed to :meth:`steps`.
    conditional : bool
        Whether both networks see the labels, so that ``sample(n, y=3)`` can ask for one.
    seed : int or sequence of int
        One model, or a stack with a member a seed that learns as each would alone.
    device : str
        "auto" takes a GPU where there is one.
    **knobs
        Those of :class:`GANParams`.

    Examples
    --------
    >>> import genlab as gl
    >>> data = gl.datasets.ring()
    >>> gan = gl.GAN(data, hidden=32, seed=1)
    >>> run = gl.run(gan.steps(data), steps=10)
    >>> gan.sample(5).shape
    torch.Size([5, 2])

    Raises
    ------
    ValueError
        One message that lists every bad knob, seed and label.
    """

    Params = GANParams
    networks = ("generator", "discriminator", "average")
    optimisers = ("opt_g", "opt_d")

    def build(self, init):
        """Make the networks from first weights drawn by `init`, and an optimiser for each player."""
        hp, size = self.hp, math.prod(self.shape)
        self.generator = MLP(hp.latent_dim, hp.hidden, self.shape, self.classes, init, bounded=self.image)
        seen = dict(frequency=hp.frequency, pack=hp.pack)
        self.discriminator = Discriminator(size, hp.hidden, self.classes, init, **seen)
        self.generator.to(self.device), self.discriminator.to(self.device)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.opt_g, self.opt_d = Adam(self.generator.parameters()), Adam(self.discriminator.parameters())

    def loop(self, batches, *, stages=False):
        return gan_steps(
            self.generator, self.discriminator, self.opt_g, self.opt_d, self.average, batches, self.hp, self.rng, stages
        )

    @torch.no_grad()
    def sample(self, n, *, y=None, seed=None, averaged=True):
        """Make n samples in native values: (n, *shape), or (K, n, *shape) from a stack.

        Parameters
        ----------
        n : int
        y : int or sequence of int, optional
            The label wanted, one for all or one each; without it a conditional GAN takes a random one each.
        seed : int, optional
            For the same draw every time. Looking never changes learning, with or without it.
        averaged : bool
            From the averaged generator, which is steadier, or from the one that learns.
        """
        n, stream = self._how_many(n), self._look(seed)
        y = self._labels(n, y, stream)
        return self.make(stream.normal(n, self.hp.latent_dim), y=y, averaged=averaged)

    @torch.no_grad()
    def make(self, z, *, y=None, averaged=True):
        """Samples in native values for given noise z (n, latent_dim), and labels (n,) if conditional."""
        z = self._rows(z, (self.hp.latent_dim,), "z")
        network = self.average if averaged and self.hp.average > 0 else self.generator
        return self.scale.back(network(z, self._labels(z.shape[-2], y)))

    @torch.no_grad()
    def score(self, x, *, y=None):
        """The discriminator's scores (n,) of native rows x; sigmoid makes them its belief that a row is real."""
        x = self._rows(x, self.shape, "x")
        n = x.shape[0 if self.members is None else 1]
        return self._judge(self.scale.forward(x), self._labels(n, y))

    def pull(self, x, *, y=None):
        """Where the generator would move each native row x next: minus its loss's gradient there, (n, *shape)."""
        x = self._rows(x, self.shape, "x")
        n = x.shape[0 if self.members is None else 1]
        scaled = self.scale.forward(x).requires_grad_()
        _, loss_of_g = LOSSES[self.hp.loss]
        (gradient,) = torch.autograd.grad(loss_of_g(self._judge(scaled, self._labels(n, y))).sum(), scaled)
        return -n * gradient / self.scale.factor  # of one row's own loss, and no matter how many are asked about

    def gradient_norm(self, n=256, *, seed=None):
        """Length of the generator's gradient from n samples, which Adam's steps hide: a scalar, or (K,) from a stack."""
        stream = self._look(seed)
        z, y = stream.normal(self._how_many(n), self.hp.latent_dim), self._labels(n, None, stream)
        _, loss_of_g = LOSSES[self.hp.loss]
        loss = loss_of_g(self.discriminator(self.generator(z, y), y))
        slopes = torch.autograd.grad(loss.sum(), list(self.generator.parameters()))
        return sum(slope.flatten(loss.dim()).square().sum(-1) for slope in slopes).sqrt()

    def _judge(self, x, y):
        """Scores of scaled rows, one each: (n,). A row that is judged in packs fills a pack of its own."""
        if self.hp.pack > 1:
            rows = self.discriminator.row_axes - 1
            x, y = (None if v is None else v.repeat_interleave(self.hp.pack, rows) for v in (x, y))
        return self.discriminator(x, y)
