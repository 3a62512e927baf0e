// Hostile nodes by the thousand: arbitrary misbehaviour of the demo node, drawn from a seed, with what an attacker can know mixed in.
// Promises: the same seed makes the same cases; every case says in words what it does.
// Must not: be imported by anything but tests.
import fc from 'fast-check';
import type { EnvelopeJson, Fault, FaultAnswer, QueryResponseJson } from '../../../demo/node/faults';
import * as faults from '../../../demo/node/faults';

/** What the node knows besides its rows: messages of other accounts, and ones that were made to be taken for the account's own. */
export interface HostileKnowledge {
  readonly url: string;
  readonly contacts: readonly Uint8Array[];
  readonly copies: readonly Uint8Array[];
  /** Counts what was written into bodies without an end. */
  onEndlessBytes(count: number): void;
}

export interface HostileCase {
  readonly title: string;
  arm(knowledge: HostileKnowledge): Fault;
}

const MAX_TIME = 2n ** 64n - 1n;
const statuses = [
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 5],
  [408, 0],
  [429, 8],
  [500, 13],
  [501, 12],
  [502, 0],
  [503, 14],
  [504, 4],
] as const;
const text = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one)) ?? 'null';

function made(title: string, arm: (knowledge: HostileKnowledge) => Fault): HostileCase {
  return { title, arm };
}

/** Each row of each answer is changed. */
function eachRow(change: (row: EnvelopeJson, at: number) => void): Fault {
  return faults.rewriteQueries((response) => response.envelopes.forEach(change));
}

function onMessage(change: (message: Buffer) => Uint8Array): Fault {
  return eachRow((row) => (row.message = Buffer.from(change(Buffer.from(row.message, 'base64'))).toString('base64')));
}

/** One of the messages for the row's topic that are not the account's own. */
function foreign({ contacts, copies }: HostileKnowledge, which: number, contentTopic: string): string {
  const messages = contentTopic.includes('contact-') ? contacts : copies;
  return Buffer.from(messages[which % messages.length] as Uint8Array).toString('base64');
}

/** Answers in which single characters are others. */
function withEdits(edits: readonly (readonly [number, number])[]): Fault {
  return async (request) => {
    const answer = await request.honest();
    if (!answer) return undefined;
    const body = answer.body.slice();
    for (const [at, byte] of edits) if (body.length > 0) body[at % body.length] = byte;
    return { status: answer.status, body };
  };
}

function endless(knowledge: HostileKnowledge, start: string, chunk: string): FaultAnswer {
  const body = async function* (): AsyncGenerator<string> {
    yield start;
    for (;;) {
      knowledge.onEndlessBytes(chunk.length);
      yield chunk;
    }
  };
  return { body: body() };
}

const never: Fault = () => new Promise(() => undefined);
const paging = (response: QueryResponseJson, cursor: { digest: string; senderTimeNs: string } | null): void => {
  response.pagingInfo = { ...response.pagingInfo, limit: 100, cursor: cursor && { index: cursor } };
};

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const time = fc.oneof(
  fc.bigInt({ min: 2n ** 61n, max: 2n ** 63n - 1n }).map(String),
  fc.bigInt({ min: 0n, max: MAX_TIME }).map(String),
  fc.constantFrom('0', '-1', '1e9', '01', '', ' 1', String(2n ** 63n - 1n), String(MAX_TIME), String(MAX_TIME + 1n)),
);

