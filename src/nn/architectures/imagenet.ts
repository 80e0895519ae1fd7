// Constants of networks trained on ImageNet: size and normalisation of their input, number of classes.

/** Size in pixels, and per-channel mean and standard deviation of RGB in [0, 1], as torchvision's published weights expect them. */
export const imageNetInput = { size: 224, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** Normalisation of networks that were originally trained in TensorFlow: RGB to [−1, 1]. */
export const tensorFlowInput = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** Number of classes of the ImageNet challenge of 2012. */
export const imageNetClasses = 1000;
