// The node's HTTP side, line by line of the description of the real node: transport, error bodies, CORS, compression.
// Binary bodies are compared with bytes in which every field of message_api.proto appears, written out by hand.
import { request as rawRequest } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { envelopeToJson, lenientBase64, publishRequestFromJson, queryRequestFromJson } from './json-body';
import type { QueryRequest } from './messages';
import type { TestNode } from './node';
import { startMessage, startNode } from './node';
import { ask, envelope, post, publish } from './node.testkit';
import * as protobuf from './protobuf-body';
import { RpcError } from './rpc-error';

const PROTOBUF = 'application/x-protobuf';

let node: TestNode;
beforeAll(async () => {
  node = await startNode({ auth: false });
});
afterAll(() => node.close());

describe('Transport: paths and methods', () => {
  it('Transport: the five calls are POST with a JSON body', async () => {
    await publish(node, envelope('/xmtp/0/m-five/proto', 1, 'x'));
    expect((await post(node, 'query', { contentTopics: ['/xmtp/0/m-five/proto'] })).status).toBe(200);
    expect((await post(node, 'batch-query', {})).status).toBe(200);
  });

  it('Transport: an unknown path is 404, code 5', async () => {
    for (const path of ['/message/v1/other', '/message/v1/query/', '/message/v2/query', '/x']) {
      const heard = await ask(node, path, { method: 'POST', body: '{}' });
      expect([path, heard.status, heard.json]).toEqual([path, 404, { code: 5, message: 'Not Found', details: [] }]);
    }
  });

  it('Transport: another method on a known path is 501, code 12', async () => {
    for (const method of ['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS']) {
      const heard = await ask(node, '/message/v1/query', { method });
      expect([method, heard.status, heard.json]).toEqual([
        method,
        501,
        { code: 12, message: 'Method Not Allowed', details: [] },
      ]);
    }
  });

  it('Transport: a form POST with X-HTTP-Method-Override has the method it names', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await post(node, 'batch-query', '{}', { ...form, 'x-http-method-override': 'get' })).status).toBe(501);
    expect((await post(node, 'batch-query', '{}', { 'x-http-method-override': 'GET' })).status).toBe(200);
    expect((await post(node, 'query', { contentTopics: ['a'] }, form)).status).toBe(200);
    expect(
      (await post(node, 'query', { contentTopics: ['a'] }, { ...form, 'x-http-method-override': 'POST' })).json.message,
    ).toBe('content topics required');
  });

  it('Transport: the root and the API description say what this is', async () => {
    expect((await ask(node, '/')).text).toContain('test server');
    expect((await ask(node, '/swagger-ui/')).text).toContain('test server');
    expect(Object.keys((await ask(node, '/swagger.json')).json.paths)).toHaveLength(5);
    expect(startMessage(node)).toMatch(/test node.*development and tests only; reachable from this machine only/);
  });

  it('Transport: only the loopback address listens', () => {
    expect(new URL(node.url).hostname).toBe('127.0.0.1');
  });
});

