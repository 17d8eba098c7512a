// The log, and every way to look at a part of it.
export async function whole({ client, advance }) {
  const { publish, logs, events } = client();
  await publish({ url: "https://shop.test/orders?id=7", body: "tea", headers: { "X-Shop": "tea" } });
  await publish({ url: "https://broken.test/orders", retries: 1 });
  await advance("12s");
  await logs();
  await events();
}

export async function pages({ client, advance }) {
  const { publish, logs, events } = client();
  await publish({ url: "https://shop.test/a" });
  await advance(0);
  const { cursor } = await logs({ count: 2 });
  await logs({ cursor });
  await logs({ cursor: 1_767_225_600_000, count: 1 });
  await events({ count: 1, cursor, filter: { state: "CREATED" } });
  await events({ filter: { urlGroup: "shops", api: "llm" } });
  await logs({ filter: { count: 1 } });
  await logs({ count: 0 });
}

export async function filters({ client, advance }) {
  const qstash = client();
  const { publish, logs } = qstash;
  await qstash.urlGroups.addEndpoints({
    name: "shops",
    endpoints: [{ url: "https://shop.test/group" }],
  });
  await qstash.schedules.create({
    destination: "https://shop.test/schedule",
    cron: "0 * * * *",
    scheduleId: "hourly",
  });
  const { messageId } = await publish({ url: "https://shop.test/1?x", label: ["a", "b"] });
  await publish({ url: "https://broken.test/2", retries: 0 });
  await publish({ url: "https://shop.test/3", flowControl: { key: "k", rate: 1 } });
  await publish({ urlGroup: "shops" });
  await qstash.queue({ queueName: "till" }).enqueue({ url: "https://shop.test/queue" });
  await advance("1h");

  for (const filter of [
    { state: "CREATED" },
    { state: "IN_PROGRESS", toDate: 1_767_225_600_000 },
    { state: "FAILED" },
    { messageId },
    { url: "https://shop.test/1?x", state: "DELIVERED" },
    { url: ["https://shop.test/1?x", "https://broken.test/2"], state: "ACTIVE" },
    { host: "broken.test", path: ["/2", "/3"], state: "ERROR" },
    { label: "b", state: "ACTIVE" },
    { flowControlKey: "k", state: "ACTIVE" },
    { urlGroup: "shops", state: "ACTIVE" },
    { topicName: "shops", state: "ACTIVE" },
    { queueName: "till", state: "ACTIVE" },
    { scheduleId: ["hourly", "daily"], state: "ACTIVE" },
    { callerIp: "10.0.0.1" },
    { callerIp: ["127.0.0.1"], fromDate: new Date(1_767_225_600_001), api: "llm", state: "ACTIVE" },
  ]) {
    await logs({ filter });
  }
  await logs({ messageIds: [messageId, "msg_unknown"] });
  await logs({ messageIds: [] });
}
