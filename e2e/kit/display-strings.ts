// Texts that a site may send to be shown, as hostile as they get, what our pages have to make of them, and a page that shows them.
// Promises: the same texts for the same seed; what is expected is made from the model of R-C5 and the English words, not from the page.
// Must not: be more than text: the page gets its answers from a stand-in of the worker.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright';
import { dappTextModel, firstBytes, type Piece } from '../../src/ui/parts/shown/dapp-text-model';

const words = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../public/_locales/en/messages.json'), 'utf8'),
) as Record<string, { message: string }>;
const said = (key: string, ...values: (string | number)[]) =>
  words[key]!.message.replace(/\$(\d)/g, (_, place) => String(values[Number(place) - 1]));
const counted = (stem: string, count: number) =>
  said(`${stem}${count === 1 ? 'One' : 'Other'}`, count.toLocaleString('en'));

function drawn(piece: Piece, isBlock: boolean): string {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'escape':
      return piece.count > 1 ? said('escapeTimes', piece.code, piece.count) : piece.code;
    case 'spaces':
      return counted('spaces', piece.count);
    case 'newline':
      if (isBlock && piece.count <= 2) return '\n'.repeat(piece.count);
      return counted('lineBreak', piece.count) + (isBlock ? '\n' : '');
  }
}

/** What a page has to show of a text: of a block what stands in it, in a line also how much is left out. */
export function expectedOf(text: string, { isBlock = false, isWhole = false } = {}): string {
  const { pieces, moreCharacters } = dappTextModel(text, isWhole ? Infinity : firstBytes);
  const shown = pieces.map((piece) => drawn(piece, isBlock)).join('');
  return moreCharacters > 0 && !isBlock ? shown + counted('more', moreCharacters) : shown;
}

/** Signs that nobody sees or that turn what stands around them, apart from those that join letters or pictographs. */
export const neverDrawn = /(?!\n|\u200c|\u200d|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

export type Draw = () => number;
/** Numbers from 0 to 1, the same for the same seed. */
export function drawsOf(seed: number): Draw {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

const everyControl = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((sign) => /[\p{Cf}\p{Cc}]/u.test(sign));
const turns = [
  '\u202a',
  '\u202b',
  '\u202d',
  '\u202e',
  '\u202c',
  '\u2066',
  '\u2067',
  '\u2068',
  '\u2069',
  '\u200e',
  '\u200f',
  '\u061c',
];
const letters = ['a', 'Z', '7', 'ש', 'ע', 'ب', '١', 'ä', '漢', 'ก', 'x', '.', '/', '(', '←'];
const marks = ['\u0300', '\u0336', '\u0489', '\u20dd', '\u064e', '\u0e49', '\u1ab0', '\ufe20', '\u{1d165}'];
const breaks = ['\n', '\r\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029', '\n \n', '\n\u200b'];
const markup = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '</bdi></p></div><button data-testid="approval-approve">Approve</button>',
  '<style>*{display:none}</style>',
  '&lt;b&gt; &#x202e; &amp;',
  '<!--',
  ']]>',
  '${alert(1)} {{7*7}}',
  'javascript:alert(1)',
  '"\' onload=alert(1) x="',
];
const wide = ['﷽', '𒐫', '꧅', '⸻', '𒈙', 'W', '一', '👩‍👩‍👧‍👦', '\u3000'];

/** One text; `at` walks through every control and format character first. */
export function hostileText(draw: Draw, at: number): string {
  const of = (list: readonly string[]) => list[Math.floor(draw() * list.length)]!;
  const many = (least: number, most: number, one: () => string) =>
    Array.from({ length: least + Math.floor(draw() * (most - least)) }, one).join('');
  const sign = everyControl[at % everyControl.length]!;
  switch (
    Math.floor(at / everyControl.length) < 4 ? Math.floor(at / everyControl.length) : 4 + Math.floor(draw() * 8)
  ) {
    case 0:
      return sign;
    case 1:
      return `pay${sign}pal`;
    case 2:
      return `می${sign}خواهم ${sign}${sign} 👩${sign}🚀`;
    case 3:
      return many(1, 40, () => sign) + of(letters);
    case 4:
      return many(1, 200, () => of(draw() < 0.5 ? turns : letters));
    case 5:
      return many(1, 30, () => of(letters) + many(0, 60, () => of(marks)));
    case 6:
      return `${of(letters)}${many(1, 300, () => of(breaks))}Approve`;
    case 7:
      return many(1, 8, () => of(markup) + of([' ', '', '\n', of(turns)]));
    case 8:
      return many(1, 3_000, () => of(wide));
    case 9:
      return many(1, 120, () => String.fromCharCode(Math.floor(draw() * 0x10000)));
    case 10:
      return many(1, 60, () => of([' ', '\t', '\u00a0', '\u2003', ' '.repeat(40), 'x'.repeat(200), of(everyControl)]));
    default:
      return many(1, 60, () =>
        of([of(turns), of(marks), of(breaks), of(markup), of(wide), of(everyControl), of(letters)]),
      );
  }
}

/** What of it can be signed as a text: bytes are well-formed, and with a control character they are shown as bytes. */
export const signable = (text: string): string => text.replaceAll(/[^\P{Cc}\t\n\r]|\p{Cs}/gu, '') || 'x';

/** A text over the wire to the page: no encoding of single surrogates is in its way. */
const unitsOf = (text: string) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));

