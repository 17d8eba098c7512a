// Queues, and what goes through them.
const ORDERS = "https://shop.test/orders";

export async function life({ client }) {
  const qstash = client();
  const queue = qstash.queue({ queueName: "till" });
  await queue.get();
  await queue.upsert({});
  await queue.get();
  await queue.upsert({ parallelism: 3, paused: true });
  await queue.get();
  await queue.resume();
  await queue.list();
  await queue.pause();
  await qstash.queue().list();
  await queue.delete();
  await queue.delete();
  await queue.list();
}

export async function order({ client, advance }) {
  const queue = client().queue({ queueName: "till" });
  await queue.upsert({ parallelism: 1, paused: true });
  await queue.enqueue({ url: "https://slow.test/1" });
  await queue.enqueue({ url: "https://slow.test/2" });
  await advance("1m");
  await queue.get();
  await queue.resume();
  await advance("5s");
  await queue.get();
  await advance("1m");
  await queue.get();
}

export async function everyOption({ client, advance }) {
  const qstash = client();
  const queue = qstash.queue({ queueName: "till" });
  const { messageId } = await queue.enqueue({
    url: "https://broken.test/orders",
    body: "tea",
    headers: { "Content-Type": "text/x-tea", "X-Shop": "tea" },
    method: "PUT",
    deduplicationId: "order-7",
    contentBasedDeduplication: true,
    retries: 1,
    retryDelay: "5000",
    timeout: "20s",
    callback: "https://shop.test/called",
    failureCallback: "https://shop.test/failed",
    flowControl: { key: "till", parallelism: 2, rate: 5, ratePerSecond: 6, period: 60 },
    label: ["orders", "tea"],
    redact: { body: true, header: true },
  });
  await qstash.messages.get(messageId);
  await queue.get();
  await advance("1h");
  await qstash.logs({ messageIds: [messageId] });
  await qstash.dlq.listMessages({ filter: { queueName: "till" } });
}

export async function otherDestinations({ client, advance, anthropic }) {
  const qstash = client();
  const endpoints = [{ url: "https://shop.test/a" }, { url: "https://shop.test/b" }];
  await qstash.urlGroups.addEndpoints({ name: "shops", endpoints });
  const queue = qstash.queue({ queueName: "till" });
  await queue.enqueue({ urlGroup: "shops", body: "tea" });
  await queue.enqueue({ topic: "shops" });
  await queue.enqueueJSON({ url: ORDERS, body: { id: 7 }, headers: { "X-Shop": "tea" } });
  await queue.enqueueJSON({
    api: { name: "llm", provider: anthropic({ token: "sk" }) },
    body: { model: "claude" },
    callback: "https://shop.test/called",
  });
  const analytics = { name: "helicone", token: "he" };
  await queue.enqueueJSON({
    api: { name: "llm", provider: anthropic({ token: "sk" }), analytics },
    body: { model: "claude" },
    method: "PUT",
    callback: "https://shop.test/called",
  });
  await advance(0);
}

export async function refused({ client }) {
  const { queue } = client();
  const till = queue({ queueName: "till" });
  await till.enqueue({ url: ORDERS, delay: 1 });
  await till.enqueue({ url: ORDERS, notBefore: 1_767_225_660 });
  await till.enqueue({ urlGroup: "nobody" });
  await till.upsert({ parallelism: 11 });
  await till.upsert({ parallelism: 0 });
  await till.pause();
  await till.resume();
  await queue({ queueName: "the till" }).upsert({});
  await queue().upsert({});
}
