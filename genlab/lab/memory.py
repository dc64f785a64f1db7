"""The lab's time machine: states of a run, kept now and then at a bounded cost, so that it can go back."""

import time


class Memory:
    """States by step: evenly spaced, and thinned by half whenever they are too many or too large."""

    KEPT, BYTES = 32, 64_000_000  # states, and what they may weigh together
    SHARE = 0.005  # of the time that keeping may take

    def __init__(self, model):
        self.states, self.stride, self.next = {}, 1, 0.0
        self.keep(model)

    def due(self, step):
        """Whether the state of this step should be kept."""
        return step - max(self.states) >= self.stride and time.perf_counter() >= self.next

    def keep(self, model):
        start = time.perf_counter()
        tensors, rest = state = model.state()
        self.states[model.step] = state
        room = self.BYTES // max(1, sum(tensor.nbytes for tensor in tensors.values()))
        while len(self.states) > max(2, min(self.KEPT, room)):
            steps = sorted(self.states)
            for step in steps[1::2] if len(steps) > 3 else steps[1:2]:  # never the first
                del self.states[step]
            self.stride *= 2
        end = time.perf_counter()
        self.next = end + (end - start) / self.SHARE

    def before(self, step):
        """The newest state kept up to `step`, as ``model.state()`` gave it."""
        return self.states[max(kept for kept in self.states if kept <= step)]

    def forget(self, step):
        """Drop what was kept after `step`."""
        self.states = {kept: state for kept, state in self.states.items() if kept <= step}
