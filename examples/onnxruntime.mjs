// A classifier in a program without thaw: `thaw export photos-model` wrote photos-model.onnx and photos-model.json, which this runs with
// onnxruntime-node. sharp decodes the photograph; scaling, cropping and normalising are in the ONNX file.
//
//   npm install onnxruntime-node sharp
//   node onnxruntime.mjs photos-model dog.jpg

import { readFile } from "node:fs/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import sharp from "sharp";

const [model, photograph] = process.argv.slice(2);
const { classes, input, output } = JSON.parse(await readFile(`${model}.json`, "utf8"));
const session = await InferenceSession.create(`${model}.onnx`);

// "autoOrient" turns the photograph as its EXIF data says.
const { data, info } = await sharp(photograph).autoOrient().toColourspace("srgb").removeAlpha().raw().toBuffer({ resolveWithObject: true });
const pixels = new Tensor(input.type, data, [1, info.height, info.width, info.channels]);
const results = await session.run({ [input.name]: pixels });

const probabilities = [...results[output.name].data].map((probability, i) => ({ class: classes[i], probability }));
console.log(JSON.stringify(probabilities.sort((a, b) => b.probability - a.probability)));
