// Where a server of the studio has what, for the page that it serves.

import type { StudioEvent } from "./engine.ts";

/** Paths. A call is a POST of its arguments, as a list in JSON, to the path with its name. */
export const ROUTES = {
  call: "/call/",
  /** A WebSocket with events, each as JSON. */
  events: "/events",
  /** A picture in a size: /pictures/<id>/<size>. PUT to /pictures?name=…&class=… adds one. */
  pictures: "/pictures",
  /** A photograph with its heat map: /heat/<run>/<id>?class=… */
  heat: "/heat",
  /** PUT a picture to try it: /try?run=… */
  try: "/try",
  /** What was exported: /downloads/<token>/<name>. */
  downloads: "/downloads",
} as const;

/** The content type of pictures that are sent: no page of another origin can send it unasked. */
export const PICTURE_TYPE = "application/octet-stream";

/** What a call answers, with the status 200, or 400 for a mistake of the user, whose cure is `hint`, or 500 for a failure. */
export type CallAnswer = { readonly result: unknown } | { readonly error: { readonly message: string; readonly hint?: string } };

/** What comes over the WebSocket. The server says at first which one it is: the numbers of photographs are those of this server. */
export type ServerMessage = StudioEvent | { readonly event: "hello"; readonly server: string };
