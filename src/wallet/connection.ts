// One connection to a wallet extension: a provider of @metamask/providers and the port under it.
// Promises that every request settles: answered, refused, lost with the connection, out of time, or aborted. The library
// alone promises none of the last three. An ended connection stays ended; a new one is opened instead.
// Must not log or keep an answer: it can be a signature (R-E5).
import './node-globals';
import { createExternalExtensionProvider } from '@metamask/providers';
import { isExtensionId } from './known-wallets';
import { fromRpcError, WalletError } from './wallet-error';

/** How long one request may take, and who may call it off. */
export interface RequestLimits {
  readonly timeoutMs: number;
  /** Sends the request again after each of so many milliseconds without an answer: only for what shows a person nothing. Default: never. */
  readonly againMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** An open, or once open, connection. */
export interface Connection {
  /**
   * Asks the wallet and gives its answer as it came. Throws WalletError, or the signal's reason after an abort. A timeout
   * and an abort close the connection, so that an answer that nobody waits for any more never reaches this page; other
   * requests still open on it end as 'disconnected'.
   */
  request(method: string, params: readonly unknown[], limits: RequestLimits): Promise<unknown>;
  /** False from the moment the wallet went away or `close` was called. */
  isOpen(): boolean;
  /** Ends every open request as 'disconnected' and drops the port. Does not call `onLost`. */
  close(): void;
}

/** EIP-1193 close code for "no network behind the wallet": its port is alive and it still signs. */
const NETWORK_UNREACHABLE = 1013;

/**
 * Connects to a wallet by extension id. An absent wallet shows in the first request, not here. `onLost` is called at most
 * once, when the wallet goes away by itself. Throws WalletError 'absent' for what is not an extension id.
 */
export function openConnection(extensionId: string, onLost: () => void): Connection {
  if (!isExtensionId(extensionId)) throw new WalletError('absent', 'this is not the id of an extension');
  const openRequests = new Set<(error: WalletError) => void>();
  let isOpen = true;
  let hasAnswered = false;

  const { provider, port } = openProvider(extensionId);
  port?.onMessage.addListener(() => {
    hasAnswered = true;
  });
  port?.onDisconnect.addListener(() => {
    // Reading it is what keeps the browser from printing "Unchecked runtime.lastError".
    void chrome.runtime.lastError;
    lose();
  });
  provider.on('disconnect', (error: unknown) => {
    if ((error as { code?: unknown } | undefined)?.code !== NETWORK_UNREACHABLE) lose();
  });

  function end(): void {
    isOpen = false;
    for (const drop of openRequests) drop(lossError());
    port?.disconnect();
  }

  function lose(): void {
    if (!isOpen) return;
    end();
    onLost();
  }

  function lossError(): WalletError {
    if (hasAnswered) return new WalletError('disconnected', 'the wallet went away');
    return new WalletError('absent', 'no wallet answers under this id');
  }

  function request(
    method: string,
    params: readonly unknown[],
    { timeoutMs, againMs, signal }: RequestLimits,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      if (!isOpen) {
        reject(lossError());
        return;
      }
      // Listeners that are taken away again, not Promise.race with a long-lived promise: that would keep every answer.
      function settle(): void {
        clearTimeout(timer);
        clearInterval(again);
        signal?.removeEventListener('abort', abort);
        openRequests.delete(drop);
      }
      function drop(error: WalletError): void {
        settle();
        reject(error);
      }
      function abort(): void {
        settle();
        reject(signal?.reason as Error);
        close();
      }
      const timer = setTimeout(() => {
        drop(new WalletError('timeout', 'the wallet did not answer in time'));
        close();
      }, timeoutMs);
      signal?.addEventListener('abort', abort);
      openRequests.add(drop);
      const ask = () =>
        void provider.request({ method, params: [...params] as never }).then(
          (answer) => {
            hasAnswered = true;
            settle();
            resolve(answer);
          },
          (error: unknown) => {
            hasAnswered = true;
            drop(fromRpcError(error));
          },
        );
      ask();
      const again = againMs === undefined ? undefined : setInterval(ask, againMs);
    });
  }

  function close(): void {
    if (isOpen) end();
  }

  return { request, isOpen: () => isOpen, close };
}

/** The one stream of a wallet's port that the library reads. Of any other it says in the console that its data is orphaned. */
const stream = 'metamask-provider';

/** The port as the library shall see it: without the wallet's other streams, such as `publicConfig`. */
function withOneStream(port: chrome.runtime.Port): chrome.runtime.Port {
  const isOther = (message: unknown) =>
    typeof message === 'object' && message !== null && 'name' in message && message.name !== stream;
  const onMessage = {
    addListener: (listener: (message: unknown, from: chrome.runtime.Port) => void) =>
      port.onMessage.addListener((message: unknown) => void (isOther(message) || listener(message, port))),
  };
  // What the library uses, and nothing of the real one besides.
  const { onDisconnect } = port;
  return {
    onMessage,
    onDisconnect,
    postMessage: (message: unknown) => port.postMessage(message),
    disconnect: () => port.disconnect(),
  } as unknown as chrome.runtime.Port;
}

/**
 * The library opens its port by itself and never lets go of it, so the call is watched while it is made. Where a browser
 * does not let us, `port` is undefined: then the provider's own events must do, and a closed connection lingers until the
 * page goes.
 */
function openProvider(extensionId: string) {
  const runtime = chrome.runtime;
  const connect: unknown = Reflect.get(runtime, 'connect');
  let port: chrome.runtime.Port | undefined;
  Reflect.set(runtime, 'connect', (id: string) => {
    port = Reflect.apply(connect as typeof runtime.connect, runtime, [id]) as chrome.runtime.Port;
    return withOneStream(port);
  });
  try {
    // The type knows names only; the code takes any id that is not a name, and ids here never are.
    const provider = createExternalExtensionProvider(extensionId as 'stable');
    return { provider, port };
  } catch {
    throw new WalletError('absent', 'the browser refuses to connect to this id');
  } finally {
    Reflect.set(runtime, 'connect', connect);
  }
}
