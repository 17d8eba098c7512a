// The client, watched: every call that a scene makes is noted with what came of it, and so is
// every option that a scene gives or that the client looks for.

const NOT_OPTIONS = new Set(["then", "toJSON"]); // asked of any object by the language itself
const USER_DATA = new Set(["body", "headers"]); // their keys are the user's, not the client's

export class Notes {
  calls = []; // [name, what it returned or raised], in order
  methods = new Set();
  given = new Set();
  sought = new Set();

  toJSON() {
    const { calls, methods, given, sought } = this;
    return { calls, methods: [...methods], given: [...given], sought: [...sought] };
  }
}

// An object of the client whose calls are noted. A call that raises goes on with undefined: what
// it raised is in the notes.
export function watched(target, notes) {
  return new Proxy(target, {
    get(_, key) {
      const found = Reflect.get(target, key, target);
      if (typeof key === "symbol" || found === undefined) return found;
      const name = `${classOf(target)}.${key}`;
      if (typeof found !== "function") {
        notes.methods.add(name);
        return watched(found, notes);
      }
      return (...args) => {
        notes.methods.add(name);
        const result = found.apply(
          target,
          args.map((arg) => options(arg, name, notes)),
        );
        return result instanceof Promise ? noted(result, name, notes) : watched(result, notes);
      };
    },
  });
}

async function noted(promise, name, notes) {
  try {
    const returned = await promise;
    notes.calls.push([name, returned ?? null]);
    return returned;
  } catch (error) {
    const { name: kind, message } = error;
    notes.calls.push([name, { raised: { name: kind, message, ...error } }]);
  }
}

// What a user hands to the client, noting which of its keys are there and which are read.
export function options(value, path, notes) {
  if (!isPlain(value)) return value;
  const isList = Array.isArray(value);
  if (!isList) for (const key of Object.keys(value)) notes.given.add(`${path}.${key}`);
  return new Proxy(value, {
    get(target, key) {
      const found = target[key];
      if (typeof key === "symbol" || NOT_OPTIONS.has(key)) return found;
      if (isList) return options(found, path, notes);
      notes.sought.add(`${path}.${key}`);
      return USER_DATA.has(key) ? found : options(found, `${path}.${key}`, notes);
    },
  });
}

function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  return [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value));
}

function classOf(target) {
  return target.constructor.name.replace("_", "");
}

// All that can be called or read on the client and what it leads to, such as "Client.publish".
export function everyMethod(targets) {
  return targets.flatMap((target) => {
    const inherited = Object.getOwnPropertyNames(Object.getPrototypeOf(target));
    const own = Object.keys(target).filter((key) => typeof target[key] === "function");
    const names = [...inherited, ...own].filter((name) => name !== "constructor");
    return names.map((name) => `${classOf(target)}.${name}`);
  });
}
