// Publishing one message, or one to each endpoint of a group.
const ORDERS = "https://shop.test/orders";

export async function bare({ client, advance }) {
  const qstash = client();
  const { messageId } = await qstash.publish({ url: ORDERS });
  await qstash.messages.get(messageId);
  await advance(0);
}

export async function everyOption({ client, advance }) {
  const qstash = client();
  const { messageId } = await qstash.publish({
    url: "https://broken.test/orders",
    body: "tea",
    headers: { "Content-Type": "text/x-tea", "X-Shop": "tea", "X-Till": "7" },
    method: "PUT",
    delay: 30,
    notBefore: 1_767_225_660, // 60 s after the start; it beats the delay
    deduplicationId: "order-7",
    contentBasedDeduplication: true,
    retries: 2,
    retryDelay: "1000 * (1 + retried)",
    timeout: 20,
    callback: "https://shop.test/called",
    failureCallback: "https://shop.test/failed",
    flowControl: { key: "till", parallelism: 2, rate: 5, period: "1m" },
    label: ["orders", "tea"],
    redact: { body: true, header: ["X-Till"] },
  });
  await qstash.messages.get(messageId);
  await advance("59999ms");
  await advance("1ms");
  await advance("1h");
  await qstash.logs({ messageIds: [messageId] });
  await qstash.dlq.listMessages();
}

export async function otherForms({ client }) {
  const { publish, messages } = client();
  const published = [
    await publish({ url: ORDERS, delay: "1d", timeout: "1m", label: "tea" }),
    await publish({ url: ORDERS, delay: 0.4, retries: 0, method: "GET" }),
    await publish({ url: ORDERS, method: "POST", flowControl: { key: "a", parallelism: 3 } }),
    await publish({ url: ORDERS, method: "PATCH", flowControl: { key: "b", rate: 4 } }),
    await publish({
      url: ORDERS,
      method: "DELETE",
      flowControl: { key: "c", ratePerSecond: 5, period: 90 },
    }),
    await publish({ url: ORDERS, body: "tea", headers: { "X-A": "1" }, redact: { header: true } }),
  ];
  for (const { messageId } of published) await messages.get(messageId);
}

export async function bodies({ client, advance }) {
  const qstash = client();
  const bodies = [
    "tëa",
    new URLSearchParams({ id: "7" }),
    new Blob([Uint8Array.of(0, 255, 10)], { type: "image/x-tea" }),
    Uint8Array.of(195, 40),
  ];
  for (const body of bodies) {
    const { messageId } = await qstash.publish({ url: ORDERS, body });
    await qstash.messages.get(messageId);
  }
  await advance(0);
}

export async function headerForms({ client, advance }) {
  const { publish } = client();
  const pairs = [
    ["X-Shop", "tea"],
    ["X-Shop", "coffee"],
  ];
  await publish({ url: ORDERS, headers: { "x-shop": "tea", "content-type": "a/b" } });
  await publish({ url: ORDERS, headers: new Headers({ "X-Shop": "tea" }) });
  await publish({ url: ORDERS, headers: pairs });
  await publish({ url: ORDERS, headers: new Map(pairs).entries() });
  await publish({ url: ORDERS, headers: { "Upstash-Forward-Upstash-Inner": "1" } });
  await publish({
    url: ORDERS,
    callback: "https://shop.test/called",
    headers: {
      "Upstash-Callback-Method": "PATCH",
      "Upstash-Callback-Forward-X-Order": "7",
      "Upstash-Callback-Retries": "0",
    },
  });
  await advance(0);
}

export async function urls({ client, advance }) {
  const { publish, messages } = client();
  await publish({ url: "https://shop.test" });
  const query = "id=7&name=green%20tea&id=8&upstash-retries=1";
  const { messageId } = await publish({ url: `https://shop.test/orders?${query}` });
  await messages.get(messageId);
  await publish({ url: "https://shop.test//orders/%2F/../a b?é=tëa#top" });
  await publish({ url: "http://shop.test:8080/orders/" });
  await advance(0);
}

