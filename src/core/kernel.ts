// WebAssembly kernels for loops that are slow in JavaScript, and their memory.

// The parts of WebAssembly's types that are used here: thaw is compiled without the DOM's types.
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface WebAssemblyPlatform {
  readonly WebAssembly: {
    readonly Memory: new (limits: { initial: number }) => Memory;
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  };
}

const PAGE = 65_536;
// More than photographs need: after an image that took more, the memory is released.
const RETAINED_PAGES = 512;

/** A kernel's functions and its memory, in which their addresses are offsets. */
export interface Kernel<Functions> {
  readonly functions: Functions;
  readonly buffer: ArrayBuffer;
}

/** Opens the kernel of a module in base64, compiled on first use. Each use has at least `size` bytes of memory, which are not cleared. */
export function kernelOf<Functions>(module: string): (size: number) => Kernel<Functions> {
  let compiled: object | undefined;
  let open: { functions: Functions; memory: Memory } | undefined;
  return (size) => {
    const pages = Math.ceil(size / PAGE);
    const { WebAssembly } = globalThis as unknown as WebAssemblyPlatform;
    if (open && pages <= RETAINED_PAGES && open.memory.buffer.byteLength > RETAINED_PAGES * PAGE) open = undefined;
    if (!open) {
      compiled ??= new WebAssembly.Module(Uint8Array.from(atob(module), (character) => character.charCodeAt(0)));
      const memory = new WebAssembly.Memory({ initial: pages });
      const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
      open = { functions: exports as Functions, memory };
    }
    const missing = pages - open.memory.buffer.byteLength / PAGE;
    if (missing > 0) open.memory.grow(missing);
    return { functions: open.functions, buffer: open.memory.buffer };
  };
}
