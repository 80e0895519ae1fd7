// What networks trained on ImageNet share: size and normalisation of their input, number of classes.

/** Size in pixels, and per-channel mean and standard deviation of RGB in [0, 1], as torchvision's published weights expect them. */
export const imageNetInput = { size: 224, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** Normalisation of the networks that were first trained in TensorFlow: RGB to [−1, 1]. */
export const tensorFlowInput = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** Classes of ImageNet's challenge of 2012. */
export const imageNetClasses = 1000;
