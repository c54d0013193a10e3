"""Adam (D. P. Kingma, J. Ba, ICLR 2015) for a handful of knobs.

torch.optim does the same, but its first optimizer of a process imports torch's compiler, which takes longer than many a
whole search here.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Adam:
    """Moves tensors against their gradients; the rate is given at each step.

    >>> x = torch.tensor([4.0], requires_grad=True)
    >>> adam = Adam([x])
    >>> for n in range(200):
    ...     adam.step((x - 1).square().sum(), 0.2 * (1 - n / 200))
    >>> round(x.item(), 2)
    1.0
    """

    def __init__(self, unknowns: Sequence[Tensor], betas: tuple[float, float] = (0.9, 0.98)) -> None:
        self._unknowns = list(unknowns)
        self._betas = betas
        self._mean = [torch.zeros_like(unknown) for unknown in self._unknowns]
        self._square = [torch.zeros_like(unknown) for unknown in self._unknowns]
        self._steps = 0

    def step(self, loss: Tensor, rate: float) -> None:
        """One step down the loss; unknowns that it does not depend on stay."""
        gradients = torch.autograd.grad(loss, self._unknowns, allow_unused=True)
        self._steps += 1
        fades = [1 - beta**self._steps for beta in self._betas]
        with torch.no_grad():
            for unknown, gradient, mean, square in zip(
                self._unknowns, gradients, self._mean, self._square, strict=True
            ):
                if gradient is None:
                    continue
                mean.lerp_(gradient, 1 - self._betas[0])
                square.lerp_(gradient.square(), 1 - self._betas[1])
                unknown -= rate * (mean / fades[0]) / ((square / fades[1]).sqrt() + 1e-8)
