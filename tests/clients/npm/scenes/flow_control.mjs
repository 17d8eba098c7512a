// Limits by key.
export async function seen({ client, advance }) {
  const { publish, flowControl } = client();
  await flowControl.get("till");
  await flowControl.get("");
  const limits = { key: "till", parallelism: 2, rate: 10, period: "1m" };
  for (const name of ["1", "2", "3"]) {
    await publish({ url: `https://slow.test/${name}`, flowControl: limits });
  }
  await flowControl.get("till");
  await advance("5s");
  await flowControl.get("till");
  await flowControl.getGlobalParallelism();
  await flowControl.resetRate("till");
  await flowControl.get("till");
  await advance("1m");
  await flowControl.get("till");
  await flowControl.getGlobalParallelism();
}

export async function paused({ client, advance }) {
  const { publish, flowControl } = client();
  await flowControl.pause("till");
  await publish({ url: "https://shop.test/1", flowControl: { key: "till", rate: 1 } });
  await advance("1m");
  await flowControl.get("till");
  await flowControl.resume("till");
  await flowControl.get("till");
  await advance(0);
}

export async function pinned({ client }) {
  const { publish, flowControl } = client();
  await flowControl.pin("till", { parallelism: 3, rate: 4, period: 60 });
  await publish({ url: "https://shop.test/1", flowControl: { key: "till", rate: 1, period: 5 } });
  await flowControl.get("till");
  await flowControl.unpin("till", { parallelism: true, rate: true });
  await flowControl.get("till");
  await publish({ url: "https://shop.test/1", flowControl: { key: "till", rate: 1, period: 5 } });
  await flowControl.get("till");
  await flowControl.pin("till", { rate: 2 });
  await flowControl.unpin("till", { parallelism: true, rate: false });
  await flowControl.get("till");
}

export async function refused({ client }) {
  const { flowControl } = client();
  await flowControl.pin("till", {});
  await flowControl.pin("till", { parallelism: 0 });
  await flowControl.pin("till", { parallelism: 1, period: 60 });
}
