// What thaw uses of the library. Bundlers leave out the rest only where the import names what it wants, and this module is imported late.

export { unzipSync, zipSync } from "fflate";