/** What answers to reads may be, each with how often it is drawn. */
const readFaults: readonly fc.WeightedArbitrary<HostileCase>[] = [
  {
    weight: 3,
    arbitrary: bytes(300).map((body) => made(`garbage of ${body.length} bytes`, () => faults.answerGarbage(body))),
  },
  {
    weight: 3,
    arbitrary: fc
      .jsonValue()
      .map((value) => made(`other JSON: ${text(value).slice(0, 60)}`, () => faults.answerGarbage(text(value)))),
  },
  {
    weight: 8,
    arbitrary: fc
      .array(fc.tuple(fc.nat(5000), fc.integer({ min: 32, max: 126 })), { minLength: 1, maxLength: 5 })
      .map((edits) => made(`characters changed: ${text(edits)}`, () => withEdits(edits))),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.nat(2000), fc.integer({ min: 1, max: 255 }))
      .map(([at, flip]) =>
        made(`byte ${at} of each message xor ${flip}`, () => onMessage((message) => flipped(message, at, flip))),
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .nat(400)
      .map((length) =>
        made(`messages cut after ${length} bytes`, () => onMessage((message) => message.subarray(0, length))),
      ),
  },
  {
    weight: 3,
    arbitrary: bytes(200).map((tail) =>
      made(`messages with ${tail.length} bytes more`, () => onMessage((message) => Buffer.concat([message, tail]))),
    ),
  },
  {
    weight: 4,
    arbitrary: bytes(200).map((message) =>
      made(`messages of ${message.length} other bytes`, () => onMessage(() => message)),
    ),
  },
  {
    weight: 16,
    arbitrary: fc
      .nat(1000)
      .map((which) =>
        made(`messages of another account (${which})`, (knowledge) =>
          eachRow((row) => (row.message = foreign(knowledge, which, row.contentTopic))),
        ),
      ),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(fc.nat(1000), time).map(([which, timestampNs]) =>
      made(`one more message of another account (${which}) at "${timestampNs}"`, (knowledge) =>
        faults.rewriteQueries((response) => {
          const contentTopic = response.envelopes[0]?.contentTopic ?? '';
          response.envelopes.unshift({ contentTopic, timestampNs, message: foreign(knowledge, which, contentTopic) });
        }),
      ),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .nat(4)
      .map((count) =>
        made(`older: the newest ${count + 1} are kept back`, () => faults.withholdNewest('/xmtp/0/', count + 1)),
      ),
  },
  {
    weight: 3,
    arbitrary: fc.nat(600).map((length) => made(`cut after ${length} bytes`, () => faults.truncateAfter(length))),
  },
  {
    weight: 3,
    arbitrary: fc.nat(600).map((length) =>
      made(`ends after ${length} bytes as if that were all`, () => async (request) => ({
        body: ((await request.honest())?.body ?? new Uint8Array()).slice(0, length),
      })),
    ),
  },
  { weight: 2, arbitrary: fc.boolean().map((isExecuted) => made('hangs up', () => faults.hangUp(isExecuted))) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(1, 7)
      .map((size) => made(`drips ${size} bytes at a time`, () => faults.dripSlowly(size, 40))),
  },
  { weight: 1, arbitrary: fc.constant(made('never answers', () => never)) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('{"envelopes":[', '', '{"a":"')
      .map((start) =>
        made(`never ends after ${start}`, (knowledge) => () => endless(knowledge, start, ' '.repeat(16_384))),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(made('one message is too large', () => onMessage(() => Buffer.alloc(1_048_215)))),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...statuses), bytes(80), fc.boolean())
      .map(([[status, code], body, isJson]) =>
        made(`answers ${status}`, () =>
          isJson ? faults.failWith(status, code, 'hostile') : faults.answerGarbage(body, status),
        ),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      made('an error without an end', (knowledge) => () => ({
        ...endless(knowledge, '{"code":', ' '.repeat(16_384)),
        status: 500,
      })),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(301, 302, 303, 307, 308),
        fc.constantFrom(
          '/message/v1/query',
          'http://127.0.0.1:1/',
          'data:application/json,{}',
          'file:///etc/passwd',
          'javascript:1',
        ),
      )
      .map(([status, to]) =>
        made(`sends to ${to} with ${status}`, ({ url }) =>
          faults.redirectTo(to.startsWith('/') ? `${url}${to}` : to, status),
        ),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(201, 202, 204, 206).map((status) =>
      made(`answers ${status}`, () => async (request) => ({
        status,
        body: status === 204 ? '' : ((await request.honest())?.body ?? ''),
      })),
    ),
  },
  { weight: 2, arbitrary: fc.constant(made('claims another page', () => faults.lieAboutCursors())) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(bytes(40), time)
      .map(([digest, senderTimeNs]) =>
        made(`cursor at "${senderTimeNs}"`, () =>
          faults.rewriteQueries((response) =>
            paging(response, { digest: Buffer.from(digest).toString('base64'), senderTimeNs }),
          ),
        ),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.constant(made('ends too soon', () => faults.rewriteQueries((response) => paging(response, null)))),
  },
  { weight: 3, arbitrary: fc.constant(made('every envelope twice', () => faults.duplicateEnvelopes())) },
  {
    weight: 2,
    arbitrary: fc.constant(
      made('the whole list twice', () =>
        faults.rewriteQueries((response) => void response.envelopes.push(...response.envelopes)),
      ),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .bigInt({ min: 1n, max: 2n ** 62n })
      .map((by) => made(`dated ${by} ns later`, () => faults.futureDate('/xmtp/0/', by))),
  },
  {
    weight: 3,
    arbitrary: time.map((timestampNs) =>
      made(`all dated "${timestampNs}"`, () => eachRow((row) => (row.timestampNs = timestampNs))),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(
        '',
        'x',
        '/xmtp/0/contact-0x0000000000000000000000000000000000000000/proto',
        '/xmtp/0/privatestore-0x0/key_bundle/proto',
      )
      .map((topic) => made(`rows of topic "${topic}"`, () => eachRow((row) => (row.contentTopic = topic)))),
  },
  {
    weight: 3,
    arbitrary: fc.constant(
      made('in the other order', () => faults.rewriteQueries((response) => void response.envelopes.reverse())),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 101, max: 400 }).map((count) =>
      made(`${count} rows`, () =>
        faults.rewriteQueries(
          (response) =>
            (response.envelopes = Array.from({ length: count }, () => ({
              ...(response.envelopes[0] ?? { contentTopic: '', timestampNs: '1', message: '' }),
            }))),
        ),
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constant(
      made('nothing is there', () =>
        faults.rewriteQueries((response) => ((response.envelopes = []), paging(response, null))),
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('contentTopic', 'timestampNs', 'message'), fc.jsonValue())
      .map(([name, value]) =>
        made(`${name} is ${text(value).slice(0, 40)}`, () => eachRow((row) => Object.assign(row, { [name]: value }))),
      ),
  },
];

/** What answers to publishing may be. */
const publishFaults = fc
  .oneof(
    fc
      .constantFrom(...statuses)
      .map(([status, code]) => made(`publishing answers ${status}`, () => faults.failWith(status, code, 'hostile'))),
    fc
      .boolean()
      .map((isExecuted) =>
        made(`publishing hangs up${isExecuted ? ' when it is done' : ''}`, () => faults.hangUp(isExecuted)),
      ),
    fc.constant(made('publishing does nothing and says it did', () => faults.answerGarbage('{}'))),
    fc
      .tuple(bytes(60), fc.boolean())
      .map(([body, isDone]) =>
        made(`publishing ${isDone ? 'works and ' : ''}answers garbage`, () =>
          isDone ? faults.executeButAnswer({ body }) : faults.answerGarbage(body),
        ),
      ),
    fc
      .constantFrom(301, 307, 308)
      .map((status) =>
        made(`publishing sends elsewhere with ${status}`, () => faults.redirectTo('http://127.0.0.1:1/', status)),
      ),
    fc.constant(made('publishing never ends', (knowledge) => () => endless(knowledge, '{', ' '.repeat(16_384)))),
  )
  .map(({ title, arm }) => made(title, (knowledge) => faults.onCalls(['publish'], arm(knowledge))));

const hostileReads = fc
  .tuple(fc.oneof(...readFaults), fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }))
  .map(([{ title, arm }, times]) =>
    made(times === undefined ? title : `${title}, ${times} times`, (knowledge) => {
      const fault = faults.onCalls(['query', 'batch-query'], arm(knowledge));
      return times === undefined ? fault : faults.atMost(times, fault);
    }),
  );

/** Any misbehaviour. */
export const hostileCases: fc.Arbitrary<HostileCase> = fc.oneof(
  { weight: 6, arbitrary: hostileReads },
  { weight: 1, arbitrary: publishFaults },
);

function flipped(message: Buffer, at: number, flip: number): Buffer {
  if (message.length > 0) message[at % message.length] = (message[at % message.length] as number) ^ flip;
  return message;
}
