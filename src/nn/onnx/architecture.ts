// The architecture of a traced ONNX network: its stages, their layer groups, and the head's input.

import { imageNetInput } from "../architectures/imagenet.ts";
import type { Architecture, NetworkForm, Stage } from "../scope.ts";
import type { Link } from "./chain.ts";
import { formingStages, stagesAlong } from "./stages.ts";
import type { NetworkTrace } from "./trace.ts";

export interface ArchitectureSettings {
  readonly name: string;
  readonly form: NetworkForm;
  /** Name of the link at which the second group begins. */
  readonly split: string;
  /** Side of the images in pixels. */
  readonly size: number;
}

/** The architecture along `links`, from the images to the end of the body; images are normalised as for ImageNet. */
export function architectureAlong(
  trace: NetworkTrace,
  links: readonly Link[],
  { name, form, split, size }: ArchitectureSettings,
): Architecture {
  const [images] = links as [Link];
  const { shape } = links.at(-1) as Link;
  const first = new Set(
    links.slice(
      0,
      links.findIndex((link) => link.name === split),
    ),
  );
  const channelsLast: Stage = {
    name: "channels last",
    group: 0,
    apply: ({ graph }, x) => graph.add("Transpose", [x], { perm: [0, 2, 3, 1] }),
  };
  return {
    name,
    body: [
      ...(images.shape[1] === 3 ? [] : [channelsLast]),
      ...stagesAlong(trace, links, (from) => (first.has(from) ? 0 : 1)),
      ...formingStages(form),
    ],
    classifier: [],
    features: shape[form === "map-last" ? 3 : form === "tokens" || form === "patches" ? 2 : 1] as number,
    ...imageNetInput,
    size,
  };
}
