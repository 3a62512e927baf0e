// Identity texts: the six shapes as clients write them, and that nothing else is read (protocol l.2).
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lawOf } from '../../../scripts/campaign/size';
import { ProtocolError } from '../base/errors';
import { createIdentityText, enableIdentityText } from '../keys/wallet-text';
import { consentProofText } from '../messages/consent-proof';
import { changed, changes, identityTexts, isIdentityText, writtenByHand } from '../testkit/identity-texts.testkit';
import { reasonOf } from '../testkit/refusal.testkit';
import { buildIdentityText, identityTextLength, parseIdentityText, type IdentityText } from './identity-text';

const inboxId = '1f'.repeat(32);
const owner = `0x${'2e'.repeat(20)}`;
const installationId = '3d'.repeat(32);
const timeMs = Date.UTC(2026, 10, 20, 23, 41, 46);
const inbox = { inboxId, timeMs };
const ids = (count: number) => Array.from({ length: count }, (_, index) => `${40 + index}`.repeat(32));
const textOf = (...actions: string[]) => `XMTP : Authenticate to inbox

Inbox ID: ${inboxId}
Current time: 2026-11-20T23:41:46Z

${actions.join('\n')}

For more info: https://xmtp.org/signatures`;
const grant = `- Grant messaging access to app\n  (ID: ${installationId})`;
const create = `- Create inbox\n  (Owner: ${owner})`;
const link = `- Link address to inbox\n  (Address: ${owner})`;
const revoke = (id: string) => `- Revoke messaging access from app\n  (ID: ${id})`;
const refused = 'bad-identity-text';
const judge = (text: string) => reasonOf(() => parseIdentityText(text));

/** A row for each shape: its text, and what it says. */
const shapes: [string, string, IdentityText][] = [
  ['create+grant', textOf(create, grant), { ...inbox, shape: 'create+grant', owner, installationId }],
  ['grant', textOf(grant), { ...inbox, shape: 'grant', installationId }],
  ['link', textOf(link), { ...inbox, shape: 'link', address: owner }],
  ['revoke', textOf(revoke(installationId)), { ...inbox, shape: 'revoke', installationIds: [installationId] }],
  ['revoke of ten', textOf(...ids(10).map(revoke)), { ...inbox, shape: 'revoke', installationIds: ids(10) }],
  [
    'unlink',
    textOf(`- Unlink address from inbox\n  (Address: ${owner})`),
    { ...inbox, shape: 'unlink', address: owner },
  ],
  [
    'recovery',
    textOf(`- Change inbox recovery address\n  (Address: ${owner})`),
    { ...inbox, shape: 'recovery', address: owner },
  ],
];

describe('the six shapes', () => {
  it.each(shapes)('%s: every field is read, and gives the text again', (_, text, fields) => {
    expect(parseIdentityText(text)).toEqual(fields);
    expect(buildIdentityText(fields)).toBe(text);
  });

  it('law: what is built is read as the same fields, and is what the grammar says', () => {
    fc.assert(
      fc.property(identityTexts, (fields) => {
        const text = buildIdentityText(fields);
        expect(text).toBe(writtenByHand(fields));
        expect(isIdentityText(text)).toBe(true);
        expect(parseIdentityText(text)).toEqual(fields);
        expect(text).toMatch(/^[\n -~]+$/);
        expect(text.length).toBeLessThanOrEqual(identityTextLength);
      }),
      lawOf('identity-texts', 'built'),
    );
  });

  it('law: two different sets of fields never have the same text', () => {
    fc.assert(
      fc.property(identityTexts, identityTexts, (one, two) => {
        fc.pre(!isDeepStrictEqual(one, two));
        expect(buildIdentityText(one)).not.toBe(buildIdentityText(two));
      }),
    );
  });
});

