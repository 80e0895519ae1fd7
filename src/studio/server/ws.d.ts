// The parts of the package ws that the studio uses: its own types are a package of their own, which users of thaw's types would need too.

declare module "ws" {
  import type { EventEmitter } from "node:events";
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";

  export class WebSocket extends EventEmitter {
    constructor(address: string, options?: { readonly headers?: Readonly<Record<string, string>> });
    readonly OPEN: number;
    readonly readyState: number;
    readonly bufferedAmount: number;
    send(data: string): void;
    ping(): void;
    close(code?: number, reason?: string): void;
    terminate(): void;
  }

  export class WebSocketServer {
    constructor(options: {
      readonly noServer: true;
      readonly clientTracking: boolean;
      readonly maxPayload: number;
      readonly perMessageDeflate: boolean;
    });
    readonly clients: ReadonlySet<WebSocket>;
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array, done: (client: WebSocket) => void): void;
    close(): void;
  }
}
