// A local hub with one file, which answers like Hugging Face's.

import { createHash } from "node:crypto";
import { createServer } from "node:http";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** Starts a hub with `content`. */
export async function startHub(content) {
  const etag = createHash("sha256").update(content).digest("hex");
  const hub = { content, address: "", cached: `home/hub/models--owner--name/snapshots/${COMMIT}/model.safetensors` };
  const server = createServer((request, response) => {
    const [, from = 0, to = content.length - 1] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const part = content.subarray(Number(from), Number(to) + 1);
    const headers = { "X-Linked-ETag": `"${etag}"`, "X-Repo-Commit": COMMIT, "Content-Length": part.length };
    if (request.headers.range) headers["Content-Range"] = `bytes ${from}-${to}/${content.length}`;
    response.writeHead(request.headers.range ? 206 : 200, headers).end(part);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  hub.address = `http://127.0.0.1:${server.address().port}`;
  hub.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return hub;
}
