// For tests only: the unmodified @xmtp/browser-sdk in plain node, its web workers being threads, and signers for it.
// Promises: libxmtp's own wasm on both sides of the worker; databases in memory, gone with the client. Must not: change what a signer is asked.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker as Thread } from 'node:worker_threads';
import { sha256 } from '@noble/hashes/sha2.js';
import type * as BrowserSdk from '@xmtp/browser-sdk';
import { utf8ToBytes } from '../../src/protocol/base/bytes';
import { addressOf } from '../../src/protocol/base/ethereum';
import { getPublicKey } from '../../src/protocol/base/secp256k1';
import { parseIdentityText, type IdentityText } from '../../src/protocol/inbox/identity-text';
import { signIdentityText } from '../../src/protocol/inbox/text-signature';

export type Client = BrowserSdk.Client;
export type Conversation = BrowserSdk.Conversation;
export type Signer = BrowserSdk.Signer;
export type Sdk = typeof BrowserSdk;

/** An inbox key made from a name, as a signer of the sdk. It signs identity texts and nothing else. */
export interface TestSigner {
  readonly secret: Uint8Array;
  readonly address: string;
  readonly signer: Signer;
  /** What it was asked to sign, in order. */
  readonly asked: IdentityText[];
}

/** 32 bytes that follow from a name. */
export function seed(name: string): Uint8Array {
  return sha256(utf8ToBytes(name));
}

export function testSigner(name: string): TestSigner {
  const secret = seed(`inbox key ${name}`);
  const address = addressOf(getPublicKey(secret)).toLowerCase();
  const asked: IdentityText[] = [];
  return {
    secret,
    address,
    asked,
    signer: {
      type: 'EOA',
      getIdentifier: () => ({ identifier: address, identifierKind: 0 }),
      signMessage(text) {
        const fields = parseIdentityText(text);
        asked.push(fields);
        return signIdentityText(fields, secret);
      },
    },
  };
}

/** The sdk, ready to make clients. Its workers' threads end with their clients (`close`). */
export async function loadBrowserSdk(): Promise<Sdk> {
  const wasmUrl = createRequire(import.meta.url)
    .resolve('@xmtp/wasm-bindings')
    .replace(/\.js$/, '_bg.wasm');
  const wasm = await WebAssembly.compile(readFileSync(wasmUrl));
  const { default: start } = await import('@xmtp/wasm-bindings');
  await start({ module_or_path: wasm });
  globalThis.Worker = workerClass(wasm);
  return import('@xmtp/browser-sdk');
}

function workerClass(wasm: WebAssembly.Module): typeof Worker {
  class ThreadWorker extends EventTarget {
    readonly #thread: Thread;

    constructor(url: URL) {
      super();
      // The sdk names its workers without the ending of their files, which bundlers add.
      this.#thread = new Thread(new URL('client-thread.mjs', import.meta.url), {
        workerData: { workerUrl: `${url.href}.js`, wasm },
      });
      this.#thread.on('message', (data: unknown) => this.dispatchEvent(new MessageEvent('message', { data })));
      this.#thread.on('error', (error: Error) => {
        this.dispatchEvent(Object.assign(new Event('error'), { message: error.message }));
      });
    }

    postMessage(message: unknown): void {
      this.#thread.postMessage(message);
    }

    terminate(): void {
      void this.#thread.terminate();
    }
  }
  return ThreadWorker as unknown as typeof Worker;
}
