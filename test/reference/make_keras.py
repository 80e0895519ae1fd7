# Writes test/onnx/keras.legacy17.onnx, a small network by Keras and tf2onnx (channels last, folded batch norm), and its numbers into onnx.json.
# Run in this folder after make_onnx.py: python make_keras.py (made with tensorflow 2.21, keras 3.15, tf2onnx 1.17).
import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from formula import image_batch, parameter
from keras import layers

SIZE, CLASSES, EVERY = 32, 5, 29


def network():
    images = keras.Input((SIZE, SIZE, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(images)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    y = layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x))
    x = layers.Add()([x, layers.Conv2D(8, 1)(layers.Activation("swish")(y))])
    x = layers.LayerNormalization()(layers.Conv2D(16, 3, strides=2, padding="same")(x))
    x = layers.Conv2D(12, 1)(layers.MaxPooling2D(2)(layers.ReLU()(x)))
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(layers.ReLU()(x)))
    return keras.Model(images, layers.Dense(CLASSES)(x))


def kind_of(path, shape):
    part = path.split("/")[-1]
    return {"gamma": "scale", "moving_variance": "variance", "moving_mean": "mean", "beta": "shift", "bias": "shift"}.get(part, "weight")


def numbers(values, every=1):
    return [float(f"{value:.7g}") for value in np.asarray(values).flatten().tolist()[::every]]


if __name__ == "__main__":
    model = network()
    for i, weight in enumerate(model.weights):
        # A kernel's outputs come last in Keras.
        shape = tuple(weight.shape)
        values = parameter(kind_of(weight.path, shape), f"keras {i}", shape[::-1])
        weight.assign(values.transpose())
    images = tf.constant(np.transpose(image_batch("images", (2, 3, SIZE, SIZE)), (0, 2, 3, 1)))
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = model(images, training=False)
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(tf.constant([1, 3]), logits, from_logits=True))
    gradient = np.transpose(tape.gradient(loss, images), (0, 3, 1, 2))
    signature = (tf.TensorSpec((None, SIZE, SIZE, 3), tf.float32, name="images"),)
    function = tf.function(lambda x: model(x, training=False), input_signature=signature)
    tf2onnx.convert.from_function(function, input_signature=signature, opset=17, output_path="../onnx/keras.legacy17.onnx")
    known = json.load(open("onnx.json"))
    known["networks"]["keras"] = {"logits": numbers(logits), "gradient": numbers(gradient, EVERY)}
    with open("onnx.json", "w") as file:
        rows = [f"{json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in sorted(known["networks"].items())]
        file.write('{"every": %d, "networks": {\n%s\n}}\n' % (EVERY, ",\n".join(rows)))
