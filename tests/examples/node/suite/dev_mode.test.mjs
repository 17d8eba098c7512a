// QSTASH_DEV=true has the official client look for the vendor's own development server, by
// default on port 8080: it finds this one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Receiver } from "@upstash/qstash";

process.env.QSTASH_DEV = "true";
process.env.QSTASH_DEV_PORT = new URL(process.env.QSTASH_URL).port;

test("the client of the development mode finds the server, and needs no token", async () => {
  const client = new Client({ token: "is ignored" });

  const { messageId } = await client.publish({ url: "http://127.0.0.1:9/", delay: "1d" });

  const message = await client.messages.get(messageId);
  assert.equal(message.notBefore - message.createdAt, 86_400_000);
  assert.equal((await client.messages.cancel(messageId)).cancelled, 1);
});

test("its receiver takes what is signed with the keys of the default user", async () => {
  const receiver = new Receiver();

  await assert.rejects(receiver.verify({ signature: "no.to.ken", body: "" }));
});
