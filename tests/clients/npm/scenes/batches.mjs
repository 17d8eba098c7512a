// Several messages in one call.
const ORDERS = "https://shop.test/orders";
const analytics = { name: "helicone", token: "he" };

function everySetting(deduplicationId) {
  return {
    url: "https://broken.test/orders",
    body: "tea",
    headers: { "Content-Type": "text/x-tea", "X-Shop": "tea" },
    method: "PUT",
    delay: "30s",
    notBefore: 1_767_225_660, // 60 s after the start; it beats the delay
    deduplicationId,
    contentBasedDeduplication: true,
    retries: 1,
    retryDelay: "5000",
    timeout: "20s",
    callback: "https://shop.test/called",
    failureCallback: "https://shop.test/failed",
    flowControl: { key: "till", parallelism: 2, rate: 5, ratePerSecond: 6, period: 60 },
    label: ["orders", "tea"],
    redact: { body: true, header: true },
  };
}

export async function everyOption({ client, advance }) {
  const qstash = client();
  const [{ messageId }] = await qstash.batch([everySetting("order-7")]);
  const [other] = await qstash.batchJSON([everySetting("order-8")]);
  await qstash.messages.get(messageId);
  await qstash.messages.get(other.messageId);
  await advance("1h");
  await qstash.logs({ messageIds: [messageId] });
}

export async function mixed({ client, advance }) {
  const { batch, urlGroups, messages } = client();
  const endpoints = [{ url: "https://shop.test/a" }, { url: "https://shop.test/b" }];
  await urlGroups.addEndpoints({ name: "shops", endpoints });
  const [, , queued] = await batch([
    { url: ORDERS, body: "tea" },
    { urlGroup: "shops", body: "coffee" },
    { url: ORDERS, queueName: "till", body: "milk" },
    { topic: "shops", queueName: "till" },
    { url: ORDERS, deduplicationId: "order-7" },
    { url: ORDERS, deduplicationId: "order-7" },
    { urlGroup: "nobody" },
  ]);
  await messages.get(queued.messageId);
  await batch([{ url: ORDERS }]);
  await batch([]);
  await advance(0);
}

export async function json({ client, advance, openai, resend }) {
  await client().batchJSON([
    { url: ORDERS, body: { id: 7 }, headers: { "X-Shop": "tea" } },
    { url: ORDERS, queueName: "till", body: "tea" },
    { url: ORDERS },
    {
      api: { name: "llm", provider: openai({ token: "sk" }) },
      body: { model: "gpt" },
      callback: "https://shop.test/called",
    },
    {
      api: { name: "llm", provider: openai({ token: "sk" }), analytics },
      body: { model: "gpt" },
      callback: "https://shop.test/called",
    },
    { api: { name: "email", provider: resend({ token: "re" }) }, body: { to: "me" } },
  ]);
  await advance(0);
}

export async function refused({ client, advance }) {
  const { batch } = client();
  await batch([{ url: ORDERS }, { url: ORDERS, retries: 6 }]);
  await batch([{ url: ORDERS }, { url: "shop.test" }]);
  await batch([{ url: ORDERS }, { url: ORDERS, queueName: "till", delay: 1 }]);
  await advance(0);
}
