// Checking what was delivered.
const URL = "https://shop.test/orders";

async function delivered({ client, advance }, body) {
  await client().publish({ url: URL, body });
  const [headers] = await advance(0);
  return { signature: headers["Upstash-Signature"], region: headers["Upstash-Region"] };
}

export async function verified(stage) {
  const { signature } = await delivered(stage, "tëa");
  const { verify } = stage.receiver();
  await verify({ signature, body: "tëa", url: URL });
  await verify({ signature, body: "tëa" });
  await verify({ signature, body: "tëa", clockTolerance: 5 });
  await verify({ signature, body: "coffee", url: URL });
  await verify({ signature, body: "tëa", url: `${URL}/` });
  await verify({ signature: `${signature}x`, body: "tëa", url: URL });
  const empty = await delivered(stage);
  await verify({ signature: empty.signature, body: "", url: URL });
}

export async function keys(stage) {
  const { signature, region } = await delivered(stage, "tea");
  const { QSTASH_CURRENT_SIGNING_KEY: current, QSTASH_NEXT_SIGNING_KEY: next } = process.env;
  const request = { signature, body: "tea", url: URL };
  const { receiver } = stage;
  await receiver({ currentSigningKey: current, nextSigningKey: "sig_other" }).verify(request);
  await receiver({ currentSigningKey: "sig_other", nextSigningKey: next }).verify(request);
  await receiver({ currentSigningKey: "sig_other", nextSigningKey: "sig_other" }).verify(request);
  await receiver({ devMode: true }).verify(request);

  process.env.QSTASH_REGION = "US_EAST_1";
  process.env.EU_CENTRAL_1_QSTASH_CURRENT_SIGNING_KEY = current;
  process.env.EU_CENTRAL_1_QSTASH_NEXT_SIGNING_KEY = next;
  process.env.QSTASH_CURRENT_SIGNING_KEY = "sig_other";
  await receiver().verify({ ...request, upstashRegion: region });
  await receiver().verify(request);
}

export async function afterRotation(stage) {
  const { QSTASH_URL, QSTASH_TOKEN } = process.env;
  await fetch(`${QSTASH_URL}/v2/keys/rotate`, {
    method: "POST",
    headers: { Authorization: `Bearer ${QSTASH_TOKEN}` },
  });
  const { signature } = await delivered(stage, "tea");
  await stage.receiver().verify({ signature, body: "tea", url: URL });
}

export async function expired(stage) {
  const { signature } = await delivered(stage, "tea");
  const { verify } = stage.receiver();
  await verify({ signature, body: "tea" });
  await verify({ signature, body: "tea", clockTolerance: 1_000_000_000 });
}
