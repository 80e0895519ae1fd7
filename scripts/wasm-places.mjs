// ONNX Runtime's JavaScript for WebAssembly, made to use tensors that lie in WebAssembly's memory where they are: it copies each input and each
// output that it is given into memory that it allocates for the run. Here it asks first where the tensor's array lies: the module, which
// `env.wasm.module` is once the first session opens, maps arrays to their addresses (`places`). src/runtime/wasm-memory.ts puts them there.

const NAME = "([\\w$]+)";

/** How a tensor's array is copied; twice, because tensors of WebNN have a way of their own. */
const COPY = new RegExp(
  `${NAME}=${NAME}\\.byteLength,${NAME}=${NAME}\\._malloc\\(\\1\\),${NAME}\\.push\\(\\3\\),` +
    `\\4\\.HEAPU8\\.set\\(new Uint8Array\\(\\2\\.buffer,\\2\\.byteOffset,\\1\\),\\3\\)`,
  "g",
);
/** How the function begins that starts WebAssembly; its argument is `env.wasm`. */
const START = new RegExp(
  `async ${NAME}=>\\{if\\(${NAME}\\)return Promise\\.resolve\\(\\);if\\(${NAME}\\)throw new Error\\("multiple calls to 'initializeWebAssembly`,
  "g",
);
/** What that function does with the module. */
const STARTED = new RegExp(`\\.then\\(${NAME}=>\\{${NAME}=!1,${NAME}=!0,${NAME}=\\1,`, "g");

/** Where `pattern` is in `code`; throws unless that is `count` times. */
function matches(code, pattern, count, what) {
  const found = [...code.matchAll(pattern)];
  if (found.length !== count)
    throw new Error(`${found.length} places that ${what} were found in ONNX Runtime's JavaScript instead of ${count}`);
  return found;
}

/** `code`, one of ONNX Runtime's files for WebAssembly, with tensors used where they are. */
export function withPlaces(code) {
  matches(code, COPY, 2, "copy a tensor");
  const [[, env]] = matches(code, START, 1, "start WebAssembly");
  matches(code, STARTED, 1, "take WebAssembly's module");
  return code
    .replace(STARTED, (start, module) => `${start}${module}.places=new WeakMap,${env}.module=${module},`)
    .replace(COPY, (copy, bytes, array, address, module) => {
      const size = `${bytes}=${array}.byteLength,`;
      return `${size}(${address}=${module}.places.get(${array}))||(${copy.slice(size.length)})`;
    });
}
