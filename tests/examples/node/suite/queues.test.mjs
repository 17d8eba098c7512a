import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newApp, newWorld } from "./world.mjs";

let world, app;
before(async () => {
  world = await newWorld();
  app = await newApp(world.receiver, ({ body, retried }) =>
    body === "first" && retried === 0 ? 500 : 200,
  );
});
after(async () => {
  app.close();
  await world.close();
});

test("a queue keeps its order, also through a retry", async () => {
  const queue = world.client.queue({ queueName: "emails" });
  await queue.upsert({ parallelism: 1 });
  for (const body of ["first", "second", "third"]) {
    await queue.enqueue({ url: `${app.origin}/send`, body });
  }

  await world.advance("11s");
  assert.deepEqual(
    app.deliveries.map(({ body }) => body),
    ["first"],
  );
  assert.equal((await queue.get()).lag, 3);

  await world.advance("1s");
  assert.deepEqual(
    app.deliveries.map(({ body }) => body),
    ["first", "first", "second", "third"],
  );
  assert.equal((await queue.get()).lag, 0);
});
