// Publishing, line by line of the description of the real node: tokens, topic rules, sizes, what is stored and what not.
// Tokens are judged by the frozen vectors as well, whose outcomes are those of the real node's rules.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesToBase64, hexToBytes } from '../../src/protocol/base/bytes';
import { accountOfHeader } from './authorization';
import { MAX_MESSAGE_BYTES } from './calls';
import type { TestNode } from './node';
import { startNode } from './node';
import { envelope, post, publish, testAccount } from './node.testkit';
import { RpcError } from './rpc-error';
import { isEphemeral, mayPublish } from './topic-rules';

const alice = testAccount('alice');
const bob = testAccount('bob');
const HOUR_MS = 3_600_000;
const START_MS = 1_800_000_000_000;

let node: TestNode;
let open: TestNode;
let nowMs = START_MS;
beforeAll(async () => {
  node = await startNode({ nowMs: () => nowMs });
  open = await startNode({ auth: false });
});
afterAll(async () => {
  await node.close();
  await open.close();
});

const anyTopic = { envelopes: [envelope('/xmtp/0/m-any/proto', 1, 'x')] };
const as = (account: typeof alice, createdMs = START_MS): Record<string, string> => ({
  authorization: account.authorization(createdMs),
});

interface TokenVector {
  readonly id: string;
  readonly input: { readonly tokenProto?: string; readonly nodeClockMs: string };
  readonly expect: {
    readonly tokenBase64?: string;
    readonly node: { readonly outcome: string; readonly error?: string };
  };
}
const vectors = (
  JSON.parse(readFileSync('src/protocol/vectors/auth-tokens.json', 'utf8')) as { vectors: TokenVector[] }
).vectors;

describe('Auth', () => {
  it('Auth: only publish needs a token; a bad one elsewhere is ignored', async () => {
    expect((await post(node, 'publish', anyTopic)).status).toBe(401);
    for (const headers of [{}, { authorization: 'Bearer nonsense' }]) {
      expect((await post(node, 'query', { contentTopics: ['a'] }, headers)).status).toBe(200);
      expect((await post(node, 'batch-query', { requests: [] }, headers)).status).toBe(200);
      expect(
        (await post(node, 'subscribe', { contentTopics: ['a'] }, { ...headers, 'grpc-timeout': '1m' })).status,
      ).toBe(504);
    }
  });

  it('Auth: a token of the account is accepted, and again for as long as it lives', async () => {
    const before = node.publishCount();
    const headers = as(alice);
    expect((await post(node, 'publish', anyTopic, headers)).json).toEqual({});
    nowMs = START_MS + HOUR_MS;
    expect(
      (await post(node, 'publish', { envelopes: [envelope('/xmtp/0/m-any/proto', 2, 'y')] }, headers)).status,
    ).toBe(200);
    nowMs = START_MS;
    expect(node.publishCount()).toBe(before + 2);
  });

  it('Auth: refusals are 401, code 16, wrapped twice, and repeated in WWW-Authenticate', async () => {
    const token = alice.authorization(START_MS).slice('Bearer '.length);
    const texts: [header: string | undefined, text: string][] = [
      [undefined, 'authorization token is not provided'],
      [token, 'invalid authorization header'],
      [`bearer ${token}`, 'unrecognized authorization scheme bearer'],
      [`Basic ${token}`, 'unrecognized authorization scheme Basic'],
      [`Bearer ${token.slice(0, -1)}`, 'extracting token: illegal base64 data'],
      [`Bearer ${token.replaceAll('+', '-').replaceAll('/', '_')}!`, 'extracting token: illegal base64 data'],
      ['Bearer AAAA', 'extracting token: proto: cannot parse invalid wire-format data'],
      ['Bearer GgA=', 'extracting token: missing identity key'],
      [alice.authorization(START_MS - HOUR_MS - 1), 'validating token: token expired'],
    ];
    for (const [header, text] of texts) {
      const heard = await post(node, 'publish', anyTopic, header === undefined ? {} : { authorization: header });
      const message = `rpc error: code = Unauthenticated desc = ${text}`;
      expect([heard.status, heard.json]).toEqual([401, { code: 16, message, details: [] }]);
      expect(heard.headers.get('www-authenticate')).toBe(message);
    }
  });

  it('Auth: the URL-safe alphabet is not accepted', () => {
    // One of these tokens has a digit in which the alphabets differ.
    const tokens = Array.from({ length: 40 }, (_, index) => alice.authorization(START_MS + index)).filter((header) =>
      /[+/]/.test(header.slice(7)),
    );
    expect(tokens.length).toBeGreaterThan(0);
    const urlSafe = `Bearer ${(tokens[0] as string).slice(7).replaceAll('+', '-').replaceAll('/', '_')}`;
    expect(() => accountOfHeader(urlSafe, BigInt(START_MS) * 1_000_000n)).toThrow('illegal base64 data');
  });

  it('Auth: an hour old to the nanosecond is accepted, a nanosecond more is not, the future always is', () => {
    const createdNs = BigInt(START_MS) * 1_000_000n;
    const hour = BigInt(HOUR_MS) * 1_000_000n;
    expect(accountOfHeader(alice.authorization(START_MS), createdNs + hour)).toBe(alice.address);
    expect(() => accountOfHeader(alice.authorization(START_MS), createdNs + hour + 1n)).toThrow('token expired');
    expect(accountOfHeader(alice.authorization(START_MS), 0n)).toBe(alice.address);
  });

  it('Auth: the token comes before topic rules and sizes', async () => {
    const heard = await post(node, 'publish', {
      envelopes: [envelope(`/xmtp/0/contact-${bob.address}/proto`, 1, ''), envelope('t'.repeat(301), 1, '')],
    });
    expect(heard.status).toBe(401);
    expect((await post(node, 'publish', '{')).status).toBe(400);
  });

  for (const vector of vectors) {
    it(`Auth: vector ${vector.id}`, () => {
      const base64 = vector.expect.tokenBase64 ?? bytesToBase64(hexToBytes(vector.input.tokenProto as string));
      const judge = (): string => accountOfHeader(`Bearer ${base64}`, BigInt(vector.input.nodeClockMs) * 1_000_000n);
      if (vector.expect.node.outcome === 'ok') {
        expect(judge()).toMatch(/^0x[0-9a-fA-F]{40}$/);
      } else {
        expect(vector.expect.node.error).toBeTruthy();
        expect(judge).toThrow(
          new RpcError('Unauthenticated', `rpc error: code = Unauthenticated desc = ${vector.expect.node.error}`),
        );
      }
    });
  }

  it('Auth: without auth nothing needs a token, and no topic is restricted', async () => {
    expect(
      (
        await post(open, 'publish', {
          envelopes: [envelope(`/xmtp/0/privatestore-${bob.address}/key_bundle/proto`, 1, 'x')],
        })
      ).status,
    ).toBe(200);
  });
});

