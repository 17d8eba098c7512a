// How a client is set up, and what it makes of the answers that it does not like.
const ORDERS = "https://shop.test/orders";

export async function places({ client }) {
  const { QSTASH_URL, QSTASH_TOKEN } = process.env;
  const named = client({ baseUrl: `${QSTASH_URL}/`, token: QSTASH_TOKEN, devMode: false });
  await named.publish({ url: ORDERS });
  await client({ token: `${QSTASH_TOKEN}x` }).publish({ url: ORDERS });
  await client({ token: "" }).publish({ url: ORDERS });

  process.env.QSTASH_REGION = "eu-central-1";
  process.env.EU_CENTRAL_1_QSTASH_URL = QSTASH_URL;
  process.env.EU_CENTRAL_1_QSTASH_TOKEN = QSTASH_TOKEN;
  process.env.QSTASH_URL = "http://127.0.0.1:1";
  await client().publish({ url: ORDERS });
}

export async function globalHeaders({ client, advance }) {
  const headers = { "X-Shop": "tea", "X-Till": "7", "Upstash-Retries": "1" };
  const { publish, publishJSON, batch, batchJSON, queue, schedules } = client({ headers });
  await publish({ url: ORDERS });
  await publishJSON({ url: ORDERS, headers: { "X-Till": "8" } });
  await batch([{ url: ORDERS, retries: 2 }]);
  await batchJSON([{ url: ORDERS }]);
  await queue({ queueName: "till" }).enqueue({ url: ORDERS });
  await schedules.create({ destination: ORDERS, cron: "@hourly", scheduleId: "hourly" });
  await schedules.list();
  await advance(0);
}

export async function telemetry({ client, advance }) {
  await client({ enableTelemetry: true }).publish({ url: ORDERS });
  await client({ enableTelemetry: false }).publish({ url: ORDERS });
  await advance(0);
}

export async function retries({ client, advance }) {
  const waits = [];
  const backoff = (count) => {
    waits.push(count);
    return 0;
  };
  const baseUrl = "http://127.0.0.1:1";
  await client({ baseUrl, token: "t", retry: { retries: 2, backoff } }).publish({ url: ORDERS });
  await client({ baseUrl, token: "t", retry: false }).publish({ url: ORDERS });
  await client().publish({ url: ORDERS, body: JSON.stringify(waits) });
  await advance(0);
}

export async function limits({ client }) {
  const { publish, urlGroups } = client();
  await publish({ url: ORDERS });
  await publish({ url: ORDERS });
  await urlGroups.list();
  await urlGroups.list();
  await urlGroups.list();
}

export async function workflows({ client }) {
  await client().workflow.cancel("wfr_1");
}

export async function faults({ client, advance }) {
  const { publish } = client({ retry: { retries: 1, backoff: () => 0 } });
  for (let count = 0; count < 5; count += 1) await publish({ url: ORDERS });
  await advance(0);
}