describe('a changed text', () => {
  it('law: is refused, or is another text of the grammar and rebuilds byte for byte', () => {
    let [accepted, unlike, all] = [0, 0, 0];
    fc.assert(
      fc.property(identityTexts, changes, (fields, wanted) => {
        all += 1;
        const text = writtenByHand(fields);
        const mutant = changed(text, wanted);
        let read: IdentityText;
        try {
          read = parseIdentityText(mutant);
        } catch (error) {
          if (!(error instanceof ProtocolError) || error.reason !== refused) throw error;
          if (isIdentityText(mutant)) throw new Error('refused, though the grammar has it');
          return;
        }
        accepted += 1;
        if (mutant !== text) unlike += 1;
        if (!isIdentityText(mutant)) throw new Error('accepted, though the grammar does not have it');
        if (writtenByHand(read) !== mutant || buildIdentityText(read) !== mutant) throw new Error('another text');
      }),
      lawOf('identity-texts', 'changed'),
    );
    // The changes are not all so crude that any reader would refuse them.
    expect(unlike).toBeGreaterThan(100);
    expect(accepted).toBeLessThan(all / 2);
  });

  it('law: any text at all is refused with the one reason', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(judge(text)).toBe(refused);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('what is refused', () => {
  const good = textOf(create, grant);
  const passkey = `02${'ab'.repeat(32)}`;
  it.each<[string, string]>([
    ['nothing', ''],
    ['no action', textOf()],
    ['an empty action', textOf('', '')],
    ['a new inbox alone', textOf(create)],
    ['a grant before the new inbox', textOf(grant, create)],
    ['a new inbox with a link', textOf(create, link)],
    ['a new inbox with two grants', textOf(create, grant, grant.replaceAll('3d', '4c'))],
    ['two grants', textOf(grant, grant.replaceAll('3d', '4c'))],
    ['two links', textOf(link, link.replaceAll('2e', '4c'))],
    ['a grant and a revocation', textOf(grant, revoke('4c'.repeat(32)))],
    ['a revocation and a grant', textOf(revoke('4c'.repeat(32)), grant)],
    ['eleven revocations', textOf(...ids(11).map(revoke))],
    ['a revocation given twice', textOf(revoke(installationId), revoke(installationId))],
    ['an installation called as its inbox', textOf(revoke(inboxId))],
    ['an action in other words', textOf(grant.replace('app', 'an app'))],
    ['an action that is none', textOf(grant.replace('Grant', 'Deny'))],
    ['another word for the value', textOf(grant.replace('ID', 'Id'))],
    ['a value without its bracket', textOf(grant.slice(0, -1))],
    ['a link of a passkey', textOf(`- Link passkey to inbox\n  (Passkey: ${passkey})`)],
    ['an unlinked passkey', textOf(`- Unlink passkey from inbox\n  (Passkey: ${passkey})`)],
    ['a passkey as recovery', textOf(`- Change inbox recovery address\n  (Address: ${passkey})`)],
    ['a passkey as owner', textOf(`- Create inbox\n  (Owner: ${passkey})`, grant)],
    ['an address in EIP-55', good.replace(owner, `0x${'2E'.repeat(20)}`)],
    ['an address with a capital X', good.replace('0x2e', '0X2e')],
    ['an address without 0x', good.replace('0x2e', '2e')],
    ['an address of 39 digits', good.replace('0x2e', '0xe')],
    ['an address of 41 digits', good.replace('0x2e', '0x02e')],
    ['an installation in capitals', good.replace(installationId, '3D'.repeat(32))],
    ['an installation with 0x', good.replace('(ID: 3d', '(ID: 0x3d')],
    ['an installation of 66 digits', good.replace('(ID: 3d', '(ID: 3d3d')],
    ['an inbox id in capitals', good.replace(inboxId, '1F'.repeat(32))],
    ['an inbox id of 62 digits', good.replace('Inbox ID: 1f', 'Inbox ID: ')],
    ['a slash at the end', `${good}/`],
    ['a line end at the end', `${good}\n`],
    ['a space at the end', `${good} `],
    ['a mark of the byte order', `\ufeff${good}`],
    ['a line end before', `\n${good}`],
    ['CR LF', good.replaceAll('\n', '\r\n')],
    ['CR', good.replaceAll('\n', '\r')],
    ['a letter that looks like another', good.replace('inbox', 'inbоx')],
    ['a space that has no width', good.replace('XMTP', 'XMTP\u200b')],
    ['two texts', `${good}\n${good}`],
    ['the head of another text', good.replace('Authenticate to', 'Create')],
    ['no empty line before the actions', good.replace('Z\n\n', 'Z\n')],
    ['two empty lines before the actions', good.replace('Z\n\n', 'Z\n\n\n')],
    ['the line of the inbox without its words', good.replace('Inbox ID: ', '')],
    ['another footer', good.replace('xmtp.org', 'xmtp.example')],
    ['more than its length', good + ' '.repeat(identityTextLength)],
  ])('%s', (_, text) => {
    expect(judge(text)).toBe(refused);
    expect(isIdentityText(text)).toBe(false);
  });

  it.each([
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T23:60:00Z',
    '2026-11-20T23:59:60Z',
    '2026-11-20T23:41:46.000Z',
    '2026-11-20T23:41Z',
    '2026-11-20T23:41:46',
    '2026-11-20T23:41:46z',
    '2026-11-20t23:41:46Z',
    '2026-11-20 23:41:46Z',
    '2026-11-20 23:41:46 UTC',
    '2026-11-20T23:41:46+00:00',
    '2026-11-20T23:41:46 Z',
    '2026-11-20',
    '1969-12-31T23:59:59Z',
    '+012026-11-20T23:41:46Z',
    '10000-01-01T00:00:00Z',
    'Fri, 20 Nov 2026 23:41:46 GMT',
    '1795218106',
    '',
  ])('the time %j', (time) => {
    const text = textOf(grant).replace('2026-11-20T23:41:46Z', time);
    expect(judge(text)).toBe(refused);
    expect(isIdentityText(text)).toBe(false);
  });

  it.each<[string, string]>([
    ['"Create Identity"', createIdentityText(new Uint8Array(70))],
    ['"Enable Identity"', enableIdentityText(new Uint8Array(32))],
    ['a consent proof', consentProofText(owner, BigInt(timeMs))],
  ])('R-B3 what a wallet signs for V2: %s', (_, text) => {
    expect(judge(text)).toBe(refused);
  });

  it('fields that no text has, when it is built', () => {
    const wrong: [string, unknown][] = [
      ['a time between seconds', { ...inbox, timeMs: timeMs + 1, shape: 'grant', installationId }],
      ['no time', { ...inbox, timeMs: Number.NaN, shape: 'grant', installationId }],
      ['a time before 1970', { ...inbox, timeMs: -1000, shape: 'grant', installationId }],
      ['a time of five digits', { ...inbox, timeMs: Date.UTC(10_000, 0), shape: 'grant', installationId }],
      ['an inbox id with a line', { ...inbox, inboxId: `${inboxId}\n`, shape: 'grant', installationId }],
      ['a value with a line', { ...inbox, shape: 'link', address: `${owner})\n${grant}` }],
      ['an address for an installation', { ...inbox, shape: 'grant', installationId: owner }],
      ['an installation for an address', { ...inbox, shape: 'unlink', address: installationId }],
      ['nothing to revoke', { ...inbox, shape: 'revoke', installationIds: [] }],
      ['eleven to revoke', { ...inbox, shape: 'revoke', installationIds: ids(11) }],
      ['one to revoke twice', { ...inbox, shape: 'revoke', installationIds: [...ids(2), ...ids(1)] }],
      ['another shape', { ...inbox, shape: 'linkPasskey', address: owner }],
    ];
    for (const [what, fields] of wrong)
      expect([what, reasonOf(() => buildIdentityText(fields as IdentityText))]).toEqual([what, refused]);
  });

  it('names no value in its message', () => {
    fc.assert(
      fc.property(identityTexts, changes, (fields, wanted) => {
        const mutant = changed(writtenByHand(fields), wanted);
        try {
          parseIdentityText(mutant);
        } catch (error) {
          expect((error as Error).message).not.toMatch(/[0-9a-f]{8}/);
        }
      }),
    );
  });
});
