// How the V3 node is spoken to: frames, statuses, CORS, bounds, pages and subscriptions, byte by byte.
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RpcError } from '../node/rpc-error';
import { encoded, long, mlsMessages as mls, type PagingInfo } from './messages';
import { headOfGroupMessage, installationOfKeyPackage } from './mls-bytes';
import { startMessage, startNodeV3, type TestNodeV3 } from './node';
import { ask, call, frame, heardIn, pathOf, post, until } from './node-v3.testkit';

let node: TestNodeV3;
beforeAll(async () => {
  node = await startNodeV3({
    port: 0,
    nowMs: () => 1_700_000_000_000,
    limits: { callBytes: 100_000, backlogBytes: 200_000 },
  });
});
afterAll(() => node.close());
beforeEach(() => {
  node.faults.length = 0;
});

const vector = (bytes: Uint8Array) => [bytes.length, ...bytes];
/** A private message of MLS, as far as a node reads it; `content`: 1 of an application, 3 a commit. */
const groupMessage = (group: string, tail: Iterable<number> = [], content = 1) =>
  Buffer.concat([
    Uint8Array.from([0, 1, 0, 2, ...vector(Buffer.from(group)), ...new Uint8Array(8), content]),
    Uint8Array.from(tail),
  ]);
const keyPackage = (key: Uint8Array, tail: number[] = []) =>
  Uint8Array.from([
    0,
    1,
    0,
    1,
    ...vector(Buffer.from('init')),
    ...vector(Buffer.from('leaf')),
    ...vector(key),
    ...tail,
  ]);

const nothing = { encode: () => ({ finish: () => new Uint8Array() }), decode: () => ({}) };
const send = (...data: Uint8Array[]) =>
  ask(node, 'MlsApi/SendGroupMessages', [mls.SendGroupMessagesRequest, nothing], {
    messages: data.map((one) => ({ v1: { data: one, senderHmac: Uint8Array.of(7), shouldPush: true } })),
  });
const paging = (limit: number, direction: number, cursor = 0n) =>
  ({ limit, direction, idCursor: long(cursor) }) as PagingInfo;
const query = (group: string, pagingInfo?: PagingInfo) =>
  ask(node, 'MlsApi/QueryGroupMessages', [mls.QueryGroupMessagesRequest, mls.QueryGroupMessagesResponse], {
    groupId: Buffer.from(group),
    pagingInfo,
  });
const subscription = (group: string, cursor = 0n) =>
  frame(
    encoded(mls.SubscribeGroupMessagesRequest, { filters: [{ groupId: Buffer.from(group), idCursor: long(cursor) }] }),
  );

