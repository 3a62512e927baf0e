// The test wallet's worker: MetaMask's external port protocol on one side, its own windows on the other.
// Promises one answer per request, in frames { name: 'metamask-provider', data: JSON-RPC }, unless the personality says
// otherwise. A window that is closed is a rejection; a requester that goes away closes its windows.
import type { Decision, Question, WalletRequest } from './answer';
import { answerRequest } from './answer';
import type { Permissions } from './settings';
import { logRequest, readSettings } from './settings';

const STREAM = 'metamask-provider';
const KEEP_AWAKE_MS = 20_000;
/** How an asleep wallet behaves: deaf while it wakes, and gone soon after the last answer. Its worker is not really stopped, only its ports are. */
const DEAF_MS = 2000;
const IDLE_MS = 300;

interface OpenQuestion {
  readonly question: Question;
  readonly requesterPort: chrome.runtime.Port;
  windowPort: chrome.runtime.Port | undefined;
  decide(decision: Decision): void;
}

const requesterPorts = new Set<chrome.runtime.Port>();
const openQuestions = new Map<string, OpenQuestion>();
let unansweredCount = 0;
/** When the first port was opened after a time without any. */
let wokenAtMs = 0;
let idleTimer: ReturnType<typeof setTimeout> | undefined;

chrome.runtime.onConnectExternal.addListener((port) => {
  if (requesterPorts.size === 0) wokenAtMs = Date.now();
  requesterPorts.add(port);
  void tellState(port);
  port.onMessage.addListener((frame: unknown) => void receive(port, frame));
  port.onDisconnect.addListener(() => {
    requesterPorts.delete(port);
    for (const open of openQuestions.values()) if (open.requesterPort === port) open.decide({ isApproved: false });
  });
});

chrome.runtime.onConnect.addListener((windowPort) => {
  const open = openQuestions.get(windowPort.name);
  if (open === undefined) {
    windowPort.disconnect();
    return;
  }
  open.windowPort = windowPort;
  windowPort.onMessage.addListener((decision: Decision) => open.decide(decision));
  windowPort.onDisconnect.addListener(() => open.decide({ isApproved: false }));
  windowPort.postMessage(open.question);
});

chrome.storage.local.onChanged.addListener(({ permissions }) => {
  if (permissions === undefined) return;
  const before = (permissions.oldValue ?? {}) as Permissions;
  const after = (permissions.newValue ?? {}) as Permissions;
  for (const port of requesterPorts) {
    const requester = requesterOf(port);
    const accounts = after[requester] ?? [];
    if (String(accounts) !== String(before[requester] ?? [])) {
      send(port, { method: 'metamask_accountsChanged', params: accounts });
    }
  }
});

// A worker that only waits is stopped after 30 s; a wallet whose person is still reading must not be.
setInterval(() => {
  if (unansweredCount > 0) void chrome.runtime.getPlatformInfo();
}, KEEP_AWAKE_MS);

async function receive(port: chrome.runtime.Port, frame: unknown): Promise<void> {
  const { name, data } = frame as { name?: unknown; data?: { id?: unknown } & WalletRequest };
  if (name !== STREAM || data === undefined || data.id === undefined) return;
  // As a browser's worker: what has arrived keeps it from falling asleep until it is dealt with.
  clearTimeout(idleTimer);
  unansweredCount += 1;
  try {
    const { personality } = await readSettings();
    if (personality === 'asleep' && Date.now() < wokenAtMs + DEAF_MS) return;
    await answer(port, { ...data, id: data.id });
    await tellState(port);
    if (personality === 'asleep') fallAsleepSoon();
  } finally {
    unansweredCount -= 1;
  }
}

async function answer(port: chrome.runtime.Port, data: { id: unknown } & WalletRequest): Promise<void> {
  const requester = requesterOf(port);
  const { id, method, params } = data;
  await logRequest({ atMs: Date.now(), requester, method, params });
  try {
    const given = await answerRequest(requester, data, {
      settings: await readSettings(),
      ask: (question) => askInWindow(port, question),
      countSignature,
      isUnlocked: async () => (await chrome.storage.session.get('isUnlocked')).isUnlocked === true,
      unlock: () => chrome.storage.session.set({ isUnlocked: true }),
    });
    if (given === 'drop') {
      port.disconnect();
      requesterPorts.delete(port);
    } else if (given === 'silence') {
      await new Promise<void>((gone) => port.onDisconnect.addListener(() => gone()));
    } else {
      send(port, { id, ...given });
    }
  } catch (error) {
    send(port, { id, error: { code: -32603, message: String(error) } });
  }
}

/** What MetaMask tells beside the provider's stream. */
async function tellState(port: chrome.runtime.Port): Promise<void> {
  if ((await readSettings()).personality !== 'talkative' || !requesterPorts.has(port)) return;
  port.postMessage({ name: 'publicConfig', data: { isUnlocked: true, networkVersion: '1', chainId: '0x1' } });
}

function fallAsleepSoon(): void {
  clearTimeout(idleTimer);
  idleTimer = setTimeout(() => {
    if (unansweredCount > 0) return;
    for (const port of requesterPorts) port.disconnect();
    requesterPorts.clear();
  }, IDLE_MS);
}

function send(port: chrome.runtime.Port, message: object): void {
  if (requesterPorts.has(port)) port.postMessage({ name: STREAM, data: { jsonrpc: '2.0', ...message } });
}

function requesterOf(port: chrome.runtime.Port): string {
  return port.sender?.id ?? port.sender?.origin ?? 'unknown';
}

async function countSignature(): Promise<number> {
  const { signatures } = await chrome.storage.session.get('signatures');
  const nth = (typeof signatures === 'number' ? signatures : 0) + 1;
  await chrome.storage.session.set({ signatures: nth });
  return nth;
}

async function askInWindow(requesterPort: chrome.runtime.Port, question: Question): Promise<Decision> {
  const id = crypto.randomUUID();
  const decided = new Promise<Decision>((resolve) => {
    openQuestions.set(id, { question, requesterPort, windowPort: undefined, decide: resolve });
  });
  await chrome.windows.create({ type: 'popup', url: `approval.html#${id}`, width: 400, height: 640 });
  const decision = await decided;
  const windowPort = openQuestions.get(id)?.windowPort;
  openQuestions.delete(id);
  windowPort?.disconnect();
  return decision;
}
