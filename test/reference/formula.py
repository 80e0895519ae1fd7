# Numbers that both languages compute alike, so that no large file need be committed; test/reference/formula.ts is the same in TypeScript.
import math

import numpy as np


def uniforms(name, count):
    """`count` numbers in [0, 1), multiples of 2**-24: FNV-1a of the name, then MurmurHash3's finaliser of that plus the index."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    h = (np.uint32(seed) + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)).astype(np.uint32)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float64) / 2**24


def image_batch(name, shape):
    """A batch of noise of mean 0 and variance 1, float32."""
    return ((2 * uniforms(name, math.prod(shape)) - 1) * math.sqrt(3)).astype(np.float32).reshape(shape)


# Scales of residual branches, small so that attention after many of them still weighs more than one place.
RESIDUAL = ("proj.ln.bn.weight", "mlp.ln2.bn.weight", "layer_scale.gamma")


def parameter(kind, name, shape):
    """The values of a parameter: weights uniform with variance 2 / fan-in, the others in the ranges that trained networks have."""
    u = uniforms(name, math.prod(shape))
    if kind == "weight":
        values = (2 * u - 1) * math.sqrt(6 / math.prod(shape[1:]))
    elif kind in ("scale", "variance"):
        values = (0.5 + u) * (0.1 if name.endswith(RESIDUAL) else 1)
    else:
        values = 0.2 * (2 * u - 1)
    return values.astype(np.float32).reshape(shape)


def kind_of(name, shape):
    """What a parameter in torchvision's or timm's naming is for, in thaw's words."""
    part = name.rsplit(".", 1)[-1]
    if part == "running_mean":
        return "mean"
    if part == "running_var":
        return "variance"
    if part in ("pos_embed", "cls_token", "attention_biases"):
        return "shift"
    if part in ("layer_scale", "gamma", "scale"):
        return "scale"
    return "weight" if len(shape) > 1 else "scale" if part == "weight" else "shift"
