// Asking the owner's wallet, from one of our pages: which accounts, and a signature under a text.
// Promises that every call ends (answer, WalletError or abort), that the wallet is known to be awake before it is made to
// prompt, that a prompt is never repeated by itself, and that a lost connection is replaced at the next call (R-E4).
// Must not run in the worker, and must not hold a signature longer than it takes to hand it over as bytes (R-E5).
import { hex } from '@scure/base';
import { isAccount } from '../contract/address';
import type { Connection } from './connection';
import { openConnection } from './connection';
import { signatureFromAnswer } from './signature-text';
import { WalletError } from './wallet-error';

/** What `connectWallet` needs. */
export interface ConnectOptions {
  /** From `knownWallets`, or typed in by the person. */
  readonly extensionId: string;
  /** How long the person may take to answer the wallet's connect prompt. Default 120 s. */
  readonly timeoutMs?: number;
  /**
   * True asks the wallet to let the person pick accounts again (EIP-2255), for an account that was not allowed so far.
   * Otherwise a wallet that has allowed some answers with those and shows nothing.
   */
  readonly chooseAccounts?: boolean;
  readonly signal?: AbortSignal;
}

/** Limits of one signature request. */
export interface SignOptions {
  /** How long the person may take. Default 120 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A wallet that allowed at least one account. Ask it one thing at a time. */
export interface WalletSession {
  /** The allowed accounts as the wallet wrote them (EIP-55 or lower case), the selected one first; at least one. */
  readonly accounts: string[];
  /**
   * The signature of `account` under the text (personal_sign, EIP-191): 64 or 65 bytes as the wallet made them. That the
   * right account signed is not checked here: recover the address and compare. The bytes are the caller's to wipe.
   * Throws WalletError; after an abort it throws the signal's reason.
   */
  signText(account: string, text: string, options?: SignOptions): Promise<Uint8Array>;
  /**
   * Calls `listener` each time the wallet goes away by itself. The session stays usable: the next call connects again.
   * Returns the function that ends the subscription.
   */
  onDisconnect(listener: () => void): () => void;
  /** Ends what is open as 'disconnected' and drops the connection; later calls throw 'disconnected'. */
  close(): void;
}

/** How long a person gets for one prompt. */
const PROMPT_TIMEOUT_MS = 120_000;
/** How long a wallet gets to show that it is awake. */
const PING_TIMEOUT_MS = 10_000;
/** A wallet whose worker is just waking drops what reaches it in its first two seconds, and then answers at once. */
const PING_AGAIN_MS = 500;

/**
 * Connects to a wallet extension and asks which accounts we may use, which makes most wallets prompt the first time.
 * Throws WalletError ('absent' after a moment where no such wallet is); after an abort it throws the signal's reason.
 */
export async function connectWallet(options: ConnectOptions): Promise<WalletSession> {
  const { extensionId, timeoutMs = PROMPT_TIMEOUT_MS, chooseAccounts = false, signal } = options;
  const listeners = new Set<() => void>();
  const notifyLost = () => listeners.forEach((listener) => listener());
  let connection = openConnection(extensionId, notifyLost);
  let isClosed = false;
  let accounts: string[];
  try {
    await ping(connection, timeoutMs, signal);
    accounts = await requestAccounts(connection, chooseAccounts, { timeoutMs, signal });
  } catch (error) {
    connection.close();
    throw error;
  }

  async function awakeConnection(timeoutMs: number, signal: AbortSignal | undefined): Promise<Connection> {
    if (isClosed) throw new WalletError('disconnected', 'this wallet session is closed');
    const isReused = connection.isOpen();
    if (!isReused) connection = openConnection(extensionId, notifyLost);
    try {
      await ping(connection, timeoutMs, signal);
    } catch (error) {
      const diedMeanwhile = isReused && !isClosed && error instanceof WalletError && error.reason === 'disconnected';
      if (!diedMeanwhile) throw error;
      // Nothing was shown to the person yet, so a second try with a fresh connection costs them nothing.
      connection = openConnection(extensionId, notifyLost);
      await ping(connection, timeoutMs, signal);
    }
    return connection;
  }

  return {
    accounts,
    async signText(account, text, { timeoutMs = PROMPT_TIMEOUT_MS, signal } = {}) {
      const awake = await awakeConnection(timeoutMs, signal);
      return signatureFromAnswer(
        await awake.request('personal_sign', [hexOfText(text), account], { timeoutMs, signal }),
      );
    },
    onDisconnect(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      isClosed = true;
      listeners.clear();
      connection.close();
    },
  };
}

/** Any answer will do, an error too: it shows that somebody is there. */
async function ping(connection: Connection, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await connection.request('eth_chainId', [], {
      timeoutMs: Math.min(timeoutMs, PING_TIMEOUT_MS),
      againMs: PING_AGAIN_MS,
      signal,
    });
  } catch (error) {
    const isAnswer = error instanceof WalletError && error.code !== undefined;
    if (!isAnswer) throw error;
  }
}

async function requestAccounts(
  connection: Connection,
  chooseAccounts: boolean,
  limits: { timeoutMs: number; signal: AbortSignal | undefined },
): Promise<string[]> {
  if (chooseAccounts) await connection.request('wallet_requestPermissions', [{ eth_accounts: {} }], limits);
  const answer = await connection.request('eth_requestAccounts', [], limits);
  if (!Array.isArray(answer) || !answer.every(isAddressText)) {
    throw new WalletError('failed', 'the wallet did not answer with a list of addresses');
  }
  if (answer.length === 0) throw new WalletError('unauthorized-account', 'the wallet allows no account');
  return answer;
}

function isAddressText(value: unknown): value is string {
  return typeof value === 'string' && isAccount(value);
}

function hexOfText(text: string): string {
  return `0x${hex.encode(new TextEncoder().encode(text))}`;
}
