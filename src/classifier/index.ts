// The classifier layer's public API: what a product needs to use a trained model; no training code is loaded by it.

export { type Classifier, type FilePrediction, loadClassifier, type Prediction } from "./classifier.ts";
