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

test("a message arrives signed, when its time has come", async () => {
  const { messageId } = await world.client.publishJSON({
    url: `${app.origin}/orders?from=web`,
    body: { id: 7, name: "té" },
    method: "PUT",
    delay: "10m",
  });

  await world.advance("9m59s");
  assert.deepEqual(app.deliveries, []);
  const report = await world.advance("1s");

  assert.deepEqual(app.deliveries, [
    { path: "/orders?from=web", method: "PUT", body: '{"id":7,"name":"té"}', retried: 0 },
  ]);
  assert.equal(report.delivered, 1);
  const { logs } = await world.client.logs({ filter: { messageId } });
  assert.deepEqual(
    logs.map((log) => log.state),
    ["DELIVERED", "ACTIVE", "CREATED"],
  );
});

test("an assertion that does not hold says what came closest", async () => {
  const asked = { assert: "delivered", url: `${app.origin}/orders`, json: { id: 8 } };

  const { ok, text } = await world.call("POST", "assert", asked);

  assert.equal(ok, false);
  assert.match(text, /id/);
  assert.match(text, /7/);
});
