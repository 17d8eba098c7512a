// What a JavaScript suite needs of fakestash: a world of its own on the server that QSTASH_URL
// names, and calls of the control API in it.
import { createServer } from "node:http";
import { Client, Receiver } from "@upstash/qstash";

const { QSTASH_URL, QSTASH_TOKEN, FAKESTASH_CONTROL_TOKEN } = process.env;

/** Call the control API as the user of `token`; what it answers. */
async function control(token, method, path, body) {
  const response = await fetch(`${QSTASH_URL}/_fakestash/${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(FAKESTASH_CONTROL_TOKEN && { "X-Fakestash-Token": FAKESTASH_CONTROL_TOKEN }),
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}

/** A world of this suite's own, whose clock stands still; `close` ends it. */
export async function newWorld(settings = {}) {
  const { name, environment } = await control(QSTASH_TOKEN, "POST", "worlds", {
    mode: "manual",
    start: "2026-01-01T00:00:00Z",
    ...settings,
  });
  const token = environment.QSTASH_TOKEN;
  const call = (method, path, body) => control(token, method, path, body);
  return {
    client: new Client({ baseUrl: environment.QSTASH_URL, token }),
    receiver: new Receiver({
      currentSigningKey: environment.QSTASH_CURRENT_SIGNING_KEY,
      nextSigningKey: environment.QSTASH_NEXT_SIGNING_KEY,
    }),
    call,
    advance: (duration) => call("POST", "clock/advance", { duration }),
    close: () => control(QSTASH_TOKEN, "DELETE", `worlds/${name}`),
  };
}

/** An app on a free port. `answer` gets each delivery once its signature was found good. */
export async function newApp(receiver, answer) {
  const deliveries = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const url = `${origin}${request.url}`;
    try {
      await receiver.verify({ signature: request.headers["upstash-signature"], body, url });
    } catch (error) {
      response.writeHead(401).end(error.message);
      return;
    }
    const retried = Number(request.headers["upstash-retried"]);
    const delivery = { path: request.url, method: request.method, body, retried };
    deliveries.push(delivery);
    response.writeHead(answer(delivery)).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin, deliveries, close };
}