describe('Topic rules', () => {
  it('Topic rules: contact and privatestore belong to the account in the topic, as EIP-55 text', () => {
    for (const category of ['contact', 'privatestore']) {
      expect(mayPublish(`/xmtp/0/${category}-${alice.address}/proto`, alice.address)).toBe(true);
      expect(mayPublish(`/xmtp/0/${category}-${alice.address}`, alice.address)).toBe(true);
      expect(mayPublish(`/xmtp/0/${category}-${alice.address}-more/key_bundle/proto`, alice.address)).toBe(true);
      expect(mayPublish(`/xmtp/0/${category}-${alice.address}/proto`, bob.address)).toBe(false);
      expect(mayPublish(`/xmtp/0/${category}-${alice.address.toLowerCase()}/proto`, alice.address)).toBe(false);
      expect(mayPublish(`/xmtp/0/${category}/proto`, alice.address)).toBe(false);
    }
  });

  it('Topic rules: everything else may be written by anybody with a token', () => {
    const names = [
      'userpreferences-x',
      `invite-${bob.address}`,
      `intro-${bob.address}`,
      'dm-a-b',
      'm-1',
      'mE-1',
      'dmE-a-b',
      'groupInvite-x',
      'unknown',
      'Contact-x',
      '',
    ];
    for (const name of names) expect([name, mayPublish(`/xmtp/0/${name}/proto`, alice.address)]).toEqual([name, true]);
    for (const topic of [
      'topic',
      '',
      'contact-x',
      '/xmtp/1/contact-x/proto',
      '/xmtp/0',
      `xmtp/0/contact-${bob.address}/proto`,
    ])
      expect([topic, mayPublish(topic, alice.address)]).toEqual([topic, true]);
  });

  it('Topic rules: one bad envelope refuses the whole request before anything is stored', async () => {
    const before = node.envelopeCount();
    const heard = await post(
      node,
      'publish',
      { envelopes: [envelope('/xmtp/0/m-1/proto', 1, 'x'), envelope(`/xmtp/0/contact-${bob.address}/proto`, 1, 'x')] },
      as(alice),
    );
    expect([heard.status, heard.json]).toEqual([
      403,
      { code: 7, message: 'publishing to restricted topic', details: [] },
    ]);
    expect(node.envelopeCount()).toBe(before);
    expect(
      (
        await post(
          node,
          'publish',
          { envelopes: [envelope(`/xmtp/0/contact-${alice.address}/proto`, 1, 'x')] },
          as(alice),
        )
      ).status,
    ).toBe(200);
  });

  it('Topic rules: with lists on, a deny-listed wallet is refused, after the topics', async () => {
    const listed = await startNode({ nowMs: () => START_MS, lists: { allowed: [], denied: [alice.address] } });
    try {
      const heard = await post(listed, 'publish', anyTopic, as(alice));
      expect([heard.status, heard.json]).toEqual([403, { code: 7, message: 'wallet is deny listed', details: [] }]);
      const restricted = { envelopes: [envelope(`/xmtp/0/contact-${bob.address}/proto`, 1, 'x')] };
      expect((await post(listed, 'publish', restricted, as(alice))).json.message).toBe(
        'publishing to restricted topic',
      );
      expect((await post(listed, 'publish', anyTopic, as(bob))).status).toBe(200);
    } finally {
      await listed.close();
    }
  });

  it('Topic rules: reading is open to everybody, privatestore included', async () => {
    const topic = `/xmtp/0/privatestore-${alice.address}/key_bundle/proto`;
    await post(node, 'publish', { envelopes: [envelope(topic, 1, 'sealed')] }, as(alice));
    expect((await post(node, 'query', { contentTopics: [topic] })).json.envelopes).toEqual([
      envelope(topic, 1, 'sealed'),
    ]);
  });

  it('Topic rules: sizes are judged envelope by envelope, without rollback', async () => {
    const before = open.envelopeCount();
    const longest = 'ü'.repeat(150);
    const tooLong = await post(open, 'publish', {
      envelopes: [envelope(longest, 1, 'kept'), envelope(`${longest}t`, 1, 'x'), envelope('never', 1, 'x')],
    });
    expect([tooLong.status, tooLong.json]).toEqual([400, { code: 3, message: 'topic length too big', details: [] }]);
    expect(open.envelopeCount()).toBe(before + 1);
    expect(MAX_MESSAGE_BYTES).toBe(1_048_214);
    const tooBig = await post(open, 'publish', {
      envelopes: [
        envelope('big', 1, Buffer.alloc(1_048_214)),
        envelope('big', 2, Buffer.alloc(1_048_215)),
        envelope('never', 1, 'x'),
      ],
    });
    expect([tooBig.status, tooBig.json]).toEqual([400, { code: 3, message: 'message too big', details: [] }]);
    expect(open.envelopeCount()).toBe(before + 2);
    const both = await post(open, 'publish', { envelopes: [envelope('t'.repeat(301), 1, Buffer.alloc(1_048_215))] });
    expect(both.json.message).toBe('topic length too big');
  });

  it('Topic rules: success is {}, also for no envelopes with a token', async () => {
    expect((await post(node, 'publish', {}, as(alice))).json).toEqual({});
    expect((await post(node, 'publish', {})).status).toBe(401);
  });
});

