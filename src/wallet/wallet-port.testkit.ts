// A stand-in for the other extension: what chrome.runtime.connect gives, with a scripted wallet behind it that speaks
// MetaMask's port protocol. Everything on our side of the port, @metamask/providers included, is the real thing.

/** A JSON-RPC request as it arrives at the wallet. */
export interface PortRequest {
  readonly id: number;
  readonly method: string;
  readonly params?: unknown;
}

/** What the scripted wallet does with a request; `hang` and a dead port send nothing. */
export type PortAnswer = { result: unknown } | { error: { code: number; message: string } } | 'hang' | 'die';

/** What a test sees of the wallet's side. */
export interface FakeWallet {
  /** Every request of every port, in order, but for the library's own first one. */
  readonly requests: PortRequest[];
  /** How many ports were opened, and how many of them we closed ourselves. */
  readonly ports: { opened: number; closedByUs: number };
  /** Sends a notification on the newest port. */
  notify(method: string, params: unknown): void;
  /** Sends data of another stream on the newest port. */
  talk(stream: string, data: unknown): void;
  /** Drops the newest port, as a dying worker does. */
  die(): void;
}

const STREAM = 'metamask-provider';

/** Puts `chrome.runtime` in place; `answer` is asked for each request. `absent` makes every port close at once. */
export function installFakeWallet(answer: (request: PortRequest) => PortAnswer, { absent = false } = {}): FakeWallet {
  const requests: PortRequest[] = [];
  const ports = { opened: 0, closedByUs: 0 };
  let newest: ReturnType<typeof openPort> | undefined;

  function openPort() {
    const onMessage: ((message: unknown) => void)[] = [];
    const onDisconnect: (() => void)[] = [];
    let isOpen = true;
    ports.opened += 1;
    const talk = (name: string, data: unknown) =>
      setTimeout(() => {
        if (isOpen) onMessage.forEach((listener) => listener({ name, data }));
      });
    const send = (data: unknown) => talk(STREAM, data);
    const die = () => {
      if (!isOpen) return;
      isOpen = false;
      onDisconnect.forEach((listener) => listener());
    };
    const port = {
      onMessage: { addListener: (listener: (message: unknown) => void) => onMessage.push(listener) },
      onDisconnect: { addListener: (listener: () => void) => onDisconnect.push(listener) },
      disconnect() {
        if (isOpen) ports.closedByUs += 1;
        isOpen = false;
      },
      postMessage(frame: { name: string; data: PortRequest }) {
        if (!isOpen) throw new Error('Attempting to use a disconnected port object');
        if (frame.name !== STREAM) return;
        const { id, method } = frame.data;
        if (method === 'metamask_getProviderState') {
          const state = { accounts: [], chainId: '0x1', networkVersion: '1', isUnlocked: true, isConnected: true };
          send({ jsonrpc: '2.0', id, result: state });
          return;
        }
        requests.push(frame.data);
        const answered = answer(frame.data);
        if (answered === 'die') setTimeout(die);
        else if (answered !== 'hang') send({ jsonrpc: '2.0', id, ...answered });
      },
    };
    if (absent) setTimeout(die);
    return { port, send, talk, die };
  }

  const runtime = {
    connect() {
      newest = openPort();
      return newest.port;
    },
  };
  Object.assign(globalThis, { chrome: { runtime } });
  return {
    requests,
    ports,
    notify: (method, params) => void newest?.send({ jsonrpc: '2.0', method, params }),
    talk: (stream, data) => void newest?.talk(stream, data),
    die: () => newest?.die(),
  };
}
