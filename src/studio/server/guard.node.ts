// Who may ask the server: pages that it served itself, in a browser that was given its token. Other programs of this machine do not know the token;
// other pages of the browser do not get the cookie along, and say where they are from.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why a request is refused. */
export interface Refusal {
  readonly status: 400 | 403 | 421;
  readonly message: string;
}

const OPEN_ADDRESS = "Open the address that thaw studio printed.";
const WRONG_HOST: Refusal = { status: 421, message: "This server answers to its own address alone." };
const WRONG_ORIGIN: Refusal = { status: 403, message: "This request comes from another page." };
const NO_COOKIE: Refusal = { status: 403, message: `This browser has not been let in. ${OPEN_ADDRESS}` };
const WRONG_TOKEN: Refusal = { status: 403, message: `The token is wrong: it may be that of an earlier start. ${OPEN_ADDRESS}` };

/** Bytes of a secret. */
const SECRET = 32;

export class Guard {
  /** What the address that is printed contains. */
  readonly token = newSecret();
  readonly #cookie = newSecret();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** The address to open. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/?token=${this.token}`;
  }

  /** The header that lets a browser in. */
  get setCookie(): string {
    return `${this.#cookieName}=${this.#cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** The origins of the server's own pages, and those of their WebSockets. */
  get origins(): readonly string[] {
    return this.#hosts.map((host) => `http://${host}`);
  }

  get socketOrigins(): readonly string[] {
    return this.#hosts.map((host) => `ws://${host}`);
  }

  /** Undefined if `token`, from the address of a page, is the right one. */
  refusesToken(request: IncomingMessage, token: string): Refusal | undefined {
    return this.#refusesPlace(request) ?? (isSame(token, this.token) ? undefined : WRONG_TOKEN);
  }

  /** Undefined if the request may be answered. What changes something, and a WebSocket (`mustTell`), must say which page it comes from. */
  refuses(request: IncomingMessage, mustTell: boolean): Refusal | undefined {
    const refused = this.#refusesPlace(request);
    if (refused) return refused;
    const { origin } = request.headers;
    if (origin === undefined && mustTell) return WRONG_ORIGIN;
    const site = request.headers["sec-fetch-site"];
    // "none" is the user, who typed the address. Who is let in has the cookie.
    if (site !== undefined && site !== "same-origin" && !(site === "none" && !mustTell)) return WRONG_ORIGIN;
    return this.#hasCookie(request) ? undefined : NO_COOKIE;
  }

  #refusesPlace(request: IncomingMessage): Refusal | undefined {
    const { host, origin } = request.headers;
    // A name that leads here and is not one of ours: a page of another site, whose name was bound to this machine.
    if (host === undefined || !this.#hosts.includes(host) || request.headersDistinct.host?.length !== 1) return WRONG_HOST;
    if (origin !== undefined && origin !== `http://${host}`) return WRONG_ORIGIN;
    return undefined;
  }

  /** Cookies are shared by all ports of a host. */
  get #cookieName(): string {
    return `thaw-studio-${this.#port}`;
  }

  get #hosts(): readonly string[] {
    return [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`];
  }

  #hasCookie({ headers: { cookie = "" } }: IncomingMessage): boolean {
    return cookie.split(";").some((pair) => {
      const at = pair.indexOf("=");
      return at > 0 && pair.slice(0, at).trim() === this.#cookieName && isSame(pair.slice(at + 1).trim(), this.#cookie);
    });
  }
}

/** A text that nobody guesses. */
export function newSecret(): string {
  return randomBytes(SECRET).toString("base64url");
}

/** Whether two texts are the same, in a time that does not tell how much of them is. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((text) => createHash("sha256").update(text).digest()) as [Buffer, Buffer];
  return timingSafeEqual(a, b);
}
