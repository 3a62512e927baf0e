// A client of the internal port, run in one of our own pages, and the flows of a person driven through it without the screens.
// Promises: speaks the rows of src/contract/pages as our pages do: waits for hello, sends unanswered calls again after the worker died; signs
// in node with the test mnemonic. Must not: be used where the screens themselves are what is tested.
import type { Page } from 'playwright';
import { findAccount, testAccounts, type TestAccount } from '../../demo/wallet/accounts';
import { signPersonalMessage, type Personality } from '../../demo/wallet/personalities';
import { packBytes, unpackBytes } from '../../src/contract/bytes-codec';
import type { EnrolmentState, EnrolmentStep } from '../../src/contract/pages/enrolment';
import type { VaultState } from '../../src/contract/pages/identity';
import type { PageMethodName } from '../../src/contract/pages/methods';
import { pages, type PageName } from '../../src/contract/pages/pages';
import type { UnlockRequest, RecoveryCode } from '../../src/contract/pages/unlock';
import type { WalletChoice } from '../../src/contract/schemas';
import type { Chromium } from './chromium';
import { clientMark, extensionId, walletId } from './chromium';

/** What the worker answered instead of a result. */
export class Refusal extends Error {
  readonly reason: string;
  readonly detail: string | undefined;
  constructor(method: string, { reason, detail }: { reason: string; detail?: string }) {
    super(`${method}: ${reason}`);
    this.reason = reason;
    this.detail = detail;
  }
}

/** What speaks for one of our pages, in whichever browser. */
export type Caller = Pick<Internal, 'call'>;

export interface Internal {
  page: Page;
  /** The result of one call. Throws Refusal. A call that the worker's death left unanswered is sent again, under its id. */
  call<T = unknown>(method: PageMethodName | string, params?: unknown): Promise<T>;
  /** After the next loss of the port, stay away until `release`. */
  hold(): Promise<void>;
  release(): Promise<void>;
}

interface InPage {
  pending: Map<number, { request: object; done(answer: unknown): void }>;
  lastId: number;
  port: chrome.runtime.Port | undefined;
  isReady: boolean;
  isHeld: boolean;
  connect(): void;
  call(method: string, params: unknown): Promise<unknown>;
}
declare global {
  interface Window {
    internalClient?: InPage;
  }
}

/** Opens one of our pages, keeps its screen from being drawn (some close themselves), and speaks for it. */
export async function internalClient(browser: Chromium, name: PageName): Promise<Internal> {
  const page = await browser.context.newPage();
  await page.addInitScript(() => {
    Document.prototype.getElementById = () => null;
  });
  await page.goto(`chrome-extension://${extensionId}${pages[name]}${clientMark}`);
  await page.evaluate(() => {
    const client: InPage = {
      pending: new Map(),
      lastId: 0,
      port: undefined,
      isReady: false,
      isHeld: false,
      connect() {
        if (client.port || client.isHeld) return;
        const port = chrome.runtime.connect({ name: 'page' });
        client.port = port;
        port.onMessage.addListener((message: Record<string, unknown>) => {
          if ('hello' in message) {
            client.isReady = true;
            for (const { request } of client.pending.values()) port.postMessage(request);
          } else if (typeof message.id === 'number') {
            client.pending.get(message.id)?.done(message);
            client.pending.delete(message.id);
          }
        });
        port.onDisconnect.addListener(() => {
          if (client.port !== port) return;
          client.port = undefined;
          client.isReady = false;
          if (client.pending.size > 0) setTimeout(() => client.connect(), 10);
        });
      },
      call(method, params) {
        return new Promise((done) => {
          const id = ++client.lastId;
          const request = { id, method, params, packed: true };
          client.pending.set(id, { request, done });
          if (client.port && client.isReady) client.port.postMessage(request);
          else client.connect();
        });
      },
    };
    window.internalClient = client;
  });
  return {
    page,
    async call<T>(method: string, params?: unknown) {
      const answer = await page.evaluate(([name_, values]) => window.internalClient!.call(name_, values), [
        method,
        packBytes(params),
      ] as [string, unknown]);
      const { result, error } = unpackBytes(answer) as { result?: T; error?: { reason: string; detail?: string } };
      if (error) throw new Refusal(method, error);
      return result as T;
    },
    hold: () => page.evaluate(() => void (window.internalClient!.isHeld = true)),
    release: () =>
      page.evaluate(() => {
        window.internalClient!.isHeld = false;
        window.internalClient!.connect();
      }),
  };
}

/** `account`'s personal_sign signature under `text`, as that kind of wallet makes it. */
export function signatureOf(account: string, text: string, personality: Personality = 'deterministic-v27'): Uint8Array {
  return signPersonalMessage(new TextEncoder().encode(text), findAccount(account)!, personality);
}

export const testWallet: WalletChoice = { kind: 'extension', extensionId: walletId };

export interface EnrolOptions {
  personality?: Personality;
  wallet?: WalletChoice;
  name?: string;
}

/** Enrols to the end through an onboarding page's port. Where the worker died and the draft had moved on, it follows the draft. */
export async function enrolThrough(
  onboarding: Caller,
  { address }: TestAccount,
  options: EnrolOptions = {},
): Promise<{ safeId: string; code: string }> {
  const { personality, wallet = testWallet, name = 'Ada' } = options;
  let state = await onboarding.call<EnrolmentState>('enrol_begin', { account: address, wallet, name });
  const { safeId } = state;
  const methods: Partial<Record<EnrolmentStep, string>> = {
    'unlock-1': 'enrol_unlockSignature',
    identity: 'enrol_identitySignature',
    'unlock-2': 'enrol_confirmUnlockSignature',
  };
  while (state.step !== 'code') {
    const signature = signatureOf(address, state.text!, personality);
    state = await onboarding.call<EnrolmentState>(state.locked ? 'enrol_unlockSignature' : methods[state.step]!, {
      safeId,
      signature,
    });
  }
  const { code, ask } = await onboarding.call<RecoveryCode>('enrol_createRecoveryCode', { safeId });
  const groups = code.split('-');
  await onboarding.call('enrol_finish', { safeId, code, typed: ask.map((group) => groups[group]!) });
  return { safeId, code };
}

/** The identity that a file of tests begins with, of the wallet's first account; the screens of onboarding have tests of their own. */
export async function enrolled(browser: Chromium): Promise<{ safeId: string; code: string }> {
  const onboarding = await internalClient(browser, 'onboarding');
  const made = await enrolThrough(onboarding, testAccounts()[0]!);
  await onboarding.page.close();
  return made;
}

/** Unlocks with the wallet through an unlock page's port. */
export async function unlockThrough(unlock: Caller, safeId: string, personality?: Personality): Promise<void> {
  const { account, text } = await unlock.call<UnlockRequest>('unlock_getText', { safeId });
  await unlock.call('unlock_withWallet', { safeId, signature: signatureOf(account, text, personality) });
}

export function stateThrough(client: Caller): Promise<VaultState> {
  return client.call<VaultState>('state_get', {});
}
