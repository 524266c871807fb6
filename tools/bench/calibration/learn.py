#!/usr/bin/env python3
"""Learns the networks of daemon/forecast/calibration from samples.

    samples --out samples.bin --data DIRECTORY
    learn.py samples.bin daemon/forecast/calibration/networks.cc

Needs numpy. The same samples give the same networks on one machine. Says how
many values lie within the intervals before and after, in each group of samples:
0 is the random series, the rest are the competitions in the order of
samples.cc.
"""

import sys

import numpy as np

INPUTS = 24
PROBABILITIES = np.array([0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99])
# The quantiles that are learned from, and the output that each depends on.
QUANTILES = {1: 2, 3: 1, 4: 0, 6: 0, 7: 1, 9: 2}
NETWORKS = 5
UNITS = 32
EPOCHS = 24
BATCH = 2048
RATE = 3e-3
DECAY = 6e-4
MOST_INPUT = 4
# Values further from the point than this many spreads are drawn in, so that a
# few do not decide.
MOST_DISTANCE = 12
# Pools whose quantiles lie further out are degenerate.
MOST_QUANTILE = 6


# Edges of the cells of random series that are balanced: the logarithm of the
# length, drift, and the return to the line, by their place among the inputs.
CELLS = {0: np.log([10, 20, 35, 48, 80, 150, 400]), 10: [0.03, 0.1, 0.16, 0.24],
         14: [-2.5, -1.6, -1, -0.5]}
MOST_BALANCE = 4


def balance(inputs):
    """What each row counts so that rare kinds of series are learned as well as
    common ones: the root of how much rarer its cell is than the mean cell. What
    comes of series of a kind stays as it is."""
    cell = np.zeros(len(inputs), int)
    for column, edges in CELLS.items():
        cell = cell * (len(edges) + 1) + np.digitize(inputs[:, column], edges)
    _, cell, count = np.unique(cell, return_inverse=True, return_counts=True)
    return np.clip(np.sqrt(count.mean() / count), 1 / MOST_BALANCE, MOST_BALANCE)[cell]


def read(path):
    """Groups, weights, inputs, quantiles and values of the samples."""
    rows = np.fromfile(path).reshape(-1, 2 + INPUTS + len(PROBABILITIES) + 1)
    group, weight = rows[:, 0].astype(int), rows[:, 1]
    inputs = rows[:, 2:2 + INPUTS]
    quantiles, values = rows[:, 2 + INPUTS:-1], rows[:, -1]
    good = (np.isfinite(rows).all(1) & (np.abs(quantiles[:, [1, 9]]).max(1) < MOST_QUANTILE))
    weight = weight.copy()
    weight[group == 0] *= balance(inputs[group == 0])
    count = weight[good & (group == 0)].sum()
    for g in range(1, group.max() + 1):
        # The weights of a group are its share of the random series.
        members = good & (group == g)
        share = weight[members].max()
        weight[members] *= count / weight[members].sum() * share
    values = np.clip(values, -MOST_DISTANCE, MOST_DISTANCE)
    return (group[good], weight[good], inputs[good].astype(np.float32),
            quantiles[good].astype(np.float32), values[good].astype(np.float32))


class Network:
    """One hidden layer of hyperbolic tangents; three outputs."""

    def __init__(self, generator):
        self.parts = [
            generator.normal(0, 0.5 / np.sqrt(INPUTS), (INPUTS, UNITS)),
            np.zeros(UNITS), np.zeros((UNITS, 3)), np.zeros(3)]

    def hidden(self, x):
        return np.tanh(x @ self.parts[0] + self.parts[1])

    def output(self, x):
        return self.hidden(x) @ self.parts[2] + self.parts[3]


def slopes(outputs, quantiles, values):
    """Of the pinball loss at the outputs, over the distance of the quantile from the
    point: where pools are far too wide, the loss itself is small, and they count as
    much as others. It is zero where as many values lie below as should."""
    slope = np.zeros_like(outputs)
    for column, k in QUANTILES.items():
        p = PROBABILITIES[column]
        quantile = quantiles[:, column] * np.exp(np.clip(outputs[:, k], -1.5, 1.8))
        side = np.where(values > quantile, -p, 1 - p)
        slope[:, k] += side * np.sign(quantile) / np.sqrt(p * (1 - p))
    return slope


