// Whether this machine has Vulkan, through which ONNX Runtime reaches a graphics processor on Linux.

import { constants } from "node:os";

/** Whether the system finds Vulkan's loader. Where it does not, ONNX Runtime would say so on standard error, whatever is done about it. */
export function hasVulkan(): boolean {
  if (process.platform !== "linux") return true;
  try {
    process.dlopen({ exports: {} }, "libvulkan.so.1", constants.dlopen.RTLD_LAZY);
    return true;
  } catch (error) {
    // A library that was found is refused in other words, because it is no module of Node's.
    return !/cannot open shared object file/.test(String(error));
  }
}
