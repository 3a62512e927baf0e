// The file of the node: what survives a restart, a torn line, and what is never touched.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openEnvelopeLog } from './envelope-log';
import { startNode } from './node';
import { envelope, post, publish } from './node.testkit';

const folder = mkdtempSync(join(tmpdir(), 'node-log-'));
const file = join(folder, 'envelopes.log');
beforeEach(() => rmSync(file, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the file', () => {
  it('keeps rows over a restart, in the same order, each once', async () => {
    let node = await startNode({ auth: false, file });
    await publish(
      node,
      envelope('a', 2, 'zwei ✓'),
      envelope('a', 1, 'eins'),
      envelope('a', 2, 'zwei ✓'),
      envelope('/xmtp/0/mE-1/proto', 1, 'gone'),
      envelope('ü\n"', 3, ''),
    );
    const before = (await post(node, 'query', { contentTopics: ['a', 'ü\n"'] })).json;
    await node.close();
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(5);
    node = await startNode({ auth: false, file });
    expect((await post(node, 'query', { contentTopics: ['a', 'ü\n"'] })).json).toEqual(before);
    expect(before.envelopes).toHaveLength(3);
    expect(node.publishCount()).toBe(0);
    await publish(node, envelope('a', 4, 'vier'));
    await node.close();
    expect(openEnvelopeLog(file).envelopes.map(({ timestampNs }) => timestampNs)).toEqual([2n, 1n, 3n, 4n]);
  });

  it('cuts a torn last line off, wherever it was torn, and goes on behind it', () => {
    const whole = openEnvelopeLog(file);
    for (let i = 0; i < 3; i++) whole.append({ contentTopic: 'tö', timestampNs: BigInt(i), message: Uint8Array.of(i) });
    whole.close();
    const content = readFileSync(file);
    for (let length = 0; length <= content.length; length++) {
      writeFileSync(file, content.subarray(0, length));
      const log = openEnvelopeLog(file);
      const kept = content.subarray(0, length).toString('latin1').split('\n').length - 1;
      expect([length, log.envelopes.length]).toEqual([length, Math.max(0, kept - 1)]);
      log.append({ contentTopic: 'next', timestampNs: 9n, message: Uint8Array.of(9) });
      log.close();
      const again = openEnvelopeLog(file);
      expect(again.envelopes.map(({ contentTopic }) => contentTopic)).toEqual([
        ...log.envelopes.map(() => 'tö'),
        'next',
      ]);
      again.close();
    }
  });

  it('leaves a file alone that is not its own, or is damaged in the middle', async () => {
    const strangers = [
      'some notes\nwithout an end',
      '{"other":1}\n',
      '{"xmtpTestNode":2}\n',
      '{"xmtpTestNode":1}\nnonsense\n',
      '{"xmtpTestNode":1}\n["a","x",""]\n',
    ];
    for (const content of strangers) {
      writeFileSync(file, content);
      await expect(startNode({ file })).rejects.toThrow(/left as it is|left as it was/);
      expect(readFileSync(file, 'utf8')).toBe(content);
    }
  });

  it('brings back any envelope', () => {
    const any = fc.record({
      contentTopic: fc.string({ unit: 'grapheme' }),
      timestampNs: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      message: fc.uint8Array(),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), (envelopes) => {
        rmSync(file, { force: true });
        const log = openEnvelopeLog(file);
        for (const one of envelopes) log.append(one);
        log.close();
        const again = openEnvelopeLog(file);
        again.close();
        expect(again.envelopes).toEqual(envelopes);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the node', () => {
  it('refuses a port that is taken', async () => {
    const node = await startNode();
    await expect(startNode({ port: Number(new URL(node.url).port), file })).rejects.toThrow('EADDRINUSE');
    await node.close();
  });
});