def learn(x, weight, quantiles, values, seed):
    """By Adam (Kingma, Ba 2015), with weights that decay."""
    generator = np.random.default_rng(seed)
    network = Network(generator)
    first = [np.zeros_like(part) for part in network.parts]
    second = [np.zeros_like(part) for part in network.parts]
    step = 0
    for epoch in range(EPOCHS):
        rate = RATE * (1 if epoch < 0.6 * EPOCHS else 0.3 if epoch < 0.85 * EPOCHS else 0.1)
        order = generator.permutation(len(values))
        for start in range(0, len(values), BATCH):
            batch = order[start:start + BATCH]
            hidden = network.hidden(x[batch])
            outputs = hidden @ network.parts[2] + network.parts[3]
            slope = slopes(outputs, quantiles[batch], values[batch])
            slope *= weight[batch][:, None] / len(batch)
            back = (slope @ network.parts[2].T) * (1 - hidden * hidden)
            gradients = [x[batch].T @ back + DECAY * network.parts[0], back.sum(0),
                         hidden.T @ slope + DECAY * network.parts[2], slope.sum(0)]
            step += 1
            for part, gradient, mean, square in zip(network.parts, gradients, first, second):
                mean += 0.1 * (gradient - mean)
                square += 0.001 * (gradient * gradient - square)
                part -= rate * (mean / (1 - 0.9**step)) / (
                    np.sqrt(square / (1 - 0.999**step)) + 1e-9)
    return network


def report(name, groups, weight, quantiles, values, factors):
    for g in sorted(set(groups)):
        members = groups == g
        parts = []
        for level, low, high, k in ((50, 4, 6, 0), (80, 3, 7, 1), (95, 1, 9, 2)):
            factor = factors[members, k]
            inside = ((values[members] >= factor * quantiles[members, low])
                      & (values[members] <= factor * quantiles[members, high]))
            share = np.average(inside, weights=weight[members])
            parts.append(f"{level} %: {100 * share:.1f}")
        print(f"{name} group {g}, {members.sum()} steps: {', '.join(parts)}")


def numbers(values):
    return ", ".join(f"{value:.4g}f" if "." in f"{value:.4g}" or "e" in f"{value:.4g}"
                     else f"{value:.4g}.f" for value in values)


def write(path, centres, scales, networks):
    units = []
    for network in networks:
        inputs, biases, outputs, _ = network.parts
        for u in range(UNITS):
            units.append(f"    {{{numbers([biases[u]])},\n     {{{numbers(inputs[:, u])}}},\n"
                         f"     {{{numbers(outputs[u] / len(networks))}}}}},\n")
    biases = np.mean([network.parts[3] for network in networks], axis=0)
    with open(path, "w") as file:
        file.write(f"""// Written by tools/bench/calibration/learn.py.
#include "daemon/forecast/calibration/networks.h"

namespace headway::forecast {{
namespace {{

// clang-format off
constexpr Unit kUnits[] = {{
{"".join(units)}}};
// clang-format on

}}  // namespace

const Network& SpreadNetwork() {{
  // clang-format off
  static constexpr Network kNetwork = {{
    {{{numbers(centres)}}},
    {{{numbers(scales)}}},
    {{{numbers(biases)}}},
    kUnits}};
  // clang-format on
  return kNetwork;
}}

}}  // namespace headway::forecast
""")


def main():
    source, target = sys.argv[1:]
    groups, weight, inputs, quantiles, values = read(source)
    centres = np.average(inputs, axis=0, weights=weight)
    scales = np.sqrt(np.average((inputs - centres)**2, axis=0, weights=weight)) + 1e-3
    x = np.clip((inputs - centres) / scales, -MOST_INPUT, MOST_INPUT)
    weight /= weight.mean()
    networks = [learn(x, weight, quantiles, values, seed) for seed in range(NETWORKS)]
    outputs = np.mean([network.output(x) for network in networks], axis=0)
    report("before,", groups, weight, quantiles, values, np.ones_like(outputs))
    report("after,", groups, weight, quantiles, values, np.exp(np.clip(outputs, -1.5, 1.8)))
    write(target, centres, scales, networks)


main()
