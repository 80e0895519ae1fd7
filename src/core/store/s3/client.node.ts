// AWS's own client, loaded when an address is first used. A lighter one would sign requests as well, but not find credentials where jobs have
// them: the roles of AWS Batch and of pods, profiles, single sign-on.

import type { S3Client } from "@aws-sdk/client-s3";
import { byteSize } from "../../byte-size.ts";
import { UsageError } from "../../errors.ts";

/** Requests at a time; milliseconds in which a connection must be there, an answer must begin, and anything more of it must arrive. */
const [SOCKETS, CONNECTING, ANSWERING] = [64, 10_000, 30_000];
/** The most bytes of an answer that is not a value: a page of names. */
const MOST_TEXT = 32_000_000;

type Client = { readonly s3: S3Client; readonly commands: typeof import("@aws-sdk/client-s3") };

const clients = new Map<string, Promise<Client>>();

/** The client for what the environment says now. */
export function s3Client(env: Readonly<Record<string, string | undefined>> = process.env): Promise<Client> {
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined;
  // A server of one's own has no regions, but a signature has.
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || (endpoint && "us-east-1");
  const key = JSON.stringify([endpoint, region, env.AWS_PROFILE, env.AWS_ACCESS_KEY_ID]);
  let client = clients.get(key);
  if (!client) {
    client = open(endpoint, region);
    clients.set(key, client);
    client.catch(() => clients.delete(key));
  }
  return client;
}

async function open(endpoint: string | undefined, region: string | undefined): Promise<Client> {
  if (endpoint !== undefined && !/^https?:\/\//.test(endpoint))
    throw new UsageError(`AWS_ENDPOINT_URL_S3 is "${endpoint}", which is no address`, "Begin it with https:// or http://.");
  // A warning of every process that later versions than this one need a later Node.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const commands = await import("@aws-sdk/client-s3");
  const agent = { maxSockets: SOCKETS, keepAlive: true };
  const s3 = new commands.S3Client({
    ...(region && { region }),
    // Buckets are in the path: a server of one's own has one name.
    ...(endpoint && { endpoint, forcePathStyle: true }),
    // retries.node.ts tries again, bodies included.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTING,
      requestTimeout: ANSWERING,
      throwOnRequestTimeout: true,
      socketTimeout: ANSWERING,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        const answer = await next(request);
        const { statusCode, body } = answer.response as { statusCode: number; body: Body };
        if (statusCode >= 300 || commandName !== "GetObjectCommand") limit(body);
        return answer;
      },
    { step: "deserialize", priority: "low" },
  );
  return { s3, commands };
}

interface Body {
  emit(event: string, ...values: unknown[]): boolean;
  destroy(error: Error): unknown;
}

/** Ends a body of text that does not end. */
function limit(body: Body): void {
  const emit = body.emit.bind(body);
  let bytes = 0;
  body.emit = (event, ...values) => {
    if (event === "data") bytes += (values[0] as Uint8Array).length;
    if (bytes > MOST_TEXT)
      body.destroy(new UsageError(`The server sends more than ${byteSize(MOST_TEXT)} of names at once`, "Use another server."));
    return emit(event, ...values);
  };
}
