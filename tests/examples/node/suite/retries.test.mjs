import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newApp, newWorld } from "./world.mjs";

let world, app;
before(async () => {
  world = await newWorld();
  app = await newApp(world.receiver, ({ path, retried }) =>
    path === "/flaky" && retried === 2 ? 200 : 503,
  );
});
after(async () => {
  app.close();
  await world.close();
});

test("31 hours of retries pass at once, and end in the dead letter queue", async () => {
  const { messageId } = await world.client.publish({ url: `${app.origin}/down`, retries: 5 });

  await world.advance("31h");
  const { messages } = await world.client.dlq.listMessages();

  assert.equal(app.deliveries.filter(({ path }) => path === "/down").length, 6);
  assert.deepEqual(
    messages.map((letter) => [letter.messageId, letter.responseStatus]),
    [[messageId, 503]],
  );
  const found = await world.call("POST", "assert", {
    assert: "dead_lettered",
    url: `${app.origin}/down`,
    status: 503,
    times: 1,
  });
  assert.equal(found.ok, true, found.text);
});

test("each retry comes at its own instant", async () => {
  await world.client.publish({ url: `${app.origin}/flaky`, retries: 3 });
  const start = (await world.call("GET", "clock")).now;

  await world.call("POST", "clock/run-until-idle");

  const { deliveries } = await world.call("GET", `deliveries?url=${app.origin}/flaky`);
  assert.deepEqual(
    deliveries.map(({ at }) => at - start),
    [0, 12_000, 160_000],
  );
});

test("a dead letter that is retried leaves the queue", async () => {
  const { messages } = await world.client.dlq.listMessages();

  await world.client.dlq.retry(messages[0].dlqId);
  await world.advance(0);

  assert.equal((await world.client.dlq.listMessages()).messages.length, 0);
  assert.equal(app.deliveries.filter(({ path }) => path === "/down").length, 7);
});
