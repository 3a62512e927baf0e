// An archive of 50,000 messages made on the vault page: a file of exported envelopes read, then written as a page.
// Promises the person's own path: the file is given to the page, the buttons are pressed. Memory is what the extension's process holds at most and no other
// process shares, as the system counts it, looked at ten times a second: the browser's own code, which is in memory once for all processes, is told apart.
// Must not count the making of the envelopes, which happens in this process, once: the file stays in dist.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { CDPSession } from 'playwright';
import { testAccounts } from '../demo/wallet/accounts';
import { enrolBy, personOf } from '../e2e/kit/flows';
import { internalClient } from '../e2e/kit/internal';
import { byId } from '../e2e/kit/journey';
import { useCurve } from '../src/protocol/base/secp256k1';
import { encodePrivateKeyBundle, type PrivateKeyBundleV1 } from '../src/protocol/keys/bundles';
import { loadCore } from '../src/protocol/testkit/curves.testkit';
import { conversationRow, lineOf, rowV2 } from '../src/vault/testkit/archive-rows.testkit';
import { bundleFor } from '../src/vault/testkit/copies.testkit';
import { createTestWallet } from '../src/vault/testkit/vault.testkit';
import { launchWith } from './browser';
import { vaultFolder } from './build-vault';
import type { Group, Measured, MeasureOptions } from './figure';

/** What it may take: a minute, and 300 MB. */
const bounds = { ms: 60_000, megabytes: 300 };
const peers = 20;

/** In megabytes. What is in memory of files is the program, which all of the browser's processes share. */
interface Held {
  own: number;
  ofFiles: number;
}

function heldBy(id: number): Held {
  let status = '';
  try {
    status = readFileSync(`/proc/${id}/status`, 'utf8');
  } catch {
    // It has ended.
  }
  const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1000;
  return { own: megabytes('RssAnon') + megabytes('RssShmem') + megabytes('VmSwap'), ofFiles: megabytes('RssFile') };
}

const shown = ({ own, ofFiles }: Held) => `${own.toFixed(0)} MB and ${ofFiles.toFixed(0)} of the browser’s code`;

/** What the largest of the renderers holds at most: until now, and until it is stopped. The page and its worker are in one; the others are idle. */
async function watchMemory(session: CDPSession): Promise<{ untilNow(): Held; stop(): Held }> {
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as {
    processInfo: { type: string; id: number }[];
  };
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  let most: Held = { own: 0, ofFiles: 0 };
  const look = () => {
    for (const held of renderers.map(heldBy)) if (held.own > most.own) most = held;
  };
  look();
  const timer = setInterval(look, 100);
  return {
    untilNow: () => most,
    stop() {
      look();
      clearInterval(timer);
      return most;
    },
  };
}

/** A file of so many messages of both sides. The keys follow from names, so that a file of an earlier run is as good. */
function envelopesOf(me: PrivateKeyBundleV1, count: number): string {
  const file = path.resolve(import.meta.dirname, '..', 'dist', 'bench-archive', `${count}.jsonl`);
  if (existsSync(file)) return file;
  mkdirSync(path.dirname(file), { recursive: true });
  const out = openSync(`${file}.part`, 'w');
  for (let at = 0; at < peers; at++) {
    const peer = bundleFor(createTestWallet(1 + at), `bench peer ${at}`);
    const { row, invitation } = conversationRow(peer, me, at);
    const lines = [lineOf(row)];
    for (let n = 0; n < count / peers; n++)
      lines.push(
        lineOf(rowV2(n % 2 === 0 ? peer : me, invitation, `message ${n} ${'so it goes. '.repeat(8)}`, 100 + n)),
      );
    writeSync(out, lines.join(''));
  }
  closeSync(out);
  renameSync(`${file}.part`, file);
  return file;
}

async function measure({ quick }: MeasureOptions): Promise<Measured> {
  const count = quick ? 2_000 : 50_000;
  const person = personOf(testAccounts()[0]!);
  const me = bundleFor({ account: person.account.address, sign: (text) => person.sign(text) }, 'bench keys');
  // With noble the envelopes take minutes.
  useCurve(await loadCore());
  const file = envelopesOf(me, count);
  const browser = await launchWith([vaultFolder]);
  try {
    const onboarding = await internalClient(browser.chromium, 'onboarding');
    const keys = { file: encodePrivateKeyBundle({ version: 1, bundle: me }), secret: { kind: 'none' } as const };
    const { safeId, code } = await enrolBy(onboarding, person, { source: 'backup', ...keys });
    await onboarding.page.close();
    // What making keys and slots took goes with its worker: messages are read by a later one.
    await browser.chromium.killWorker();
    const vault = await browser.chromium.ownPage('vault');
    await vault.goto(`${vault.url()}#identities/${safeId}/archive`);
    vault.setDefaultTimeout(600_000);
    const memory = await watchMemory(browser.session);
    const empty = memory.untilNow();
    const begunMs = performance.now();
    await byId(vault, 'gather-files').setInputFiles(file);
    await byId(vault, 'gather', { 'data-phase': 'done', 'data-rows': String(count + peers) }).waitFor();
    const gatheredMs = performance.now();
    const gathering = memory.untilNow();
    await byId(vault, 'archive-write').click();
    await byId(vault, 'archive-page').check();
    await byId(vault, 'archive-knows').check();
    await byId(vault, 'archive-continue').click();
    await byId(vault, 'secret-way-recovery-code').click();
    await byId(vault, 'recovery-code').fill(code);
    const openedMs = performance.now();
    const [download] = await Promise.all([vault.waitForEvent('download'), byId(vault, 'secret-submit').click()]);
    await byId(vault, 'archive-written', { 'data-messages': String(count), 'data-unreadable': '0' }).waitFor();
    const writtenMs = performance.now();
    const written = memory.stop();
    const { length } = readFileSync(await download.path());
    const gatherMs = gatheredMs - begunMs;
    const writeMs = writtenMs - openedMs;
    return {
      rounds: {
        'archive-50k': { subject: [gatherMs + writeMs], reference: [bounds.ms] },
        'archive-50k-memory': { subject: [written.own], reference: [bounds.megabytes] },
      },
      notes: [
        `archive of ${count} messages: ${(gatherMs / 1000).toFixed(1)} s to read the file with ${shown(gathering)} at most (${shown(empty)} before), ${(writeMs / 1000).toFixed(1)} s to write a page of ${(length / 1e6).toFixed(1)} MB with ${shown(written)}`,
      ],
    };
  } finally {
    await browser.close();
  }
}

export const archive: Group = { names: ['archive-50k', 'archive-50k-memory'], measure };
