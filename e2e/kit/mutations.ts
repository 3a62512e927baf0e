// Mutated keystore requests, made and sent in a page: bytes changed, protobuf trees rearranged, parameters of the wrong shape.
// Promises the same requests for the same seed, and a tally of what came back that names everything that is not a typed answer.
// Must not: refer to anything outside of `runMutations`: its source text is what runs in the page.

export interface Bases {
  /** Each method with a whole request, as lists of numbers. */
  requests: [method: string, request: number[]][];
  /** Methods that answer item by item. */
  batches: string[];
}

export interface Tally {
  /** How often each outcome came: "answered", or the error's code and the keystore's. */
  outcomes: Record<string, number>;
  /** How often each method was called. */
  methods: Record<string, number>;
  /** Outcomes that must not be, in words; at most 20. */
  wrong: string[];
}

export async function runMutations({
  requests,
  batches,
  seed,
  count,
  inFlight,
}: Bases & { seed: number; count: number; inFlight: number }): Promise<Tally> {
  let state = seed;
  const next = (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  const one = <T>(list: readonly T[]): T => list[next(list.length)]!;

  type Node = { field: number; wire: number; value: number[]; parts?: Node[] };
  const varint = (value: number): number[] => {
    const digits: number[] = [];
    let left = value;
    while (left > 127) {
      digits.push((left % 128) + 128);
      left = Math.floor(left / 128);
    }
    return [...digits, left];
  };
  /** The fields of a message; undefined when the bytes are none. */
  const parse = (bytes: number[], depth = 0): Node[] | undefined => {
    let at = 0;
    const number = (): number | undefined => {
      let value = 0;
      for (let shift = 0; shift < 9; shift++) {
        const digit = bytes[at++];
        if (digit === undefined) return undefined;
        value += (digit % 128) * 128 ** shift;
        if (digit < 128) return value;
      }
      return undefined;
    };
    const nodes: Node[] = [];
    while (at < bytes.length) {
      const tag = number();
      if (tag === undefined) return undefined;
      const [field, wire] = [Math.floor(tag / 8), tag % 8];
      const from = at;
      let length: number | undefined;
      if (field === 0) return undefined;
      if (wire === 0) length = number() === undefined ? undefined : 0;
      else if (wire === 1) length = 8;
      else if (wire === 5) length = 4;
      else if (wire === 2) length = number();
      if (length === undefined || at + length > bytes.length) return undefined;
      const value = wire === 0 ? bytes.slice(from, at) : bytes.slice(at, at + length);
      at += length;
      const parts = wire === 2 && depth < 6 && value.length > 1 ? parse(value, depth + 1) : undefined;
      nodes.push({ field, wire, value, ...(parts ? { parts } : {}) });
    }
    return nodes;
  };
  const write = (nodes: Node[]): number[] =>
    nodes.flatMap(({ field, wire, value, parts }) => {
      const content = parts ? write(parts) : value;
      return [...varint(field * 8 + wire), ...(wire === 2 ? varint(content.length) : []), ...content];
    });
  const every = (nodes: Node[]): Node[][] => [nodes, ...nodes.flatMap(({ parts }) => (parts ? every(parts) : []))];

  const randomBytes = (length: number) => Array.from({ length }, () => next(256));
  const changeBytes = (bytes: number[]): number[] => {
    const from = next(bytes.length + 1);
    const to = Math.min(bytes.length, from + next(40));
    const kind = next(6);
    if (kind === 0) return bytes.map((byte, at) => (at === from ? byte ^ (1 + next(255)) : byte));
    if (kind === 1) return [...bytes.slice(0, from), ...bytes.slice(to)];
    if (kind === 2) return [...bytes.slice(0, to), ...bytes.slice(from)];
    if (kind === 3) return [...bytes.slice(0, from), ...randomBytes(1 + next(8)), ...bytes.slice(from)];
    if (kind === 4) return bytes.map((byte, at) => (at >= from && at < to ? 0 : byte));
    return bytes.slice(0, from);
  };
  const changeTree = (bytes: number[]): number[] => {
    const nodes = parse(bytes);
    if (!nodes || nodes.length === 0) return randomBytes(next(60));
    const list = one(every(nodes).filter(({ length }) => length > 0));
    const at = next(list.length);
    const node = list[at]!;
    switch (next(9)) {
      case 0:
        list.splice(at, 1);
        break;
      case 1:
        list.splice(next(list.length), 0, structuredClone(node));
        break;
      case 2:
        node.field = 1 + next(20);
        break;
      case 3:
        Object.assign(node, { wire: one([0, 1, 2, 5]), value: node.wire === 2 ? randomBytes(8) : node.value });
        delete node.parts;
        break;
      case 4:
        // Something of elsewhere in the same request.
        list.splice(at, 1, structuredClone(one(one(every(nodes).filter(({ length }) => length > 0)))));
        break;
      case 5:
        delete node.parts;
        node.value =
          node.wire === 0
            ? one([[0], [255, 255, 255, 255, 255, 255, 255, 255, 255, 1], [128, 128, 128, 128, 16]])
            : node.wire === 2
              ? randomBytes(next(70))
              : node.value;
        break;
      case 6:
        delete node.parts;
        node.value = node.wire === 2 ? [] : node.value;
        break;
      case 7:
        for (let times = next(30); times > 0; times--) list.push(structuredClone(node));
        break;
      default:
        // A message in a message in a message.
        for (let times = 1 + next(40); times > 0; times--)
          Object.assign(node, { wire: 2, parts: [structuredClone(node)] });
    }
    return write(nodes).slice(0, 200_000);
  };
  const changeParams = (bytes: number[]): unknown => {
    const request = Uint8Array.from(bytes);
    return one<() => unknown>([
      () => undefined,
      () => null,
      () => [],
      () => request,
      () => ({}),
      () => ({ request: bytes }),
      () => ({ request: request.buffer }),
      () => ({ request: new Uint16Array(request) }),
      () => ({ request: new DataView(request.buffer) }),
      () => ({ request: String(bytes) }),
      () => ({ request: { ...request } }),
      () => ({ request, extra: 1 }),
      () => ({ request, account: '0x1' }),
      () => ({ request, account: `0x${'1'.repeat(40)}` }),
      () => ({ request, account: request }),
      () => ({ request: null, account: null }),
      () => ({ request: [[[[[[[[[[[request]]]]]]]]]]] }),
      () => ({ request: 1n }),
      () => ({ request: new Map([[1, request]]) }),
      () => ({ request: Number.NaN }),
      () => JSON.parse('{"__proto__":{"request":1},"request":{"$u8":[1]}}') as unknown,
    ])();
  };
  /** Items of a batch, request and response alike: what its field 1 repeats. */
  const itemsOf = (bytes: Uint8Array): number =>
    parse([...bytes])?.filter(({ field, wire }) => field === 1 && wire === 2).length ?? -1;

  const vault = (window as unknown as { prekeyVault: { request(args: object): Promise<unknown> } }).prekeyVault;
  const tally: Tally = { outcomes: {}, methods: {}, wrong: [] };
  const typed = [-32600, -32602, -32005, 4001, 4100, 4200];
  const note = (wrong: string) => void (tally.wrong.length < 20 && tally.wrong.push(wrong));
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const [method, base] = one(requests);
      const kind = next(10);
      let bytes = base;
      if (kind > 0)
        for (let times = 1 + next(3); times > 0; times--) bytes = kind < 5 ? changeBytes(bytes) : changeTree(bytes);
      const params = kind === 0 ? changeParams(base) : { request: Uint8Array.from(bytes) };
      const name =
        next(200) === 0
          ? one([`${method} `, method.slice(5), method.toUpperCase(), '__proto__', 'xmtp_', 'xmtp_getPrivateKeyBundle'])
          : method;
      tally.methods[method] = (tally.methods[method] ?? 0) + 1;
      const where = () => `${name} ${kind} [${kind === 0 ? 'params' : bytes.join(',').slice(0, 2000)}]`;
      let outcome = 'answered';
      try {
        const result = await vault.request({ method: name, params });
        if (!(result instanceof Uint8Array)) note(`no bytes: ${where()}`);
        else if (kind > 0 && batches.includes(method)) {
          const asked = itemsOf(Uint8Array.from(bytes));
          // Numbers above 2^53 are more than this reader takes, and no item.
          if (asked >= 0 && itemsOf(result) !== asked) note(`${itemsOf(result)} answers: ${where()}`);
        }
      } catch (thrown) {
        const { code, data } = thrown as { code?: number; data?: { keystoreCode?: number } };
        outcome = `${code}${data?.keystoreCode === undefined ? '' : ` keystore ${data.keystoreCode}`}`;
        if (!typed.includes(code!)) note(`${outcome} ${String(thrown)}: ${where()}`);
      }
      tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return tally;
}
