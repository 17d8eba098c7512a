// What failed for good: looking at it, trying again, throwing it away.
async function failures({ client, advance }, ...requests) {
  const qstash = client();
  for (const request of requests) await qstash.publish({ retries: 0, ...request });
  await advance(0);
  return qstash;
}

export async function listed(stage) {
  const { dlq } = await failures(
    stage,
    { url: "https://broken.test/1", body: "tea", headers: { "X-Shop": "tea" }, label: "a" },
    { url: "https://broken.test/bytes", body: Uint8Array.of(255) },
    { url: "https://nowhere.test/", failureCallback: "https://shop.test/failed" },
  );
  const { messages } = await dlq.listMessages();
  const { cursor } = await dlq.listMessages({ count: 2 });
  await dlq.listMessages({ cursor });
  await dlq.listMessages({ dlqIds: [messages[0].dlqId, "1-0"] });
  await dlq.listMessages({ dlqIds: messages[1].dlqId });
  await dlq.listMessages({ dlqIds: [] });
}

async function failuresOfEveryKind({ client, advance }) {
  const qstash = client();
  await qstash.urlGroups.addEndpoints({
    name: "shops",
    endpoints: [{ url: "https://broken.test/group" }],
  });
  await qstash.schedules.create({
    destination: "https://broken.test/schedule",
    cron: "0 * * * *",
    scheduleId: "hourly",
    retries: 0,
  });
  const { messageId } = await qstash.publish({
    url: "https://broken.test/1",
    retries: 0,
    label: ["a", "b"],
  });
  const flowControl = { key: "k", rate: 1 };
  await qstash.publish({ url: "https://nowhere.test/2", retries: 0, flowControl });
  await qstash.publish({ urlGroup: "shops", retries: 0 });
  const queue = qstash.queue({ queueName: "till" });
  await queue.enqueue({ url: "https://broken.test/queue", retries: 0 });
  await advance("1h");
  return { dlq: qstash.dlq, messageId };
}

export async function filtered(stage) {
  const { dlq, messageId } = await failuresOfEveryKind(stage);
  for (const filter of [
    { messageId },
    { url: ["https://broken.test/1", "https://nowhere.test/2"], label: "b" },
    { responseStatus: 500, flowControlKey: "k" },
    { responseStatus: [0, 404] },
    { flowControlKey: ["k", "l"] },
    { urlGroup: "shops" },
    { queueName: "till" },
    { scheduleId: "hourly" },
    { callerIp: "10.0.0.1" },
    { fromDate: 1_767_225_600_001, toDate: new Date(1_767_229_200_000), api: "llm" },
  ]) {
    await dlq.listMessages({ filter });
  }
  await dlq.listMessages({ filter: { host: "broken.test" } });
}

function oneFilterForEachKind(messageId) {
  return [
    { label: "c", callerIp: "127.0.0.1" },
    { messageId, label: ["c", "b"], fromDate: 0 },
    { flowControlKey: "k", responseStatus: 0, toDate: new Date(1_767_225_600_000) },
    { urlGroup: "shops", api: "llm" },
    { queueName: ["till", "door"] },
    { scheduleId: "hourly", url: "https://broken.test/schedule" },
  ];
}

export async function deletedByFilter(stage) {
  const { dlq, messageId } = await failuresOfEveryKind(stage);
  for (const filter of oneFilterForEachKind(messageId)) await dlq.delete({ filter });
  await dlq.listMessages();
}

export async function retriedByFilter(stage) {
  const { dlq, messageId } = await failuresOfEveryKind(stage);
  for (const filter of oneFilterForEachKind(messageId)) {
    await dlq.retry({ filter });
    await stage.advance(0);
  }
}

export async function deleted(stage) {
  const urls = ["1", "2", "3", "4", "5", "6", "7"].map((name) => `https://broken.test/${name}`);
  const { dlq } = await failures(stage, ...urls.map((url) => ({ url })));
  const { messages } = await dlq.listMessages();
  const ids = messages.map(({ dlqId }) => dlqId);
  await dlq.delete(ids[0]);
  await dlq.delete(ids[0]);
  await dlq.delete([ids[0], ids[1]]);
  await dlq.delete({ dlqIds: ids[2] });
  await dlq.deleteMany({ dlqIds: [ids[3]] });
  await dlq.delete({ filter: { url: urls[4] }, count: 10 });
  const { cursor } = await dlq.delete({ all: true, count: 1 });
  await dlq.delete({ all: true, cursor });
  await dlq.listMessages();
  await dlq.delete([]);
  await dlq.delete("");
  await dlq.delete({ dlqIds: [] });
}

export async function retried(stage) {
  const { advance } = stage;
  const qstash = await failures(
    stage,
    { url: "https://broken.test/1", body: "tea", headers: { "X-Shop": "tea" }, label: "a" },
    { url: "https://broken.test/2" },
    { url: "https://broken.test/3" },
    { url: "https://broken.test/4" },
    { url: "https://broken.test/5" },
  );
  const { dlq } = qstash;
  const { messages } = await dlq.listMessages();
  const ids = messages.map(({ dlqId }) => dlqId);
  const { responses } = await dlq.retry(ids[0]);
  await qstash.messages.get(responses[0].messageId);
  await dlq.retry([ids[1]]);
  await dlq.retry({ dlqIds: [ids[2]] });
  await dlq.retry({ filter: { url: "https://broken.test/4" } });
  await dlq.retry({ all: true, count: 1 });
  await dlq.retry({ all: true });
  await dlq.retry([ids[0]]);
  await dlq.retry([]);
  await dlq.retry({ dlqIds: [] });
  await advance(0);
  const { cursor } = await dlq.retry({ all: true, count: 2 });
  await dlq.retry({ all: true, cursor });
}
