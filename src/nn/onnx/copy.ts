// Copies the nodes of an exported graph into a scope, one by one: parameters become the scope's, shapes that the file computes become
// numbers, and operators that train better in another form are rewritten (translate.ts).

import { UsageError } from "../../core/errors.ts";
import { float32, int64, type Tensor } from "../../core/tensor.ts";
import { canInfer } from "../../graph/infer.ts";
import type { Attributes, Dimension, Node, Value, ValueType } from "../../graph/types.ts";
import type { ParameterSpec, Scope } from "../scope.ts";
import { BATCH, type Copied, type Copier, isKnown, type OnnxNetwork } from "./copier.ts";
import { einsumShape } from "./einsum.ts";
import { evaluate, type Known, knownOf, shapeAsKnown } from "./known.ts";
import { translations } from "./translate.ts";

/** Operators without a shape rule whose inputs or attributes, not their inputs' sizes, say how large their result is. */
const UNBOUNDED: ReadonlySet<string> = new Set([
  ...[
    "OneHot",
    "Range",
    "RandomNormal",
    "RandomUniform",
    "Multinomial",
    "HammingWindow",
    "HannWindow",
    "BlackmanWindow",
    "MelWeightMatrix",
  ],
  ...["AffineGrid", "MaxUnpool", "Col2Im", "STFT", "DFT", "TfIdfVectorizer", "RoiAlign", "MaxRoiPool", "NonMaxSuppression", "GatherND"],
  ...["Upsample", "CenterCropPad"],
]);

export class Copy implements Copier {
  readonly scope: Scope;
  readonly start: Value;
  readonly #network: OnnxNetwork;
  readonly #values = new Map<string, Copied>();

  /** A copy that starts with `start` in place of the value called `name`, and with the `known` numbers of earlier values. */
  constructor(scope: Scope, network: OnnxNetwork, name: string, start: Value, known: ReadonlyMap<string, Known> = new Map()) {
    this.scope = scope;
    this.start = start;
    this.#network = network;
    const batch = start.shape[0] as Dimension;
    for (const [from, { items, ...rest }] of known) this.#values.set(from, { ...rest, items: items.map((item) => bindBatch(item, batch)) });
    this.#values.set(name, start);
  }

  find(name: string): Copied | undefined {
    const made = this.#values.get(name);
    if (made) return made;
    const spec = this.#network.parameters.get(name);
    const constant = this.#network.graph.constants.get(name);
    const found: Copied | undefined = spec
      ? this.scope.parameter(spec.name, spec.shape, spec.kind)
      : constant && ((constant.type !== "float32" && knownOf(constant)) || this.scope.graph.constant(constant));
    if (found) this.#values.set(name, found);
    return found;
  }

  parameter(name: string | undefined): ParameterSpec | undefined {
    return name === undefined ? undefined : this.#network.parameters.get(name);
  }

  /** Copies `node`, whose inputs must have been copied. */
  add(node: Node): void {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : this.#need(node, name)));
    const [output, ...others] = this.#copy(node, inputs);
    for (const [i, copied] of [output, ...others].entries()) {
      const name = node.outputs[i];
      if (copied && name) this.#values.set(name, copied);
    }
  }

  value(node: Node, i: number): Value {
    const copied = node.inputs[i] ? this.#need(node, node.inputs[i]) : undefined;
    if (!copied) throw new UsageError(`Operator ${node.op} (node "${node.name}") lacks its input ${i}`, "Export the model again.");
    return isKnown(copied) ? this.#constant(node, copied) : copied;
  }

  known(node: Node, i: number): Known | undefined {
    const name = node.inputs[i];
    if (!name) return undefined;
    const copied = this.#need(node, name);
    if (isKnown(copied)) return copied;
    const constant = this.scope.graph.constantOf(copied);
    return constant && knownOf(constant);
  }

  plain(node: Node, op: string, inputs: readonly (Value | undefined)[], attributes: Attributes): Value {
    return this.scope.graph.add(op, inputs, attributes, { name: node.name });
  }

