// The hub's address and the folders for its files, from the environment variables that Hugging Face's own tools read.

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expected } from "../../core/errors.ts";

export interface HubSettings {
  /** Address of the hub or of a mirror, without a trailing slash. */
  readonly endpoint: string;
  /** Sent only to the endpoint. */
  readonly token: string | undefined;
  /** Folder of the files, shared with Hugging Face's tools. */
  readonly cache: string;
  /** Folder of the hashes of first downloads. */
  readonly known: string;
  /** Whether the network must not be used. */
  readonly offline: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings of `env`: HF_ENDPOINT, HF_TOKEN or the file HF_TOKEN_PATH, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE. Throws a UsageError for an
 * endpoint that is not an address.
 */
export function hubSettings(env: Environment): HubSettings {
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "huggingface");
  return {
    endpoint: endpointOf(env.HF_ENDPOINT || "https://huggingface.co"),
    token: (env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN || tokenIn(env.HF_TOKEN_PATH || join(home, "token")))?.trim() || undefined,
    cache: env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE || join(home, "hub"),
    known: join(home, "thaw"),
    offline: /^(1|on|yes|true)$/i.test(env.HF_HUB_OFFLINE || env.TRANSFORMERS_OFFLINE || ""),
  };
}

function endpointOf(address: string): string {
  if (!/^https?:\/\/[^/]/.test(address) || !URL.canParse(address))
    throw expected("an address such as https://huggingface.co", "the environment variable HF_ENDPOINT", address);
  return address.replace(/\/+$/, "");
}

function tokenIn(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Most users have no token, and most files need none.
    return undefined;
  }
}
