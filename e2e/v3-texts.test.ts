// Mutated identity texts of XMTP V3, 5,000 when it runs whole, from a page with a grant to the built extension.
// Promises: what does not rebuild byte for byte is refused at once and makes no card; what does makes one, and is signed by nobody who says no. The seed
// is printed, so that a failure can be had again. Must not: approve anything but the connection.
import { randomInt } from 'node:crypto';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { note, seedOf, sizeOf } from '../scripts/campaign/size';
import type { InboxList } from '../src/contract/pages/inbox';
import { buildIdentityText, parseIdentityText } from '../src/protocol/inbox/identity-text';
import { inboxIdOf } from '../src/protocol/inbox/inbox-id';
import { launchChromium, type Chromium } from './kit/chromium';
import { enrolled, internalClient, type Internal } from './kit/internal';
import { call, connect, serveSite, type Site } from './kit/journey';
import { watchCards } from './kit/messaging';
import { watchEnrolled } from './kit/oracles';

const total = sizeOf('page-texts', 'texts');
const seed = seedOf(randomInt(2 ** 31));
let browser: Chromium;
let site: Site;
let page: Page;
let popup: Internal;
let vault: Internal;
let made: { safeId: string; code: string };

beforeAll(async () => {
  [browser, site] = await Promise.all([launchChromium(), serveSite()]);
  made = await enrolled(browser);
  [popup, vault] = [await internalClient(browser, 'popup'), await internalClient(browser, 'vault')];
  page = await browser.context.newPage();
  await page.goto(site.origin);
  expect((await connect(browser, page, ['xmtp.v3'], 'until-revoked')).result).toBeDefined();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** Numbers below a bound, the same for the same seed. */
function drawing(from: number): (below: number) => number {
  let state = from;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** As many different texts as told, each changed once to three times. */
function mutated(bases: readonly string[], count: number): string[] {
  const next = drawing(seed);
  const one = <T>(list: readonly T[]): T => list[next(list.length)]!;
  /** One digit of an id or address is another: often a whole text again. */
  const otherDigit = (text: string): string => {
    const lines = text.split('\n');
    const line = one([...lines.keys()].filter((at) => /[0-9a-f]{40}$/.test(lines[at]!)));
    if (line === undefined) return text;
    const at = lines[line]!.length - 1 - next(40);
    return lines.with(line, lines[line]!.slice(0, at) + next(16).toString(16) + lines[line]!.slice(at + 1)).join('\n');
  };
  const change = (text: string): string => {
    const at = next(text.length + 1);
    const to = Math.min(text.length, at + next(30));
    const lines = text.split('\n');
    const line = next(lines.length);
    switch (next(10)) {
      case 0:
        return text.slice(0, at) + one(['\0', ' ', '\r', '\n', '​', 'х', '０', 'É', '0', 'f', '-']) + text.slice(at);
      case 1:
        return text.slice(0, at) + text.slice(to);
      case 2:
        return text.slice(0, to) + text.slice(at);
      case 3:
        return lines.toSpliced(line, 1).join('\n');
      case 4:
        return lines.toSpliced(next(lines.length), 0, lines[line]!).join('\n');
      case 5:
        return lines.with(line, one(one(bases).split('\n'))).join('\n');
      case 6:
        return lines.with(line, one([lines[line]!.toUpperCase(), ` ${lines[line]}`, `${lines[line]} `])).join('\n');
      case 7:
        return text.replaceAll('\n', one(['\r\n', '\r', '\n\n', ' ']));
      case 8:
        return one([`${text}\n`, `\n${text}`, `${text}${text}`, text.slice(0, at)]);
      default:
        return otherDigit(text);
    }
  };
  const texts = new Set<string>();
  while (texts.size < count) {
    let text = one(bases);
    if (next(10) === 0) text = otherDigit(text);
    else for (let times = 1 + next(3); times > 0; times--) text = change(text);
    if (!bases.includes(text)) texts.add(text);
  }
  return [...texts];
}

/** Whether a text says the same, byte for byte, when it was read and written again. */
function rebuilds(text: string): boolean {
  try {
    return buildIdentityText(parseIdentityText(text)) === text;
  } catch {
    return false;
  }
}

test(`P1 of ${total} mutated texts none is signed, and only those that rebuild make a card, seed ${seed}`, async () => {
  const { identifier } = (await call(page, 'xmtp_v3_getIdentifier', {})).result as { identifier: string };
  const [own, strange] = [inboxIdOf(identifier, 1), 'b'.repeat(64)];
  const timeMs = Math.floor(Date.now() / 1000) * 1000;
  const address = `0x${'7'.repeat(40)}`;
  const [one, two] = ['1'.repeat(64), '2'.repeat(64)];
  const bases = [
    buildIdentityText({ shape: 'create+grant', inboxId: own, timeMs, owner: identifier, installationId: one }),
    buildIdentityText({ shape: 'grant', inboxId: own, timeMs, installationId: one }),
    buildIdentityText({ shape: 'grant', inboxId: strange, timeMs, installationId: two }),
    buildIdentityText({ shape: 'link', inboxId: strange, timeMs, address: identifier }),
    buildIdentityText({ shape: 'revoke', inboxId: own, timeMs, installationIds: [one, two] }),
    buildIdentityText({ shape: 'unlink', inboxId: own, timeMs, address }),
    buildIdentityText({ shape: 'recovery', inboxId: own, timeMs, address }),
  ];
  const texts = mutated(bases, total);
  const cards = await watchCards(browser);
  let isOver = false;
  const begun = Date.now();
  const asking = page
    .evaluate(async (all) => {
      const { request } = (window as unknown as { prekeyVault: { request(args: object): Promise<unknown> } })
        .prekeyVault;
      const outcomes: string[] = [];
      let at = 0;
      const lane = async (): Promise<void> => {
        while (at < all.length) {
          const mine = at++;
          outcomes[mine] = await request({ method: 'xmtp_v3_signIdentityText', params: { text: all[mine] } }).then(
            () => 'signed',
            ({ code, data }: { code?: number; data?: { identityText?: string; reason?: string } }) =>
              `${code} ${data?.identityText ?? data?.reason ?? ''}`,
          );
        }
      };
      await Promise.all(Array.from({ length: 8 }, lane));
      return outcomes;
    }, texts)
    .finally(() => (isOver = true));
  // The person says no to whatever is asked.
  while (!isOver) await popup.call('approvals_rejectAll', {});
  const outcomes = await asking;
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  console.log(`seed ${seed}: ${((Date.now() - begun) / 1000).toFixed(1)} s`, JSON.stringify(counts));

  const wrong = texts.filter((text, at) => {
    const outcome = outcomes[at]!;
    return rebuilds(text)
      ? !/^(?:4001 rejected|-32602 (?:date|not-this-key|not-recovery))$/.test(outcome)
      : !['-32602 unreadable', '-32602 '].includes(outcome);
  });
  expect(wrong).toEqual([]);
  expect(counts['signed']).toBeUndefined();
  // Both kinds came often: the mutations reach behind the first check.
  expect(counts['-32602 unreadable']).toBeGreaterThan(total / 2);
  expect(counts['4001 rejected']).toBeGreaterThan(5);
  expect(await cards()).toHaveLength(counts['4001 rejected']!);
  const { inboxes } = await vault.call<InboxList>('inbox_list', { safeId: made.safeId });
  expect(inboxes).toEqual([]);
  await (await watchEnrolled(browser, made)).atRest([outcomes]);
  note('page-texts', 'texts', total);
});

test('nothing was uncaught', () => {
  expect(browser.console.filter(({ text }) => /uncaught/i.test(text))).toEqual([]);
});
