// Kernels in WebAssembly, for the loops that JavaScript is slow at, and the memory that they work in.

// The parts of WebAssembly that are needed here; thaw is compiled without the DOM's types, which have them.
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
// More than photographs need: after an image that took more, the memory is given back.
const KEPT_PAGES = 512;

/** A kernel's functions, and the bytes that their addresses count from. */
export interface Kernel<Functions> {
  readonly functions: Functions;
  readonly buffer: ArrayBuffer;
}

/** What opens the kernel of a module in base64: at its first use it is compiled; each use has at least `size` bytes, as the last left them. */
export function kernelOf<Functions>(module: string): (size: number) => Kernel<Functions> {
  let compiled: object | undefined;
  let open: { functions: Functions; memory: Memory } | undefined;
  return (size) => {
    const pages = Math.ceil(size / PAGE);
    const { WebAssembly } = globalThis as unknown as WebAssemblyPlatform;
    if (open && pages <= KEPT_PAGES && open.memory.buffer.byteLength > KEPT_PAGES * PAGE) open = undefined;
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