describe('calls to the V3 node', () => {
  it('of a method that it has not are answered with UNIMPLEMENTED, and told', async () => {
    for (const path of ['/xmtp.mls.api.v1.MlsApi/Subscribe', '/', '/none', '/xmtp.mls.api.v1.MlsApi/constructor'])
      expect(
        heardIn(new Uint8Array(await (await post(node, path, frame(new Uint8Array()))).arrayBuffer())).status,
      ).toBe(12);
    expect(node.unknownCalls).toContain('/xmtp.mls.api.v1.MlsApi/Subscribe');
  });

  it('with garbage are answered with INVALID_ARGUMENT', async () => {
    const query = frame(encoded(mls.QueryGroupMessagesRequest, { groupId: Buffer.from('x'), pagingInfo: undefined }));
    const bodies = [
      new Uint8Array(),
      query.slice(0, 4),
      query.slice(0, -1),
      Uint8Array.from([...query, 0]),
      frame(Uint8Array.of(0x0a, 0x7f, 1)),
      frame(Uint8Array.of(0xff, 0xff, 0xff)),
      frame(new Uint8Array()),
      frame(query.slice(5), 1),
      frame(query.slice(5), 0x80),
    ];
    for (const body of bodies) expect((await call(node, 'MlsApi/QueryGroupMessages', body)).status).toBe(3);
    for (const method of ['SendGroupMessages', 'SendWelcomeMessages', 'UploadKeyPackage', 'QueryWelcomeMessages'])
      expect((await call(node, `MlsApi/${method}`, frame(new Uint8Array()))).status).toBe(3);
    expect((await call(node, 'IdentityApi/PublishIdentityUpdate', frame(new Uint8Array()))).status).toBe(3);
    expect((await call(node, 'MlsApi/SubscribeGroupMessages', frame(Uint8Array.of(0x0a, 0x7f)))).status).toBe(3);
    await expect(send(Uint8Array.of(1, 2, 3))).rejects.toThrow('3 not a group message of MLS');
  });

  it('law: any bytes are answered with a status, by every method', async () => {
    const methods = [
      ...['GetInboxIds', 'GetIdentityUpdates', 'PublishIdentityUpdate'].map((name) => `IdentityApi/${name}`),
      ...['UploadKeyPackage', 'FetchKeyPackages', 'SendGroupMessages', 'SendWelcomeMessages'].map(
        (name) => `MlsApi/${name}`,
      ),
      ...['BatchPublishCommitLog', 'BatchQueryCommitLog', 'GetNewestGroupMessage'].map((name) => `MlsApi/${name}`),
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), fc.uint8Array({ maxLength: 60 }), async (method, bytes) => {
        expect([0, 3]).toContain((await call(node, method, frame(bytes))).status);
      }),
      { numRuns: 60 },
    );
  });

  it('that are too long are answered with RESOURCE_EXHAUSTED', async () => {
    const heard = await call(node, 'MlsApi/SendGroupMessages', frame(new Uint8Array(100_001)));
    expect(heard).toMatchObject({ status: 8, message: 'the request is longer than 100000 bytes' });
  });

  it('come from any page, as gRPC-web and nothing else', async () => {
    const preflight = await fetch(`${node.url}${pathOf('IdentityApi/GetInboxIds')}`, {
      method: 'OPTIONS',
      headers: { origin: 'http://page.example', 'access-control-request-headers': 'content-type,x-libxmtp-version' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type,x-libxmtp-version');
    const path = pathOf('IdentityApi/GetInboxIds');
    expect((await fetch(`${node.url}${path}`)).status).toBe(415);
    for (const type of ['application/json', 'application/grpc-web-text', 'application/grpc'])
      expect((await post(node, path, frame(new Uint8Array()), { headers: { 'content-type': type } })).status).toBe(415);
    const plain = await post(node, path, frame(new Uint8Array()), {
      headers: { 'content-type': 'application/grpc-web' },
    });
    expect([plain.status, plain.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    expect(heardIn(new Uint8Array(await plain.arrayBuffer()))).toMatchObject({
      status: 0,
      messages: [new Uint8Array()],
    });
  });

  it('meet the faults of a test, and the rules again without them', async () => {
    node.faults.push(({ path }) => (path.endsWith('GetInboxIds') ? new RpcError('Unavailable', 'not now') : undefined));
    expect(await call(node, 'IdentityApi/GetInboxIds', frame(new Uint8Array()))).toMatchObject({
      status: 14,
      message: 'not now',
    });
    expect((await call(node, 'IdentityApi/GetIdentityUpdates', frame(new Uint8Array()))).status).toBe(0);
    node.faults.push(() => 'hang up');
    await expect(call(node, 'IdentityApi/GetIdentityUpdates', frame(new Uint8Array()))).rejects.toThrow();
    node.faults.length = 0;
    expect((await call(node, 'IdentityApi/GetInboxIds', frame(new Uint8Array()))).status).toBe(0);
  });

  it('have one port, which another node cannot have as well', async () => {
    await expect(startNodeV3({ port: Number(new URL(node.url).port) })).rejects.toThrow('EADDRINUSE');
    expect(startMessage(node)).toContain(node.url);
  });
});

describe('what the V3 node keeps', () => {
  it('comes in pages: the newest first unless asked, 100 at most, a cursor only where there may be more', async () => {
    await send(...Array.from({ length: 105 }, (_, at) => groupMessage('pages', [at])));
    const lastBytes = ({ messages }: Awaited<ReturnType<typeof query>>) => messages.map(({ v1 }) => v1?.data.at(-1));
    const upwards = Array.from({ length: 105 }, (_, at) => at);
    const first = await query('pages');
    expect(lastBytes(first)).toEqual(upwards.toReversed().slice(0, 100));
    expect(first.pagingInfo).toMatchObject({ limit: 100, direction: 2 });
    const second = await query('pages', first.pagingInfo);
    expect(lastBytes(second)).toEqual([4, 3, 2, 1, 0]);
    expect(second.pagingInfo?.idCursor.toString()).toBe('0');
    expect(lastBytes(await query('pages', paging(3, 1)))).toEqual([0, 1, 2]);
    const { messages } = await query('pages', paging(101, 1));
    expect(messages).toHaveLength(100);
    const cursor = BigInt(messages[99]?.v1?.id.toString() as string);
    expect(lastBytes(await query('pages', paging(10, 1, cursor)))).toEqual([100, 101, 102, 103, 104]);
    expect((await query('none')).messages).toEqual([]);
  });

  it('is a message once, with its group, its time and whether it is a commit', async () => {
    await send(groupMessage('once'), groupMessage('once'), groupMessage('once', [], 3));
    const { messages } = await query('once', paging(0, 1));
    expect(messages.map(({ v1 }) => [Buffer.from(v1?.groupId ?? []).toString(), v1?.isCommit, v1?.shouldPush])).toEqual(
      [
        ['once', false, true],
        ['once', true, true],
      ],
    );
    expect(messages[0]?.v1?.createdNs.toString()).toBe('1700000000000000000');
    const newest = [mls.GetNewestGroupMessageRequest, mls.GetNewestGroupMessageResponse] as [
      typeof mls.GetNewestGroupMessageRequest,
      typeof mls.GetNewestGroupMessageResponse,
    ];
    for (const includeContent of [true, false]) {
      const groupIds = [Buffer.from('none'), Buffer.from('once')];
      const { responses } = await ask(node, 'MlsApi/GetNewestGroupMessage', newest, { groupIds, includeContent });
      expect(responses.map(({ groupMessage: one }) => one?.v1?.data.length)).toEqual([
        undefined,
        includeContent ? groupMessage('once').length : 0,
      ]);
    }
  });

  it('is the newest key package of each installation, in the order of the question', async () => {
    const [known, unknown] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    for (const tail of [[1], [2]]) {
      const upload = { keyPackage: { keyPackageTlsSerialized: keyPackage(known, tail) }, isInboxIdCredential: true };
      await ask(node, 'MlsApi/UploadKeyPackage', [mls.UploadKeyPackageRequest, nothing], upload);
    }
    const installationKeys = [unknown, known, known];
    const { keyPackages } = await ask(
      node,
      'MlsApi/FetchKeyPackages',
      [mls.FetchKeyPackagesRequest, mls.FetchKeyPackagesResponse],
      { installationKeys },
    );
    expect(keyPackages.map(({ keyPackageTlsSerialized }) => keyPackageTlsSerialized.at(-1))).toEqual([undefined, 2, 2]);
  });

  it('is the commit log of each group, in the order of publishing', async () => {
    const entry = (group: string, byte: number) => ({
      groupId: Buffer.from(group),
      serializedCommitLogEntry: Uint8Array.of(byte),
      signature: { bytes: Uint8Array.of(byte), publicKey: new Uint8Array(32) },
    });
    const requests = [entry('one', 1), entry('two', 2), entry('one', 3)];
    await ask(node, 'MlsApi/BatchPublishCommitLog', [mls.BatchPublishCommitLogRequest, nothing], { requests });
    const asked = ['one', 'two'].map((group) => ({ groupId: Buffer.from(group), pagingInfo: undefined }));
    const { responses } = await ask(
      node,
      'MlsApi/BatchQueryCommitLog',
      [mls.BatchQueryCommitLogRequest, mls.BatchQueryCommitLogResponse],
      { requests: asked },
    );
    expect(
      responses.map(({ commitLogEntries }) => commitLogEntries.map(({ signature }) => signature?.bytes[0])),
    ).toEqual([[1, 3], [2]]);
  });

  it('is named by bytes of MLS: any bytes name a group or an installation, or are refused', () => {
    const heads = [headOfGroupMessage, installationOfKeyPackage];
    const looks = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.uint8Array({ maxLength: 80 }).map((tail) => Uint8Array.from([0, 1, 0, 2, ...tail])),
    );
    fc.assert(
      fc.property(looks, fc.constantFrom(...heads), (bytes, headOf) => {
        try {
          headOf(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RpcError);
        }
      }),
      { numRuns: 2_000 },
    );
    // A length of two bytes, a public commit of a member, and one of nobody.
    const long = Buffer.alloc(300, 7);
    expect(headOfGroupMessage(Uint8Array.from([0, 1, 0, 2, 0x41, 0x2c, ...long, ...Buffer.alloc(8), 3]))).toEqual({
      groupId: Uint8Array.from(long),
      isCommit: true,
    });
    const publicHead = [0, 1, 0, 1, 1, 9, ...Buffer.alloc(8)];
    expect(headOfGroupMessage(Uint8Array.from([...publicHead, 1, 0, 0, 0, 5, 2, 1, 1, 3])).isCommit).toBe(true);
    expect(headOfGroupMessage(Uint8Array.from([...publicHead, 4, 0, 2])).isCommit).toBe(false);
    expect(() => headOfGroupMessage(Uint8Array.from([...publicHead, 5, 0, 2]))).toThrow(RpcError);
  });
});

describe('subscriptions to the V3 node', () => {
  it('begin at once, bring what is after their cursor and then what comes, and are forgotten when the client goes', async () => {
    await send(groupMessage('live', [1]), groupMessage('live', [2]));
    const cursor = BigInt((await query('live', paging(1, 1))).messages[0]?.v1?.id.toString() as string);
    const control = new AbortController();
    const response = await post(node, pathOf('MlsApi/SubscribeGroupMessages'), subscription('live', cursor), {
      signal: control.signal,
    });
    expect(node.subscriberCount()).toBe(1);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const heard: (number | undefined)[] = [];
    const hear = async () => {
      const { value } = await reader.read();
      for (const message of heardIn(value as Uint8Array).messages)
        heard.push(mls.GroupMessage.decode(message).v1?.data.at(-1));
    };
    await hear();
    await send(groupMessage('live', [3]), groupMessage('elsewhere', [9]));
    while (heard.length < 2) await hear();
    expect(heard).toEqual([2, 3]);
    control.abort();
    await until(() => node.subscriberCount() === 0);
  });

  it('are cut off when their client does not read', async () => {
    const { hostname, port } = new URL(node.url);
    const body = subscription('flood');
    const socket = connect(Number(port), hostname).pause();
    // Cut off is cut off: nothing is read, so nothing else can be heard.
    socket.on('error', () => undefined);
    socket.write(
      `POST ${pathOf('MlsApi/SubscribeGroupMessages')} HTTP/1.1\r\nhost: node\r\ncontent-type: application/grpc-web+proto\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    await until(() => node.subscriberCount() === 1);
    for (let sent = 0; node.subscriberCount() === 1; sent++) {
      expect(sent).toBeLessThan(250);
      await send(groupMessage('flood', new Uint8Array(90_000).fill(sent)));
    }
    socket.destroy();
  });

  it('end with a status when the node closes', async () => {
    const closing = await startNodeV3({ port: 0 });
    const response = await post(closing, pathOf('MlsApi/SubscribeWelcomeMessages'), frame(new Uint8Array()));
    await closing.close();
    expect(heardIn(new Uint8Array(await response.arrayBuffer()))).toMatchObject({ status: 0, messages: [] });
  });
});
