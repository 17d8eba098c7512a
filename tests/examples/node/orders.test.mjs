// A suite as anybody may have one: it knows the client and its own shop, and of no fake.
// `fakestash exec -- node --test orders.test.mjs` runs it.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Client, Receiver } from "@upstash/qstash";

const { QSTASH_URL, QSTASH_TOKEN, QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY } =
  process.env;
const client = new Client({ baseUrl: QSTASH_URL, token: QSTASH_TOKEN });
const receiver = new Receiver({
  currentSigningKey: QSTASH_CURRENT_SIGNING_KEY,
  nextSigningKey: QSTASH_NEXT_SIGNING_KEY,
});

let ordered;
const order = new Promise((resolve) => (ordered = resolve));
const shop = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  await receiver.verify({ signature: request.headers["upstash-signature"], body });
  response.end();
  ordered(body);
});
let origin;

before(async () => {
  await new Promise((resolve) => shop.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${shop.address().port}`;
});
after(() => {
  shop.close();
  shop.closeAllConnections();
});

test("an order arrives", async () => {
  await client.publishJSON({ url: `${origin}/orders`, body: { id: 7 } });
  assert.equal(await order, '{"id":7}');
});

test("a reminder is accepted", async () => {
  const { messageId } = await client.publish({ url: `${origin}/reminders`, body: "pay", delay: "2d" });
  assert.match(messageId, /^msg_/);
});
