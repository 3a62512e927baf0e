// Ports of web pages: what a listening document is sent, and when.
// Must not: leave out that the same must reach whoever connects anew.
import { expect, test } from 'vitest';
import { createAdmission } from './admission';
import type { Attached } from './request';
import { createDappPorts, type PortLike } from './ports';
import type { Dapp } from '../browser/sender';

type State = { accounts: string[]; permissions: never[]; rotatedAtMs: Record<string, number>; waiting: number };

function portOf(): { port: PortLike; sent: unknown[]; say: (message: unknown) => void } {
  const sent: unknown[] = [];
  let say: (message: unknown) => void = () => undefined;
  const port: PortLike = {
    postMessage: (message) => void sent.push(message),
    disconnect: () => undefined,
    onMessage: { addListener: (listener) => void (say = listener) },
    onDisconnect: { addListener: () => undefined },
  };
  return { port, sent, say: (message) => say(message) };
}

const dapp = (documentKey: string): Dapp => ({
  kind: 'dapp',
  origin: `https://${documentKey}.example`,
  documentKey,
  tabId: 1,
});
const listen = { jsonrpc: '2.0', method: 'listen', params: { on: true } };

test('R-B6 a listener for whom nothing changed is sent nothing, whatever happened in the vault', async () => {
  const states: Record<string, State> = {
    stranger: { accounts: [], permissions: [], rotatedAtMs: {}, waiting: 0 },
    known: { accounts: ['0x1'], permissions: [], rotatedAtMs: { '0x1': 0 }, waiting: 0 },
  };
  const router = { stateOf: async (one: Dapp) => structuredClone(states[one.documentKey]!) };
  const ports = createDappPorts({ router: router as never, admission: createAdmission(), ready: Promise.resolve() });
  const [stranger, known] = [portOf(), portOf()];
  ports.accept(stranger.port, dapp('stranger'));
  ports.accept(known.port, dapp('known'));
  stranger.say(listen);
  known.say(listen);
  await expect.poll(() => [stranger.sent.length, known.sent.length]).toEqual([2, 2]);
  // A rotation: the account's pages hear of it, and nobody else can tell that there was one.
  states['known']!.rotatedAtMs = { '0x1': 5 };
  await ports.announce();
  await ports.announce();
  expect(stranger.sent.slice(2)).toEqual([]);
  expect(known.sent.slice(2)).toEqual([{ jsonrpc: '2.0', method: 'state', params: states['known'] }]);
  // Whoever asks is answered, also with the same.
  stranger.say(listen);
  await expect.poll(() => stranger.sent.length).toBe(3);
});

test('a click counts for a frame that comes from the page now, not for one that the relay held or was asked for again', async () => {
  const seen: [id: string, isClicked: boolean][] = [];
  const router = {
    stateOf: async () => ({}),
    attach: () => undefined,
    handle: async (request: Attached) => {
      seen.push([request.id.at(-1)!, request.isClicked]);
      if (seen.length === 1) void request.again();
    },
  };
  const ports = createDappPorts({ router: router as never, admission: createAdmission(), ready: Promise.resolve() });
  const { port, say } = portOf();
  ports.accept(port, dapp('known'));
  const frame = (id: string) => ({ jsonrpc: '2.0', id: id.repeat(32), method: 'vault_connect', clicked: true });
  say(frame('a'));
  say(frame('a'));
  say({ ...frame('b'), held: true, size: 10 });
  say(frame('b'));
  expect(seen).toEqual([
    ['a', true],
    ['a', false],
    ['b', false],
  ]);
});
