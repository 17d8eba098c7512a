// Messages that wait, and their end before their time.
const LATER = { delay: "1h" };

export async function deprecatedCancels({ client, advance }) {
  const { publish, messages, logs } = client();
  const ids = [];
  for (const name of ["a", "b", "c", "d", "e"]) {
    const { messageId } = await publish({ url: `https://shop.test/${name}`, ...LATER });
    ids.push(messageId);
  }
  await messages.delete(ids[0]);
  await messages.delete(ids[0]);
  await messages.get(ids[0]);
  await messages.deleteMany([ids[0], ids[1], ids[2], "msg_unknown"]);
  await messages.deleteAll();
  await messages.deleteAll();
  await advance("1h");
  await logs({ messageIds: [ids[0]] });
}

export async function cancelledById({ client, advance }) {
  const { publish, messages } = client();
  const ids = [];
  for (const name of ["a", "b", "c", "d"]) {
    const { messageId } = await publish({ url: `https://shop.test/${name}`, ...LATER });
    ids.push(messageId);
  }
  await messages.cancel(ids[0]);
  await messages.cancel(ids[0]);
  await messages.cancel([ids[0], ids[1]]);
  await messages.cancel({ messageIds: [ids[2]] });
  await messages.cancel([]);
  await messages.cancel("");
  await messages.cancel({ messageIds: [] });
  await advance("1h");
  await messages.get(ids[3]);
  await advance("1001ms");
  await messages.get(ids[3]);
  await messages.cancel(ids[3]);
}

export async function cancelledByFilter({ client, advance }) {
  const qstash = client();
  const { publish, messages } = qstash;
  await qstash.urlGroups.addEndpoints({
    name: "shops",
    endpoints: [{ url: "https://group.test/a" }],
  });
  await qstash.schedules.create({
    destination: "https://schedule.test/",
    cron: "0 * * * *",
    delay: "1h",
    scheduleId: "hourly",
  });
  await advance("1h");
  await publish({ url: "https://shop.test/url?a,b", ...LATER });
  await publish({ url: "https://other.test:8080/x", ...LATER });
  await publish({ url: "https://shop.test/path/x?y", ...LATER });
  await publish({ url: "https://shop.test/label", label: ["a", "b"], ...LATER });
  await publish({ url: "https://shop.test/label", label: "c", ...LATER });
  await publish({ url: "https://shop.test/flow", flowControl: { key: "k", rate: 1 }, ...LATER });
  await publish({ urlGroup: "shops", ...LATER });
  await qstash.queue({ queueName: "till" }).enqueue({ url: "https://shop.test/queue" });

  await messages.cancel({ filter: { label: "d", api: "llm" } });
  await messages.cancel({ filter: { host: "shop.test", path: "/label", label: ["b", "d"] } });
  await messages.cancel({ filter: { url: "https://shop.test/url?a,b" }, count: 10 });
  await messages.cancel({ filter: { host: ["other.test", "nowhere.test"] } });
  await messages.cancel({ filter: { path: "/path/x" } });
  await messages.cancel({ filter: { flowControlKey: "k" } });
  await messages.cancel({ filter: { urlGroup: "shops" } });
  await messages.cancel({ filter: { queueName: "till" } });
  await messages.cancel({ filter: { scheduleId: "hourly" } });
  await messages.cancel({ filter: { callerIp: "10.0.0.1" } });
  await messages.cancel({ filter: { fromDate: new Date(0), toDate: 1_767_229_199_999 } });
  await messages.cancel({ filter: { fromDate: 1_767_229_200_000, callerIp: "127.0.0.1" } });
  await qstash.logs({ filter: { state: "CANCEL_REQUESTED" } });

  await publish({ url: "https://shop.test/1", ...LATER });
  await publish({ url: "https://shop.test/2", ...LATER });
  await publish({ url: "https://shop.test/3", ...LATER });
  await messages.cancel({ all: true, count: 1 });
  await messages.cancel({ all: true });
  await messages.cancel({ all: true, count: 501 });
}