export async function json({ client, advance }) {
  const { publishJSON } = client();
  await publishJSON({ url: ORDERS, body: { id: 7, name: "tëa" }, headers: { "X-Shop": "tea" } });
  await publishJSON({ url: ORDERS, body: "tea", method: "PUT", delay: "1m" });
  await publishJSON({ url: ORDERS, body: null });
  await publishJSON({ url: ORDERS });
  await publishJSON({ url: ORDERS, body: [1], headers: { "Content-Type": "text/x-tea" } });
  await advance("1m");
}

export async function duplicates({ client, advance }) {
  const { publish, urlGroups } = client();
  const same = { url: ORDERS, body: "tea", contentBasedDeduplication: true };
  await publish({ url: ORDERS, deduplicationId: "order-7" });
  await publish({ url: "https://shop.test/other", deduplicationId: "order-7", delay: "1h" });
  await publish(same);
  await publish({ ...same, retries: 1 });
  await publish({ ...same, body: "coffee" });
  await advance("599999ms");
  await publish({ url: ORDERS, deduplicationId: "order-7" });
  await advance("1ms");
  await publish({ url: ORDERS, deduplicationId: "order-7" });

  await urlGroups.addEndpoints({ name: "shops", endpoints: [{ url: ORDERS }] });
  await publish({ urlGroup: "shops", deduplicationId: "order-8" });
  await urlGroups.addEndpoints({ name: "shops", endpoints: [{ url: "https://shop.test/b" }] });
  await publish({ urlGroup: "shops", deduplicationId: "order-8" });
  await advance(0);
}

export async function toGroups({ client, advance }) {
  const { publish, publishJSON, urlGroups, messages } = client();
  const endpoints = [{ url: "https://shop.test/a", name: "first" }, { url: "https://shop.test/b" }];
  await urlGroups.addEndpoints({ name: "shops", endpoints });
  const [first, second] = await publish({ urlGroup: "shops", body: "tea" });
  await messages.get(first.messageId);
  await messages.get(second.messageId);
  await publish({ topic: "shops" });
  await publishJSON({ urlGroup: "shops", body: { id: 7 } });
  await publish({ urlGroup: "nobody" });
  await advance(0);
}

export async function callbacks({ client, advance }) {
  const { publish, logs } = client();
  const callback = "https://shop.test/called";
  const failureCallback = "https://shop.test/failed";
  const { messageId } = await publish({ url: ORDERS, body: "tea", callback, failureCallback });
  await publish({ url: "https://nowhere.test/", retries: 0, callback, failureCallback });
  await advance(0);
  await logs({ messageIds: [messageId] });
}

export async function refused({ client }) {
  const { publish } = client();
  await publish({});
  await publish({ url: "shop.test/orders" });
  await publish({ url: ORDERS, delay: "tomorrow" });
  await publish({ url: ORDERS, delay: "366d" });
  await publish({ url: ORDERS, notBefore: 1_900_000_000 });
  await publish({ url: ORDERS, retries: 6 });
  await publish({ url: ORDERS, retries: -1 });
  await publish({ url: ORDERS, retryDelay: "2 ** retried" });
  await publish({ url: ORDERS, timeout: 7201 });
  await publish({ url: ORDERS, timeout: 0.5 });
  await publish({ url: ORDERS, method: "TRACE" });
  await publish({ url: ORDERS, deduplicationId: "order:7" });
  await publish({ url: ORDERS, callback: "shop.test/called" });
  await publish({ url: ORDERS, failureCallback: "shop.test/failed" });
  await publish({ url: ORDERS, flowControl: { key: "till" } });
  await publish({ url: ORDERS, flowControl: { key: "till", rate: -1 } });
  await publish({ url: ORDERS, flowControl: { key: "till", rate: 1, period: "8d" } });
  await publish({ url: ORDERS, body: "x".repeat(10 * 1024 * 1024 + 1) });
}