/** What the stand-in of the worker shows in the next document: one request for each text, all of one site. */
export async function show(page: Page, requests: readonly { purpose: string; payload: string }[]): Promise<void> {
  await page.evaluate(
    (all) => sessionStorage.setItem('requests', JSON.stringify(all)),
    requests.map(({ purpose, payload }) => ({ purpose: unitsOf(purpose), payload })),
  );
  await page.reload();
}

/** Has the page speak with a stand-in of the worker that knows the requests of `show`. To be called before the page is loaded. */
export async function standInForWorker(page: Page): Promise<void> {
  await page.addInitScript((messages) => {
    const safeId = '1'.repeat(32);
    const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
    const requests = JSON.parse(sessionStorage.getItem('requests') ?? '[]') as { purpose: number[]; payload: string }[];
    const nowMs = Date.now();
    const cards = requests.map(({ purpose, payload }, at) => ({
      id: at.toString(16).padStart(32, '0'),
      digest: 'd'.repeat(64),
      nonce: at.toString(16).padStart(32, '0'),
      origin: 'https://chat.app.example',
      createdAtMs: nowMs,
      expiresAtMs: nowMs + 3_600_000,
      joined: 1,
      firstSeen: false,
      looksLike: null,
      given: [],
      names: [],
      shown: {
        kind: 'sign',
        safeId,
        account,
        purpose: purpose.map((unit) => String.fromCharCode(unit)).join(''),
        payload: {
          $bytes: btoa(Array.from(new TextEncoder().encode(payload), (byte) => String.fromCharCode(byte)).join('')),
        },
      },
    }));
    const settings = {
      autoLockMinutes: 15,
      theme: 'light',
      language: 'en',
      environment: null,
      inboxNode: null,
      ensNode: null,
    };
    const ada = { safeId, account, name: 'Ada', status: 'unlocked', createdAtMs: 0, wallet: { kind: 'manual' } };
    const identities = [{ ...ada, lockAtMs: nowMs + 600_000, setAsideAtMs: null }];
    const answers: Record<string, unknown> = {
      state_get: { status: 'unlocked', identities, waiting: cards.length, settings },
      approvals_list: cards,
      ownPhrase_get: null,
      quiet_list: [],
    };
    const nothing = { addListener: () => undefined, removeListener: () => undefined };
    const connect = () => {
      const hear: ((message: unknown) => void)[] = [];
      const say = (message: unknown) => setTimeout(() => hear.forEach((one) => one(message)), 0);
      say({ hello: { 0: 1 } });
      return {
        onMessage: { addListener: (one: (message: unknown) => void) => void hear.push(one) },
        onDisconnect: nothing,
        disconnect: () => undefined,
        postMessage: ({ id, method }: { id: number; method: string }) => say({ id, result: answers[method] ?? null }),
      };
    };
    const getMessage = (key: string, values: string | string[] = []) =>
      (messages[key]?.message ?? key).replace(
        /\$(\d)/g,
        (_, place) => ([] as string[]).concat(values)[place - 1] ?? '',
      );
    const permissions = { contains: async () => false, onAdded: nothing, onRemoved: nothing };
    const standIn = {
      runtime: { id: 'stand-in', getURL: (file: string) => file, connect },
      tabs: { getCurrent: async () => undefined },
      permissions,
      i18n: { getMessage, getUILanguage: () => 'en' },
    };
    Object.assign(globalThis, { browser: standIn });
    Object.defineProperty(globalThis, 'chrome', { value: standIn, configurable: true });
  }, words);
}

export interface Looks {
  /** The texts on the page, in their order. */
  purposes: string[];
  payloads: string[];
  /** What is wrong with the places of the site's name and of the two answers; empty when nothing is. */
  wrong: string[];
}

/** Has everything listed, and looks at it from the top to the end. */
export async function look(page: Page, count: number): Promise<Looks> {
  await page.locator('[data-testid="approval-reject"]').waitFor();
  if (count > 1) await page.locator('[data-testid="approval-list-others"]').click();
  return await page.evaluate(() => {
    const wrong: string[] = [];
    const main = document.querySelector('.approval-main') as HTMLElement;
    const scrolls = [
      main,
      document.scrollingElement as HTMLElement,
      ...document.querySelectorAll<HTMLElement>('.approval-body'),
    ];
    for (const box of [main, document.scrollingElement!, document.body])
      if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== 'hidden')
        wrong.push(`${box.className || box.tagName} is ${box.scrollWidth} wide in ${box.clientWidth}`);
    const seen = (name: string) => {
      const element = document.querySelector(`[data-testid="${name}"]`);
      if (!element) return void wrong.push(`no ${name}`);
      const { left, right, top, bottom } = element.getBoundingClientRect();
      if (left < 0 || top < 0 || right > innerWidth + 1 || bottom > innerHeight + 1 || right - left < 8)
        wrong.push(
          `${name} is at ${[left, top, right, bottom].map(Math.round).join()} of ${innerWidth},${innerHeight}`,
        );
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (!hit || !(element.contains(hit) || hit.contains(element)))
        wrong.push(`${name} is covered by ${hit?.outerHTML.slice(0, 80)}`);
    };
    for (const box of scrolls) box.scrollTop = 0;
    for (const name of ['approval-origin', 'approval-reject', 'approval-approve']) seen(name);
    for (const box of scrolls) box.scrollTop = box.scrollHeight;
    for (const name of ['approval-reject', 'approval-approve']) seen(name);
    const textsOf = (selector: string) => Array.from(document.querySelectorAll(selector), (one) => one.textContent);
    return {
      purposes: textsOf('[data-testid="approval-purpose"] .dapp-text'),
      payloads: textsOf('[data-testid="approval-payload"] .dapp-text'),
      wrong,
    };
  });
}
