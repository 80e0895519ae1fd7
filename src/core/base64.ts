// Bytes as text for what takes nothing else: addresses that hold data, and JSON.

/** `bytes` in base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  // Not all at once: a call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return btoa(text);
}

/** The bytes of a base64 text. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