describe('Transport: JSON bodies', () => {
  it('Transport: the Content-Type is not enforced', async () => {
    for (const type of ['text/plain;charset=UTF-8', 'application/json', 'image/png']) {
      expect((await post(node, 'query', { contentTopics: ['a'] }, { 'content-type': type })).status).toBe(200);
    }
  });

  it('Transport: an empty body is an empty request', async () => {
    expect((await post(node, 'publish', undefined)).json).toEqual({});
    expect((await post(node, 'batch-query', ' \n')).json).toEqual({ responses: [] });
    expect((await post(node, 'query', undefined)).json).toEqual({
      code: 3,
      message: 'content topics required',
      details: [],
    });
  });

  it('Transport: bad JSON is 400, code 3, with the words of the parser', async () => {
    const bodies = [
      '{',
      '[]',
      'null',
      '"x"',
      '{"contentTopics":"a"}',
      '{"contentTopics":[1]}',
      '{"contentTopics":[null]}',
      '{"startTimeNs":-1}',
      '{"startTimeNs":"1.5"}',
      '{"startTimeNs":"18446744073709551616"}',
      '{"startTimeNs":18446744073709551616}',
      '{"pagingInfo":[]}',
      '{"pagingInfo":{"limit":4294967296}}',
      '{"pagingInfo":{"direction":"UP"}}',
      '{"contentTopics":["\\ud800"]}',
      '{"contentTopics":[],"content_topics":[]}',
      '{"contentTopics":[1234567890123456789]}',
      Buffer.from([0x7b, 0xff, 0x7d]),
    ];
    for (const body of bodies) {
      const heard = await post(node, 'query', body);
      expect([String(body), heard.status, heard.json.code, heard.json.details]).toEqual([String(body), 400, 3, []]);
      expect(heard.json.message).toMatch(/^proto: /);
    }
    expect((await post(node, 'publish', { envelopes: [{ message: '*' }] })).status).toBe(400);
    expect((await post(node, 'subscribe', '{')).status).toBe(400);
    expect((await post(node, 'subscribe-all', '[]')).status).toBe(400);
  });

  it('Transport: unknown fields are ignored, null is unset', async () => {
    expect((await post(node, 'query', { contentTopics: ['a'], more: { deep: [1] }, pagingInfo: null })).status).toBe(
      200,
    );
  });

  it('Transport: snake case names are read too', () => {
    const snake = {
      content_topics: ['a'],
      start_time_ns: 1,
      end_time_ns: '2',
      paging_info: { limit: '3', cursor: { index: { digest: 'AQ==', sender_time_ns: 4 } }, direction: 1 },
    };
    expect(queryRequestFromJson(snake)).toEqual({
      contentTopics: ['a'],
      startTimeNs: 1n,
      endTimeNs: 2n,
      pagingInfo: { limit: 3, cursor: { digest: Uint8Array.of(1), senderTimeNs: 4n }, direction: 'ascending' },
    });
    expect(publishRequestFromJson({ envelopes: [{ content_topic: 'a', timestamp_ns: 7 }] }).envelopes).toEqual([
      { contentTopic: 'a', timestampNs: 7n, message: new Uint8Array() },
    ]);
  });

  it('Transport: 64-bit numbers lose no digit, as numbers or as strings', async () => {
    const topic = 'exact';
    await post(
      node,
      'publish',
      `{"envelopes":[{"contentTopic":"${topic}","timestampNs":1718000000000000001,"message":"AQ=="},{"contentTopic":"${topic}","timestampNs":"1718000000000000002","message":"Ag=="}]}`,
    );
    const { envelopes } = (
      await post(node, 'query', `{"contentTopics":["${topic}"],"startTimeNs": 1718000000000000001}`)
    ).json;
    expect(envelopes.map((one: { timestampNs: string }) => one.timestampNs)).toEqual([
      '1718000000000000002',
      '1718000000000000001',
    ]);
    expect(
      (await post(node, 'query', `{"contentTopics":["${topic}"],"startTimeNs":1718000000000000002}`)).json.envelopes,
    ).toHaveLength(1);
  });

  it('Transport: enums are read as names or numbers', () => {
    const directions = [
      'SORT_DIRECTION_ASCENDING',
      1,
      'SORT_DIRECTION_DESCENDING',
      2,
      'SORT_DIRECTION_UNSPECIFIED',
      0,
      9,
    ];
    const read = directions.map(
      (direction) => queryRequestFromJson({ pagingInfo: { direction } }).pagingInfo?.direction,
    );
    expect(read).toEqual([
      'ascending',
      'ascending',
      'descending',
      'descending',
      'unspecified',
      'unspecified',
      'unspecified',
    ]);
  });

  it('Transport: bytes are read in either base64 alphabet, padded or not, and written in the standard one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const standard = Buffer.from(bytes).toString('base64');
        const url = Buffer.from(bytes).toString('base64url');
        for (const text of [standard, standard.replaceAll('=', ''), url]) expect(lenientBase64(text)).toEqual(bytes);
        expect(envelopeToJson({ contentTopic: '', timestampNs: 0n, message: bytes }).message).toBe(standard);
      }),
    );
    for (const text of ['A', 'AA=', '+_==', 'AA===', 'A A=', '=']) expect(lenientBase64(text)).toBeUndefined();
  });

  it('Transport: unset fields are written', async () => {
    expect((await post(node, 'query', { contentTopics: ['nobody'] })).json).toEqual({
      envelopes: [],
      pagingInfo: { limit: 0, cursor: null, direction: 'SORT_DIRECTION_DESCENDING' },
    });
    await publish(node, { contentTopic: 'empty' });
    expect((await post(node, 'query', { contentTopics: ['empty'] })).json.envelopes).toEqual([
      { contentTopic: 'empty', timestampNs: '0', message: '' },
    ]);
  });

  it('Transport: answers carry the metadata header of the gateway', async () => {
    const heard = await post(node, 'query', { contentTopics: ['a'] });
    expect(heard.headers.get('grpc-metadata-content-type')).toBe('application/grpc');
    expect(heard.headers.get('content-type')).toBe('application/json');
  });
});

