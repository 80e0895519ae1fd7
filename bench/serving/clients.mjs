// Clients that keep their connections and send one request after another.

import { Agent, request } from "node:http";

/**
 * `count` clients send `pictures` in turn to `url` until `until()` is true. Each request ends as `answered(milliseconds)`, or as `lost(why)` if it got
 * no answer of status 200. A client whose new connection is refused while `until()` is true lost nothing: it was never accepted.
 */
export async function runClients(url, pictures, { count, until, answered, lost }) {
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  let next = 0;
  const client = async () => {
    while (!until()) {
      const start = performance.now();
      try {
        const { status, text } = await post(`${url}/predict`, pictures[next++ % pictures.length], agent);
        if (status === 200) answered(performance.now() - start, text);
        else lost(`status ${status}: ${text}`);
      } catch (error) {
        if (error.code === "ECONNREFUSED" && until()) return;
        lost(error.code ?? error.message);
      }
    }
  };
  await Promise.all(Array.from({ length: count }, client));
  agent.destroy();
}

function post(url, body, agent) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers: { "content-length": body.length } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
