import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newApp, newWorld } from "./world.mjs";

let world, app;
before(async () => {
  world = await newWorld();
  app = await newApp(world.receiver, () => 200);
});
after(async () => {
  app.close();
  await world.close();
});

const rotate = () => world.client.http.request({ method: "POST", path: ["v2", "keys", "rotate"] });

test("a receiver that knows the next key takes what is signed after one rotation", async () => {
  await world.client.publish({ url: `${app.origin}/a`, body: "before", delay: "1m" });

  await rotate();
  await world.advance("1m");

  assert.deepEqual(
    app.deliveries.map(({ body }) => body),
    ["before"],
  );
});

test("after a second rotation it refuses, and the message is retried", async () => {
  await world.client.publish({ url: `${app.origin}/b`, body: "after", retries: 1 });

  await rotate();
  await world.advance("12s");

  assert.equal(app.deliveries.length, 1);
  const { messages } = await world.client.dlq.listMessages();
  assert.deepEqual(
    messages.map(({ body, responseStatus }) => [body, responseStatus]),
    [["after", 401]],
  );
});
