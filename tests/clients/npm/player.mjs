// Plays scenes with the official client against a fake. Each line of input is JSON, and so is
// each answer. "inventory" is answered by what there is, and {"scene": name, "environment": {...}}
// by {"played": notes} or {"failed": why}, with {"advance": duration} in between, whose answer are
// the headers of each delivery.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

import * as batches from "./scenes/batches.mjs";
import * as configuration from "./scenes/configuration.mjs";
import * as deadLetters from "./scenes/dead_letters.mjs";
import * as flowControl from "./scenes/flow_control.mjs";
import * as logs from "./scenes/logs.mjs";
import * as messages from "./scenes/messages.mjs";
import * as providers from "./scenes/providers.mjs";
import * as publishing from "./scenes/publishing.mjs";
import * as queues from "./scenes/queues.mjs";
import * as receiving from "./scenes/receiving.mjs";
import * as schedules from "./scenes/schedules.mjs";
import * as urlGroups from "./scenes/url_groups.mjs";
import { everyMethod, Notes, options, watched } from "./watched.mjs";

const SCENES = {
  ...named("batches", batches),
  ...named("configuration", configuration),
  ...named("dead_letters", deadLetters),
  ...named("flow_control", flowControl),
  ...named("logs", logs),
  ...named("messages", messages),
  ...named("providers", providers),
  ...named("publishing", publishing),
  ...named("queues", queues),
  ...named("receiving", receiving),
  ...named("schedules", schedules),
  ...named("url_groups", urlGroups),
};
const PATIENCE_MS = 30_000;

const project = new URL("../../examples/node/package.json", import.meta.url);
const qstash = createRequire(project)("@upstash/qstash");
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const outside = { ...process.env };
console.error = console.warn = () => {}; // the client tells there what it also raises

function named(file, scenes) {
  return Object.fromEntries(Object.entries(scenes).map(([name, scene]) => [`${file}.${name}`, scene]));
}

async function listen() {
  const { value, done } = await lines.next();
  if (done) process.exit();
  return JSON.parse(value);
}

async function ask(question) {
  process.stdout.write(`${JSON.stringify(question)}\n`);
  return listen();
}

// What a scene plays with: the client's classes, watched, and the clock of the fake.
function stage(notes) {
  const made = (name) => (given) => qstash[name](options(given, name, notes));
  const instance = (name) => (given) =>
    watched(new qstash[name](options(given, name, notes)), notes);
  return {
    client: instance("Client"),
    receiver: instance("Receiver"),
    openai: made("openai"),
    anthropic: made("anthropic"),
    custom: made("custom"),
    resend: made("resend"),
    upstash: made("upstash"),
    advance: (duration) => ask({ advance: duration }),
  };
}

async function play(scene) {
  const notes = new Notes();
  const overdue = setTimeout(() => process.exit(1), PATIENCE_MS);
  try {
    await SCENES[scene](stage(notes));
    return { played: notes };
  } catch (error) {
    return { failed: error.stack };
  } finally {
    clearTimeout(overdue);
  }
}

function inventory() {
  const client = new qstash.Client({ baseUrl: "http://nowhere.test", token: "none" });
  const { urlGroups, dlq, messages, schedules, flowControl, workflow } = client;
  const reached = [urlGroups, dlq, messages, schedules, flowControl, workflow];
  const made = [client.queue(), client.chat(), new qstash.Receiver()];
  return { scenes: Object.keys(SCENES), methods: everyMethod([client, ...reached, ...made]) };
}

let order = await listen();
for (;;) {
  process.env = { ...outside, ...order.environment };
  order = await ask(order === "inventory" ? inventory() : await play(order.scene));
}