describe('Transport: protobuf bodies', () => {
  const topics = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 4 });
  const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const bytes = fc.uint8Array({ maxLength: 40 });
  const pagingInfo = fc.record({
    limit: fc.nat(2 ** 32 - 1),
    direction: fc.constantFrom('unspecified' as const, 'ascending' as const, 'descending' as const),
    cursor: fc.option(fc.record({ digest: bytes, senderTimeNs: uint64 }), { nil: undefined }),
  });
  const query = fc
    .record({
      contentTopics: topics,
      startTimeNs: uint64,
      endTimeNs: uint64,
      pagingInfo: fc.option(pagingInfo, { nil: undefined }),
    })
    .map((request) => withoutUndefined(request) as QueryRequest);
  const envelopes = fc.array(
    fc.record({ contentTopic: fc.string({ unit: 'grapheme', maxLength: 12 }), timestampNs: uint64, message: bytes }),
    { maxLength: 4 },
  );

  const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

  /** Numbers unquoted, and only what is set. */
  function shortestJson(fields: Record<string, unknown>): string {
    const parts = Object.entries(fields).filter(([, value]) => value !== 0n && value !== '');
    return `{${parts.map(([name, value]) => `"${name}":${typeof value === 'bigint' ? value.toString() : JSON.stringify(value)}`).join()}}`;
  }

  function withoutUndefined(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array || Array.isArray(value))
      return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, part]) => part !== undefined)
        .map(([name, part]) => [name, withoutUndefined(part)]),
    );
  }

  it('Transport: every field has the number of message_api.proto', () => {
    const list = [{ contentTopic: 'ab', timestampNs: 300n, message: Uint8Array.of(9) }];
    const envelopeBytes = '0a' + '0a' + '0a' + '02' + '6162' + '10' + 'ac02' + '1a' + '01' + '09';
    expect(hex(protobuf.encodePublishRequest({ envelopes: list }))).toBe(envelopeBytes);
    const paging = {
      limit: 5,
      cursor: { digest: Uint8Array.of(7, 8), senderTimeNs: 3n },
      direction: 'descending' as const,
    };
    const sized = (bytes: string): string => (bytes.length / 2).toString(16).padStart(2, '0') + bytes;
    const pagingMessage = sized('0805' + '12' + sized('0a' + sized('0a020708' + '1003')) + '1802');
    expect(
      hex(
        protobuf.encodeQueryRequest({ contentTopics: ['a', ''], startTimeNs: 1n, endTimeNs: 2n, pagingInfo: paging }),
      ),
    ).toBe('0a0161' + '0a00' + '1001' + '1802' + '22' + pagingMessage);
    expect(hex(protobuf.encodeQueryResponse({ envelopes: list, pagingInfo: paging }))).toBe(
      envelopeBytes + '12' + pagingMessage,
    );
    expect(
      hex(
        protobuf.encodeBatchQueryResponse({
          responses: [{ envelopes: [], pagingInfo: { limit: 0, direction: 'ascending' } }],
        }),
      ),
    ).toBe('0a04' + '1202' + '1801');
    expect(hex(protobuf.encodeStatus(new RpcError('InvalidArgument', 'no')))).toBe(
      '0803' + '1202' + hex(Buffer.from('no')),
    );
  });

  it('Transport: requests read back as they were written', () => {
    fc.assert(
      fc.property(envelopes, (list) => {
        expect(protobuf.decodePublishRequest(protobuf.encodePublishRequest({ envelopes: list }))).toEqual({
          envelopes: list,
        });
      }),
    );
    fc.assert(
      fc.property(fc.array(query, { maxLength: 3 }), topics, (requests, contentTopics) => {
        expect(protobuf.decodeBatchQueryRequest(protobuf.encodeBatchQueryRequest({ requests }))).toEqual({ requests });
        expect(protobuf.decodeSubscribeRequest(protobuf.encodeSubscribeRequest({ contentTopics }))).toEqual({
          contentTopics,
        });
      }),
    );
  });

  it('Transport: the shortest JSON of a request is not shorter than its protobuf, on which the size limit rests', () => {
    fc.assert(
      fc.property(
        envelopes,
        topics,
        uint64,
        uint64,
        fc.nat(2 ** 32 - 1),
        (list, contentTopics, startTimeNs, endTimeNs, limit) => {
          const published = list.map((one) =>
            shortestJson({
              contentTopic: one.contentTopic,
              timestampNs: one.timestampNs,
              message: Buffer.from(one.message).toString('base64url'),
            }),
          );
          expect(Buffer.byteLength(`{"envelopes":[${published.join()}]}`)).toBeGreaterThanOrEqual(
            protobuf.encodePublishRequest({ envelopes: list }).length,
          );
          const json = shortestJson({ contentTopics, startTimeNs, endTimeNs });
          const request = {
            contentTopics,
            startTimeNs,
            endTimeNs,
            pagingInfo: { limit, direction: 'ascending' as const },
          };
          expect(
            Buffer.byteLength(`${json.slice(0, -1)},"pagingInfo":{"limit":${limit},"direction":1}}`),
          ).toBeGreaterThanOrEqual(protobuf.encodeQueryRequest(request).length);
        },
      ),
    );
  });

  it('Transport: Content-Type and Accept switch to protobuf', async () => {
    const sent = protobuf.encodePublishRequest({
      envelopes: [{ contentTopic: 'binary', timestampNs: 5n, message: Uint8Array.of(1, 2) }],
    });
    const published = await fetch(`${node.url}/message/v1/publish`, {
      method: 'POST',
      headers: { 'content-type': `${PROTOBUF}; v=1` },
      body: sent as never,
    });
    expect([published.status, (await published.arrayBuffer()).byteLength]).toEqual([200, 0]);
    const expected = protobuf.encodeQueryResponse({
      envelopes: [{ contentTopic: 'binary', timestampNs: 5n, message: Uint8Array.of(1, 2) }],
      pagingInfo: { limit: 0, direction: 'descending' },
    });
    const asked = protobuf.encodeQueryRequest({ contentTopics: ['binary'], startTimeNs: 0n, endTimeNs: 0n });
    // What is wanted is Accept's when it is the type itself, else as the request's own.
    const combinations: [body: unknown, headers: Record<string, string>, isBinary: boolean][] = [
      ['{"contentTopics":["binary"]}', { accept: PROTOBUF }, true],
      [asked, { 'content-type': PROTOBUF, accept: 'application/json' }, true],
      ['{"contentTopics":["binary"]}', { accept: `${PROTOBUF}, */*` }, false],
    ];
    for (const [body, headers, isBinary] of combinations) {
      const answered = await fetch(`${node.url}/message/v1/query`, { method: 'POST', headers, body: body as never });
      expect(answered.headers.get('content-type')).toBe(isBinary ? 'application/octet-stream' : 'application/json');
      const bytes = new Uint8Array(await answered.arrayBuffer());
      if (isBinary) expect(bytes).toEqual(expected);
      else expect(JSON.parse(Buffer.from(bytes).toString()).envelopes).toHaveLength(1);
    }
  });

  it('Transport: ill-formed protobuf is 400, as a status in protobuf', async () => {
    for (const body of [
      Uint8Array.of(0x0a),
      Uint8Array.of(0x0a, 5, 1),
      Uint8Array.of(0x0a, 1, 0xff),
      Uint8Array.of(0xff, 0xff),
    ]) {
      const heard = await fetch(`${node.url}/message/v1/query`, {
        method: 'POST',
        headers: { 'content-type': PROTOBUF },
        body,
      });
      const status = new Uint8Array(await heard.arrayBuffer());
      expect([heard.status, status[0], status[1]]).toEqual([400, 0x08, 3]);
    }
  });
});

