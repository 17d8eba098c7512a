// URL groups, which were called topics.
export async function life({ client, advance }) {
  const { urlGroups } = client();
  await urlGroups.list();
  await urlGroups.addEndpoints({
    name: "shops",
    endpoints: [
      { url: "https://shop.test/a", name: "first" },
      { url: "https://shop.test/b" },
      { url: "https://shop.test/c", name: "third" },
    ],
  });
  await urlGroups.get("shops");
  await advance("1m");
  await urlGroups.addEndpoints({
    name: "shops",
    endpoints: [
      { url: "https://shop.test/new", name: "first" },
      { url: "https://shop.test/b", name: "second" },
    ],
  });
  await urlGroups.addEndpoints({ name: "others", endpoints: [{ url: "https://shop.test/" }] });
  await urlGroups.list();
  await urlGroups.removeEndpoints({
    name: "shops",
    endpoints: [{ name: "first" }, { url: "https://shop.test/b" }, { url: "https://shop.test/z" }],
  });
  await urlGroups.get("shops");
  await urlGroups.removeEndpoints({
    name: "shops",
    endpoints: [{ name: "third", url: "https://shop.test/c" }],
  });
  await urlGroups.get("shops");
  await urlGroups.delete("others");
  await urlGroups.delete("others");
  await urlGroups.list();
}

export async function underTheirOldName({ client }) {
  const { topics } = client();
  await topics.addEndpoints({ name: "shops", endpoints: [{ url: "https://shop.test/a" }] });
  await topics.get("shops");
}

export async function refused({ client }) {
  const { urlGroups } = client();
  const endpoints = [{ url: "https://shop.test/a" }];
  await urlGroups.addEndpoints({ name: "all shops", endpoints });
  await urlGroups.addEndpoints({ name: "shops", endpoints: [] });
  await urlGroups.addEndpoints({ name: "shops", endpoints: [{ url: "shop.test" }] });
  await urlGroups.removeEndpoints({ name: "shops", endpoints });
  await urlGroups.get("shops");
  await urlGroups.get("");
  await urlGroups.delete("");
}
