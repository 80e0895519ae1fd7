// Converts bytes to base64 text and back, for data URLs and JSON.

/** `bytes` in base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  // In chunks, because the number of a call's arguments is limited.
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return btoa(text);
}

/** The bytes of a base64 text. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