describe('Storage', () => {
  const read = async (topic: string): Promise<[string, string][]> => {
    const heard = await post(open, 'query', { contentTopics: [topic], pagingInfo: { direction: 1 } });
    return heard.json.envelopes.map((one: { timestampNs: string; message: string }) => [
      one.timestampNs,
      Buffer.from(one.message, 'base64').toString(),
    ]);
  };

  it('Storage: the identical triple is accepted and stored once; another timestamp is a second row', async () => {
    await publish(open, envelope('same', 7, 'm'), envelope('same', 7, 'm'), envelope('same', 8, 'm'));
    await publish(open, envelope('same', 7, 'm'), envelope('same', 7, 'other'));
    expect((await read('same')).map(String).sort()).toEqual(['7,m', '7,other', '8,m']);
  });

  it('Storage: the id hashes topic and message together, and the key is that and the time', async () => {
    await publish(open, envelope('ab', 9, 'c'), envelope('a', 9, 'bc'));
    expect([await read('ab'), await read('a')]).toEqual([[['9', 'c']], []]);
  });

  it('Storage: the time is the sender’s, unchanged: 0 and the far future are legal, beyond int64 is 500', async () => {
    await publish(open, envelope('times', 0, 'zero'), envelope('times', 2n ** 63n - 1n, 'last'));
    expect(await read('times')).toEqual([
      ['0', 'zero'],
      ['9223372036854775807', 'last'],
    ]);
    const heard = await post(open, 'publish', { envelopes: [envelope('times', 2n ** 63n, 'beyond')] });
    expect([heard.status, heard.json.code]).toEqual([500, 13]);
  });

  it('Storage: ephemeral topics are relayed, never stored', async () => {
    const before = open.envelopeCount();
    await publish(open, envelope('/xmtp/0/mE-1/proto', 1, 'x'), envelope('/xmtp/0/dmE-a-b/proto', 1, 'x'));
    expect(open.envelopeCount()).toBe(before);
    expect(
      ['/xmtp/0/mE/proto', '/xmtp/0/m-E/proto', '/xmtp/0/dm-E/proto', 'mE-1', '/xmtp/1/mE-1/proto'].map(isEphemeral),
    ).toEqual([true, false, false, false, false]);
  });

  it('Storage: nothing is overwritten; the newest is the client’s to choose', async () => {
    await publish(open, envelope('versions', 2, 'new'));
    await publish(open, envelope('versions', 1, 'old'));
    expect(await read('versions')).toEqual([
      ['1', 'old'],
      ['2', 'new'],
    ]);
  });

  it('Storage: a query after the answer to a publish sees the row', async () => {
    for (let i = 0; i < 20; i++) {
      await publish(open, envelope('written', i, 'x'));
      expect(await read('written')).toHaveLength(i + 1);
    }
  });
});
