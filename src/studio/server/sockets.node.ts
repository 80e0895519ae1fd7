// The WebSockets of the pages: events go out, and nothing comes in.

import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { ROUTES, type ServerMessage } from "../protocol/routes.ts";
import type { Guard } from "./guard.node.ts";
import type { ServedEngine } from "./served-engine.ts";

/** Tabs at once. */
const MOST = 64;
/** Bytes that wait for a tab that does not read; then it is let go, and opens a new connection when it wakes up. */
const MOST_WAITING = 32_000_000;
/** Milliseconds between two signs of life. */
const HEARTBEAT = 30_000;

export class Sockets {
  readonly #server = new WebSocketServer({ noServer: true, clientTracking: true, maxPayload: 1024, perMessageDeflate: false });
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(http: Server, guard: Guard, engine: ServedEngine, name: string) {
    http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      // A connection that breaks off is no reason to end.
      socket.on("error", () => socket.destroy());
      const refused = guard.refuses(request, true);
      if (refused) return refuse(socket, refused.status, refused.message);
      if (request.url !== ROUTES.events) return refuse(socket, 404, "There is no such address.");
      if (this.#server.clients.size >= MOST) return refuse(socket, 503, "Too many tabs are open.");
      this.#server.handleUpgrade(request, socket, head, (client) => this.#welcome(client, engine, name));
    });
    /** Asked for a sign of life, without answer so far. */
    const silent = new WeakSet<WebSocket>();
    this.#timer = setInterval(() => {
      for (const client of this.#server.clients) {
        if (silent.has(client)) client.terminate();
        else {
          silent.add(client);
          client.once("pong", () => silent.delete(client));
          client.ping();
        }
      }
    }, HEARTBEAT);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const client of this.#server.clients) client.close(1001, "The studio ends.");
    this.#server.close();
  }

  #welcome(client: WebSocket, engine: ServedEngine, name: string): void {
    const tell = (message: ServerMessage): void => {
      if (client.bufferedAmount > MOST_WAITING) client.terminate();
      else if (client.readyState === client.OPEN) client.send(JSON.stringify(message));
    };
    tell({ event: "hello", server: name });
    const leave = engine.listen(tell);
    client.on("close", leave);
    client.on("error", () => client.terminate());
    client.on("message", () => client.close(1003, "Nothing is to be sent here."));
  }
}

function refuse(socket: Duplex, status: number, message: string): void {
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  );
}
