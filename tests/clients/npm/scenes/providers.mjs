// Language models and e-mail: messages to the provider's own URL.
const callback = "https://shop.test/called";
const body = { model: "m" };
const analytics = { name: "helicone", token: "he" };

export async function models({ client, advance, openai, anthropic, custom }) {
  const { publishJSON } = client();
  const providers = [
    openai({ token: "sk", organization: "org" }),
    anthropic({ token: "sk" }),
    custom({ token: "sk", baseUrl: "https://llm.test/chat/completions" }),
  ];
  for (const provider of providers) {
    await publishJSON({ api: { name: "llm", provider }, body, callback });
    await publishJSON({ api: { name: "llm", provider, analytics }, body, callback, method: "PUT" });
  }
  await publishJSON({ api: { name: "llm", provider: providers[0] }, body });
  await publishJSON({ api: { name: "email", provider: providers[0] }, body });
  await advance(0);
}

export async function email({ client, advance, resend }) {
  const { publish, publishJSON } = client();
  const headers = { "X-Shop": "tea" };
  await publishJSON({
    api: { name: "email", provider: resend({ token: "re" }) },
    body: { to: "me" },
    headers,
    callback,
  });
  await publishJSON({
    api: { name: "email", provider: resend({ token: "re", batch: true }) },
    body: [{ to: "me" }],
  });
  await publish({ api: { name: "email", provider: resend({ token: "re" }) } }); // names no route
  await advance(0);
}

export async function ownModel({ client, upstash }) {
  const { publish, publishJSON, queue, batchJSON } = client();
  await publishJSON({ api: { name: "llm" }, body, callback });
  await publishJSON({ api: { name: "llm", provider: upstash() }, body, callback });
  await publish({ api: { name: "llm" }, body: "{}" });
  await queue({ queueName: "till" }).enqueueJSON({ api: { name: "llm" }, body, callback });
  await batchJSON([{ api: { name: "llm" }, body, callback }]);
}

export async function ownModelElsewhere({ client, upstash, advance }) {
  const { publish, publishJSON } = client();
  await publishJSON({ api: { name: "llm", provider: upstash() }, body, callback });
  await publishJSON({ api: { name: "llm", provider: upstash(), analytics }, body, callback });
  await publish({ api: { name: "llm" }, body: "{}" });
  await advance(0);
}

export async function chat({ client, upstash, custom }) {
  const { create, prompt } = client().chat();
  const provider = upstash();
  await create({ provider, model: "m", messages: [{ role: "user", content: "tea?" }] });
  await prompt({ provider, model: "m", system: "You serve.", user: "tea?" });
  const elsewhere = custom({ token: "sk", baseUrl: process.env.QSTASH_URL });
  await prompt({ provider: elsewhere, model: "m", system: "You serve.", user: "tea?" });
}
