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

test("a schedule fires at each of its instants, and not while it is paused", async () => {
  const { schedules } = world.client;
  const { scheduleId } = await schedules.create({
    destination: `${app.origin}/report`,
    cron: "*/15 * * * *",
    body: "report",
  });

  await world.advance("1h");
  assert.equal(app.deliveries.length, 4);

  await schedules.pause({ schedule: scheduleId });
  await world.advance("1d");
  assert.equal(app.deliveries.length, 4);

  await schedules.resume({ schedule: scheduleId });
  await world.advance("30m");
  assert.equal(app.deliveries.length, 6);
});

test("what is going to happen can be seen without moving time", async () => {
  const { now } = await world.call("GET", "clock");

  const { upcoming } = await world.call("GET", "upcoming?within=30m");

  assert.deepEqual(
    upcoming.map(({ at }) => at - now),
    [900_000, 1_800_000],
  );
  assert.equal(app.deliveries.length, 6);
});
