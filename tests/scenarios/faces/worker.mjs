// Calls the official JavaScript client as it is told. Each line of standard input is a call:
// {"number", "url", "token", "chain"}, where the chain leads from a client to what is called, link by
// link: ["messages"] is a property, ["cancel", "msg_..."] a call. Each line of standard output
// is an answer: {"number"} with "answer", or with "refused", "unsaid" or "broken".
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { Client } = createRequire(`${process.argv[2]}/package.json`)("@upstash/qstash");
console.error = console.warn = () => {}; // the client tells of refusals there, too

const clients = new Map();

function clientOf(url, token) {
  if (!clients.has(url)) clients.set(url, new Client({ baseUrl: url, token, retry: false }));
  return clients.get(url);
}

async function answer({ url, token, chain }) {
  let value = clientOf(url, token);
  for (const [name, ...given] of chain) {
    const found = value[name];
    if (found === undefined) return { unsaid: `the client has no ${name}` };
    value = typeof found === "function" ? await found.apply(value, given) : found;
  }
  return { answer: value ?? null };
}

for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line);
  answer(call)
    .catch((error) =>
      error.status === undefined
        ? { broken: String(error) }
        : { refused: { status: error.status, text: JSON.parse(error.message).error } },
    )
    .then((said) => process.stdout.write(`${JSON.stringify({ number: call.number, ...said })}\n`));
}