describe('Transport: CORS', () => {
  it('Transport: every response may be read by every origin', async () => {
    for (const heard of [
      await post(node, 'query', { contentTopics: ['a'] }),
      await post(node, 'query', {}),
      await ask(node, '/nowhere'),
      await ask(node, '/'),
    ]) {
      expect(heard.headers.get('access-control-allow-origin')).toBe('*');
    }
  });

  it('Transport: a preflight is 200 with the fixed lists, and without Max-Age, Allow-Credentials and Allow-Private-Network', async () => {
    const heard = await ask(node, '/message/v1/publish', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-client-version,x-other',
      },
    });
    expect([heard.status, heard.text, heard.headers.get('access-control-allow-origin')]).toEqual([200, '', '*']);
    const allowed = heard.headers.get('access-control-allow-headers')?.split(',');
    for (const name of [
      'Content-Type',
      'Accept',
      'Authorization',
      'X-App-Version',
      'X-Client-Version',
      'X-Libxmtp-Version',
      'Baggage',
      'DNT',
      'Sec-CH-UA',
      'Sentry-Trace',
      'User-Agent',
    ])
      expect(allowed).toContain(name);
    expect(allowed).not.toContain('x-other');
    expect(heard.headers.get('access-control-allow-methods')).toBe('GET,HEAD,POST,PUT,PATCH,DELETE');
    for (const name of ['max-age', 'allow-credentials', 'allow-private-network'])
      expect(heard.headers.get(`access-control-${name}`)).toBeNull();
  });
});

