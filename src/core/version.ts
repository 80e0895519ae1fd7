// thaw's version, on every platform.

/** The version in thaw's package.json. */
export const VERSION = "0.1.0";
