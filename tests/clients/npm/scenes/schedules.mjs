// Messages that are made again and again.
const ORDERS = "https://shop.test/orders";

export async function bare({ client, advance }) {
  const { schedules, logs } = client();
  const { scheduleId } = await schedules.create({ destination: ORDERS, cron: "0 * * * *" });
  await schedules.get(scheduleId);
  await advance("2h");
  await schedules.get(scheduleId);
  await logs({ filter: { scheduleId, state: "CREATED" } });
  await schedules.delete(scheduleId);
  await schedules.get(scheduleId);
  await advance("2h");
}

export async function everyOption({ client, advance }) {
  const qstash = client();
  await qstash.schedules.create({
    destination: "https://broken.test/orders",
    cron: "CRON_TZ=Europe/Berlin 30 1 * * *",
    scheduleId: "nightly",
    body: "tea",
    headers: { "Content-Type": "text/x-tea", "X-Shop": "tea" },
    method: "PUT",
    delay: 60,
    retries: 1,
    retryDelay: "5000",
    timeout: "20s",
    callback: "https://shop.test/called",
    failureCallback: "https://shop.test/failed",
    queueName: "till",
    flowControl: { key: "till", parallelism: 2, rate: 5, period: 60 },
    label: ["orders", "tea"],
    redact: { body: true, header: ["X-Shop"] },
  });
  await qstash.schedules.get("nightly");
  await advance("1h");
  await qstash.schedules.get("nightly");
  await qstash.logs({ filter: { scheduleId: "nightly" } });
  await qstash.queue({ queueName: "till" }).get();
}

export async function otherForms({ client }) {
  const { schedules } = client();
  await schedules.create({
    destination: ORDERS,
    cron: "@daily",
    scheduleId: "a",
    delay: "1h",
    timeout: 20,
    label: "tea",
    body: "tea",
    redact: { header: true },
    flowControl: { key: "till", ratePerSecond: 6, period: "1h" },
  });
  await schedules.create({
    destination: ORDERS,
    cron: " */5 8-18 * JAN-MAR mon ",
    scheduleId: "b",
    body: new Blob([Uint8Array.of(255)]),
    headers: new Headers({ "X-Shop": "tea" }),
    flowControl: { key: "till", parallelism: 3 },
  });
  await schedules.list();
}

export async function paused({ client, advance }) {
  const { schedules } = client();
  await schedules.create({ destination: ORDERS, cron: "0 * * * *", scheduleId: "hourly" });
  await schedules.pause({ schedule: "hourly" });
  await advance("90m");
  await schedules.get("hourly");
  await schedules.create({
    destination: ORDERS,
    cron: "0 * * * *",
    scheduleId: "hourly",
    body: "tea",
  });
  await schedules.get("hourly");
  await schedules.resume({ schedule: "hourly" });
  await advance("90m");
  await schedules.list();
}

export async function toGroups({ client, advance }) {
  const { schedules, urlGroups } = client();
  const endpoints = [{ url: "https://shop.test/a", name: "first" }, { url: "https://broken.test/" }];
  await urlGroups.addEndpoints({ name: "shops", endpoints });
  await schedules.create({ destination: "shops", cron: "0 * * * *", scheduleId: "hourly", retries: 0 });
  await advance("1h");
  await schedules.get("hourly");
  await urlGroups.delete("shops");
  await advance("1h");
  await schedules.get("hourly");
}

export async function refused({ client }) {
  const { schedules } = client();
  const cron = "0 * * * *";
  await schedules.create({ destination: ORDERS, cron: "" });
  await schedules.create({ destination: ORDERS, cron: "a b c" });
  await schedules.create({ destination: "nobody", cron });
  await schedules.create({ destination: ORDERS, cron, scheduleId: "every hour" });
  await schedules.create({ destination: ORDERS, cron, flowControl: { key: "till" } });
  await schedules.get("nightly");
  await schedules.pause({ schedule: "nightly" });
  await schedules.resume({ schedule: "nightly" });
  await schedules.delete("nightly");
  await schedules.list();
}
