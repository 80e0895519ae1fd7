// Who may import whom. A layer imports itself and the layers to its left, never to its right; test/layers.test.ts shows that a wrong import is caught.

const LAYERS = ["core", "graph", "runtime", "nn", "data", "classifier", "chart", "learner", "interpret", "recipe", "studio", "cli"];

// Files for Node alone: the Node halves of the conditional imports, and what only Node's entry reaches.
const NODE_FILES = "\\.node\\.ts$|\\.worker\\.ts$|^src/(studio|cli)/|^src/index\\.ts$";
const TESTS = "\\.test\\.ts$";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...LAYERS.map((layer, i) => ({
      name: `${layer}-imports-left`,
      comment: `src/${layer} may import only itself and the layers to its left.`,
      severity: "error",
      from: { path: `^src/${layer}/` },
      to: { path: "^src/", pathNot: `^src/(${LAYERS.slice(0, i + 1).join("|")})/` },
    })),
    {
      name: "known-layer",
      comment: "Every folder of src is a layer with a place in the order.",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: `^src/(${LAYERS.join("|")})/` },
      to: {},
    },
    { name: "no-cycles", comment: "Files must not import each other in a circle.", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      comment: "A file that nothing imports and that imports nothing is forgotten.",
      severity: "error",
      from: { orphan: true, path: "^src/", pathNot: TESTS },
      to: {},
    },
    {
      name: "engine-in-runtime",
      comment: "Only src/runtime knows which package runs a graph.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/runtime/" },
      to: { path: "onnxruntime-" },
    },
    {
      name: "pixels-in-decode",
      comment: "Only the decoder knows which package reads photographs.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/data/decode[^/]*\\.ts$" },
      to: { path: "(^|/)(sharp|@img)(/|$)" },
    },
    {
      name: "browser-safe",
      comment: "A browser loads this file: what needs Node belongs in a *.node.ts twin behind a conditional import.",
      severity: "error",
      from: { path: "^src/", pathNot: `${NODE_FILES}|${TESTS}` },
      to: { dependencyTypes: ["core"] },
    },
    { name: "resolvable", comment: "The import leads nowhere.", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "declared",
      comment: "The package uses only what package.json lists as a dependency.",
      severity: "error",
      from: { path: "^src/", pathNot: TESTS },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-tests-in-sources",
      comment: "Sources must not import tests.",
      severity: "error",
      from: { path: "^src/", pathNot: TESTS },
      to: { path: `^test/|${TESTS}` },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["thaw-source", "import", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs", ".cjs"],
    },
  },
};