  #need(node: Node, name: string): Copied {
    const copied = this.find(name);
    if (copied) return copied;
    throw new UsageError(
      `Operator ${node.op} (node "${node.name}") reads "${name}", which is computed before the cut`,
      "Cut at another value: thaw's inspectOnnx lists them.",
    );
  }

  #copy(node: Node, inputs: readonly (Copied | undefined)[]): readonly (Copied | undefined)[] {
    const [first] = inputs;
    if (node.op === "Shape" && first) return [shapeAsKnown(node, first.shape)];
    if (inputs.every((input) => input === undefined || isKnown(input))) {
      const result = evaluate(node, inputs as (Known | undefined)[]);
      if (result) return [result];
    } else if (inputs.some((input) => input !== undefined && isKnown(input))) {
      // For example a known length times a constant of floats.
      const known = node.inputs.map((_, i) => this.known(node, i));
      const result = known.every((input, i) => input || inputs[i] === undefined) ? evaluate(node, known) : undefined;
      if (result) return [result];
    }
    const translate = Object.hasOwn(translations, node.op) ? translations[node.op] : undefined;
    if (translate) return translate(this, node);
    const values = node.inputs.map((name, i) => (name === "" ? undefined : this.value(node, i)));
    if (!canInfer(node.op)) return this.#asTheFileSays(node, values);
    const used = node.outputs.findLastIndex((name) => name !== "") + 1;
    return this.scope.graph.addMany(node.op, values, node.attributes, Math.max(1, used), { name: node.name });
  }

  /**
   * Copies an operator that thaw does not know, for the engine to run: the file must state its output's shape for images of its size, but for
   * an Einsum, whose result can have any.
   */
  #asTheFileSays(node: Node, inputs: readonly (Value | undefined)[]): readonly Value[] {
    if (UNBOUNDED.has(node.op))
      throw new UsageError(
        `Operator ${node.op} (node "${node.name}") makes a result of any size, which thaw cannot foresee`,
        "Cut the network before it, or compute its constants with an ONNX optimiser.",
      );
    const { graph } = this.scope;
    const { types } = this.#network.graph;
    if (node.op === "Einsum") {
      const operands = node.inputs.map((_, i) => this.value(node, i));
      const made = {
        type: (operands[0] as Value).type,
        shape: einsumShape(
          node,
          operands.map(({ shape }) => shape),
        ),
      };
      const output = `${node.name}/0`;
      const copied = { ...node, inputs: operands.map(({ name }) => name), outputs: [output] };
      return graph.append(copied, { types: new Map([[output, made]]) });
    }
    const made = new Map(
      node.outputs.flatMap((name, i): [string, ValueType][] => {
        const known = types.get(name);
        const fresh = `${node.name}/${i}`;
        if (!known) return [];
        const [first, ...rest] = known.shape;
        // One image, or any number of images.
        const batch = first === 1 || typeof first === "string" ? [this.start.shape[0] as Dimension] : first === undefined ? [] : [first];
        return [[fresh, { ...known, shape: [...batch, ...rest] }]];
      }),
    );
    const outputs = node.outputs.map((name, i) => (name === "" ? "" : `${node.name}/${i}`));
    return graph.append({ ...node, inputs: inputs.map((input) => input?.name ?? ""), outputs }, { types: made });
  }

  #constant(node: Node, { type, items, shape }: Known): Value {
    if (items.some((item) => typeof item === "string"))
      throw new UsageError(
        `Operator ${node.op} (node "${node.name}") computes with the number of images in a way that thaw cannot follow`,
        "Cut the network before it, or export the model with a batch of one image.",
      );
    const numbers = items as readonly number[];
    if (type === "float32") return this.scope.graph.constant(float32(numbers, shape));
    if (type === "int64") return this.scope.graph.constant({ ...int64(numbers), shape });
    const data = type === "int32" ? Int32Array.from(numbers) : Uint8Array.from(numbers);
    return this.scope.graph.constant({ type, shape, data } as Tensor);
  }
}

/** `item` with the number of images `batch` in place of the symbol. */
function bindBatch(item: Dimension, batch: Dimension): Dimension {
  if (typeof item === "number" || typeof batch === "string") return item;
  return item.split("*").reduce((product, part) => product * (part === BATCH ? batch : Number(part)), 1);
}
