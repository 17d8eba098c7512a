// A shop that uses QStash as its users do: it publishes with the official client and checks
// every delivery with the official receiver. The last line that it prints is what it saw.
import { createServer } from "node:http";
import { Client, Receiver } from "@upstash/qstash";

const { QSTASH_URL, QSTASH_TOKEN, QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY } =
  process.env;
const client = new Client({ baseUrl: QSTASH_URL, token: QSTASH_TOKEN });
const receiver = new Receiver({
  currentSigningKey: QSTASH_CURRENT_SIGNING_KEY,
  nextSigningKey: QSTASH_NEXT_SIGNING_KEY,
});

// --- the app -------------------------------------------------------------------------------

const deliveries = [];

const app = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  await receiver.verify({
    signature: request.headers["upstash-signature"],
    body,
    url: `${origin}${request.url}`,
  });
  const retried = Number(request.headers["upstash-retried"]);
  deliveries.push({ path: request.url, retried, body, shop: request.headers["x-shop"] });
  if (request.url === "/orders") response.writeHead(retried < 2 ? 503 : 200).end("order");
  else response.writeHead(500).end("out of order");
});
await new Promise((resolve) => app.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${app.address().port}`;

// --- what its users do ---------------------------------------------------------------------

async function until(messageId, state) {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const { logs } = await client.logs({ filter: { messageId } });
    if (logs.some((log) => log.state === state)) return logs.reverse().map((log) => log.state);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${messageId} is not ${state}`);
}

const order = await client.publishJSON({
  url: `${origin}/orders`,
  body: { id: 7 },
  headers: { "X-Shop": "tea" },
  retries: 3,
  label: "orders",
});
const refund = await client.publishJSON({ url: `${origin}/refunds`, body: { id: 8 }, retries: 1 });
const reminder = await client.publish({ url: `${origin}/reminders`, body: "hello", delay: "5d" });

const waiting = await client.messages.get(reminder.messageId);
await client.messages.cancel(reminder.messageId);
const gone = await client.messages.get(reminder.messageId).catch((error) => error.message);

const orderStates = await until(order.messageId, "DELIVERED");
const refundStates = await until(refund.messageId, "FAILED");
const { messages } = await client.dlq.listMessages();
const found = await client.dlq.listMessages({ filter: { messageId: refund.messageId } });
const labelled = await client.logs({ filter: { label: "orders", state: "DELIVERED" }, count: 10 });
await client.dlq.delete(messages[0].dlqId);
const left = await client.dlq.listMessages();

// --- what the client does by itself when the server is to be the vendor's ------------------

const local = new Client({ devMode: true });
const inDevMode = await local.publishJSON({ url: `${origin}/orders`, body: { id: 9 }, delay: "9d" });
const seenInDevMode = await client.messages.get(inDevMode.messageId);
await client.messages.delete(inDevMode.messageId);

app.close();
app.closeAllConnections();
console.log(
  JSON.stringify({
    deliveries: deliveries.sort((a, b) => a.path.localeCompare(b.path) || a.retried - b.retried),
    orderStates,
    refundStates,
    waiting: { body: waiting.body, method: waiting.method, maxRetries: waiting.maxRetries },
    delay: waiting.notBefore - waiting.createdAt,
    gone: gone.includes("not found"),
    deadLetters: messages.map((letter) => ({
      isTheRefund: letter.messageId === refund.messageId,
      url: letter.url.replace(origin, ""),
      status: letter.responseStatus,
      body: letter.responseBody,
    })),
    foundByFilter: found.messages.length,
    left: left.messages.length,
    labelled: labelled.logs.map((log) => log.messageId === order.messageId),
    inDevMode: seenInDevMode.body,
  }),
);