describe('Transport: compression, deadlines, sizes', () => {
  /** fetch would unpack and hide the encoding. */
  function encodingOf(
    path: string,
    acceptEncoding: string,
    body = '{"contentTopics":["a"]}',
  ): Promise<string | undefined> {
    const { port } = new URL(node.url);
    return new Promise((resolve, reject) => {
      const sent = rawRequest(
        { port, path, method: 'POST', headers: { 'accept-encoding': acceptEncoding } },
        (response) => {
          response.resume().on('end', () => resolve(response.headers['content-encoding']));
        },
      );
      sent.on('error', reject).end(body);
    });
  }

  it('Transport: gzip for query and batch-query when asked for, never elsewhere', async () => {
    expect(await encodingOf('/message/v1/query', 'deflate, gzip')).toBe('gzip');
    expect(await encodingOf('/message/v1/batch-query', 'gzip')).toBe('gzip');
    expect(await encodingOf('/message/v1/query', 'deflate')).toBeUndefined();
    expect(await encodingOf('/message/v1/publish', 'gzip', '{}')).toBeUndefined();
    expect((await post(node, 'query', {}, { 'accept-encoding': 'gzip' })).json.code).toBe(3);
  });

  it('Transport: Grpc-Timeout ends a silent stream with 504, code 4; a bad one is 400', async () => {
    const heard = await post(node, 'subscribe', { contentTopics: ['silent'] }, { 'grpc-timeout': '30m' });
    expect([heard.status, heard.json]).toEqual([504, { code: 4, message: 'context deadline exceeded', details: [] }]);
    expect((await post(node, 'query', { contentTopics: ['a'] }, { 'grpc-timeout': 'soon' })).json).toEqual({
      code: 3,
      message: 'invalid grpc-timeout: soon',
      details: [],
    });
    expect(node.subscriberCount('silent')).toBe(0);
  });

  it('Transport: a request over the cap is 429, code 8; it is measured in protobuf', async () => {
    const small = await startNode({ auth: false, limits: { callBytes: 2000 } });
    try {
      // 1,900 bytes are 2,536 of base64, and pass.
      expect((await post(small, 'publish', { envelopes: [envelope('a', 1, Buffer.alloc(1900))] })).status).toBe(200);
      const heard = await post(small, 'publish', { envelopes: [envelope('a', 2, Buffer.alloc(2001))] });
      expect([heard.status, heard.json.code]).toEqual([429, 8]);
      expect(heard.json.message).toMatch(/larger than max \(\d+ vs\. 2000\)/);
      expect((await post(small, 'publish', 'x'.repeat(5000))).json.code).toBe(8);
      expect(small.envelopeCount()).toBe(1);
      await publish(small, envelope('a', 3, Buffer.alloc(1900)));
      const answered = await post(small, 'query', { contentTopics: ['a'] });
      expect([answered.status, answered.json.code]).toEqual([429, 8]);
      expect((await post(small, 'query', { contentTopics: ['a'], pagingInfo: { limit: 1 } })).status).toBe(200);
    } finally {
      await small.close();
    }
  });
});
