"""Maximum likelihood for models whose parameters are all positive.

Here: the optimiser and the standard errors, shared by the lifetime-value models. Not here: any
likelihood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from orchestration.lib.science import NotEstimable

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]
LARGEST = np.log(1e6)  # beyond this a parameter changes no prediction any more
FLAT = 1e-5  # log-likelihood per observation and per unit of a parameter's logarithm
LEAST_CURVATURE = 1e-2  # a logarithm that is known to ± 10 is not known
DELTA_STEP = 1e-4  # of a parameter's logarithm; half or twice as much changes the sixth digit


@dataclass(frozen=True)
class Maximum:
    """Parameters, the log-likelihood there, and the covariance of the parameters' logarithms.

    The covariance is NaN where the maximum lies on the edge of what the parameters can be;
    `known_covariance` is there that of what the data still determine, say a rate but no spread.
    """

    parameters: tuple[float, ...]
    log_likelihood: float
    log_covariance: Floats
    observations: float
    converged: bool
    known_covariance: Floats | None = None

    @property
    def is_on_boundary(self) -> bool:
        """Whether the estimate is that of a simpler model (all alike, or nobody drops out)."""
        return bool(np.isnan(self.log_covariance).any())

    @property
    def standard_errors(self) -> tuple[float, ...]:
        """Standard error of each parameter, by the delta method."""
        errors = np.array(self.parameters) * np.sqrt(np.diag(self.log_covariance))
        return tuple(errors.tolist())


def maximise(
    log_likelihood: Objective,
    start: tuple[float, ...],
    observations: float,
    most_evaluations: float = np.inf,
) -> Maximum:
    """Maximise a log-likelihood given with its gradient, searching over the logarithms.

    The objective is scaled by the number of observations, so that the stopping rule means the same
    for ten customers and for a million. Raises NotEstimable where there is no maximum, or none
    within `most_evaluations`.
    """
    count = 0

    def objective(logs: Floats) -> tuple[float, Floats]:
        nonlocal count
        count += 1
        if count > most_evaluations:
            raise NotEstimable("the fit did not converge")
        value, gradient = log_likelihood(np.exp(logs))
        return -value / observations, -gradient * np.exp(logs) / observations

    found = minimize(
        objective,
        np.log(start),
        jac=True,
        # As exact as L-BFGS-B and, on a machine that is busy, ten times as fast: that one waits for
        # the threads of its linear algebra at every step.
        method="SLSQP",
        bounds=[(-LARGEST, LARGEST)] * len(start),
        options={"maxiter": 500, "ftol": 1e-15},
    )
    if not np.isfinite(found.fun):
        raise NotEstimable("the likelihood has no maximum on these data")
    # A stopping rule can also be met far from the top: there the gradient is not flat.
    slope = objective(found.x)[1]
    slope[(found.x > LARGEST - 1e-6) & (slope < 0) | (found.x < 1e-6 - LARGEST) & (slope > 0)] = 0
    # On the edge (customers all alike, or nobody drops out) the estimate is the simpler model's,
    # and good; the curvature there says nothing, so there is no standard error.
    # The search may stop just short of it, where nothing changes any more.
    on_edge = np.any(np.abs(found.x) > LARGEST - np.log(2))
    information = observations * _hessian(objective, found.x)
    curvature, direction = np.linalg.eigh(information)
    curved = not on_edge and np.all(curvature > 0)
    unknown = np.full_like(information, np.nan)
    # On the edge the likelihood is flat in the directions that the simpler model does not have, and
    # so is every prediction.
    known = curvature > (0 if curved else LEAST_CURVATURE)
    return Maximum(
        parameters=tuple(float(p) for p in np.exp(found.x)),
        log_likelihood=float(-found.fun * observations),
        log_covariance=np.asarray(np.linalg.inv(information) if curved else unknown),
        observations=float(observations),
        converged=bool(np.abs(slope).max() < FLAT),
        known_covariance=(direction[:, known] / curvature[known]) @ direction[:, known].T,
    )


def delta_variance(prediction: Callable[[Floats], Floats], found: Maximum) -> Floats:
    """Variance that the error of the parameters gives to each predicted value (delta method).

    NaN where the parameters have no covariance. Only the expectation is uncertain in this sense:
    what a single customer will do varies far more.
    """
    gradient = _gradient(prediction, found)
    return np.asarray(np.einsum("...i,ij,...j->...", gradient, found.log_covariance, gradient))


def error_loadings(prediction: Callable[[Floats], Floats], found: Maximum) -> Floats:
    """What one standard error of each of the independent directions of error moves a prediction by.

    In the last dimension: the sum of their squares is the variance that the error of the parameters
    gives to a prediction; of predictions that share it, loadings are summed first.
    """
    spread, direction = np.linalg.eigh(np.asarray(found.known_covariance))
    factor = direction * np.sqrt(np.maximum(spread, 0))
    return np.asarray(_gradient(prediction, found) @ factor)


def _gradient(prediction: Callable[[Floats], Floats], found: Maximum) -> Floats:
    """By the logarithms of the parameters, in the last dimension."""
    logs = np.log(found.parameters)
    slopes = [
        (prediction(np.exp(logs + unit)) - prediction(np.exp(logs - unit))) / (2 * DELTA_STEP)
        for unit in DELTA_STEP * np.eye(len(logs))
    ]
    return np.stack(slopes, axis=-1)


def _hessian(objective: Objective, at: Floats, step: float = 1e-5) -> Floats:
    """Second derivatives as central differences of the exact gradient, made symmetric."""
    columns = []
    for unit in np.eye(len(at)):
        above, below = objective(at + step * unit)[1], objective(at - step * unit)[1]
        columns.append((above - below) / (2 * step))
    hessian = np.array(columns)
    return (hessian + hessian.T) / 2
