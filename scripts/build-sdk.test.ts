// The published sdk: built and packed once, judged as a stranger gets it, then installed and used the way a stranger's project would use it.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { gzipSync as gzipWithoutZlib } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAnswer } from '../src/sdk/answer.testkit';
import { vaultSignatureToJson } from '../src/sdk/signature-json';
import { buildSdk } from './build-sdk.mjs';
import { installSdk, packSdk, type PackedSdk } from './pack-sdk.mjs';

const run = promisify(execFile);
const { resolve } = createRequire(import.meta.url);
const tsc = join(resolve('typescript/package.json'), '../bin/tsc');
let project: string;
let packed: PackedSdk;
/** Where the package lies in the consumer's project. */
let outDir: string;

beforeAll(async () => {
  // Outside the repository: nothing in node_modules of ours may help.
  project = await mkdtemp(join(tmpdir(), 'prekey-vault-consumer-'));
  const built = await buildSdk({ outDir: join(project, 'built') });
  packed = await packSdk(built.outDir, project);
  outDir = await installSdk(packed, project);
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module', private: true }));
  await linkXmtp();
  await linkReact();
});
afterAll(async () => {
  if (project) await rm(project, { recursive: true, force: true });
});

/** The consumer's xmtp-js: the real one, by the build of it that plain node can load. */
async function linkXmtp(): Promise<void> {
  const real = resolve('@xmtp/xmtp-js');
  const folder = join(project, 'node_modules/@xmtp/xmtp-js');
  await mkdir(folder, { recursive: true });
  const exports = { types: './index.d.ts', default: './index.js' };
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: '@xmtp/xmtp-js', version: '13.0.4', type: 'module', exports }),
  );
  await writeFile(
    join(folder, 'index.js'),
    `import real from ${JSON.stringify(real)}; export const { ApiUrls, buildContentTopic, HttpApiClient, keystoreApiDefs } = real;`,
  );
  await writeFile(join(folder, 'index.d.ts'), `export * from ${JSON.stringify(real.replace(/\.cjs$/, ''))};`);
}

/** The consumer's React: what the hooks take from it, of which nothing is called here. */
async function linkReact(): Promise<void> {
  const folder = join(project, 'node_modules/react');
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'react', version: '19.0.0', type: 'module', exports: './index.js' }),
  );
  await writeFile(join(folder, 'index.js'), 'export const useCallback = 0, useEffect = 0, useRef = 0, useState = 0;');
}

/** Runs a module in the consumer project and returns what it wrote as JSON. */
async function runInNode(source: string): Promise<unknown> {
  const file = join(project, 'main.mjs');
  await writeFile(file, source);
  const { stdout } = await run(process.execPath, [file], { cwd: project });
  return JSON.parse(stdout);
}

/** What the compiler says about a consumer's source, each complaint one line. */
async function compile(source: string, options: Record<string, unknown>): Promise<string[]> {
  await writeFile(join(project, 'main.ts'), source);
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        target: 'es2022',
        lib: ['es2022', 'dom'],
        types: [],
        skipLibCheck: false,
        ...options,
      },
      files: ['main.ts'],
    }),
  );
  try {
    await run(process.execPath, [tsc, '-p', project]);
    return [];
  } catch (error) {
    return (error as { stdout: string }).stdout.split('\n').filter((line) => line.includes('error TS'));
  }
}

const consumer = `
import { accounts, connect, findPrekeyVault, isRejected, on, PrekeyVaultError, sign } from '@prekey-vault/sdk';
import type { Grant, VaultSignature } from '@prekey-vault/sdk';
import { useGrant, useVault, useVaultSigner } from '@prekey-vault/sdk/react';
import { createFakeVault, type FakeCard } from '@prekey-vault/sdk/test';
import { vaultArchive, vaultXmtpSigner, type ArchivingClient } from '@prekey-vault/sdk/v3';
import { verifyVaultSignature, VaultSignatureError, type VerifiedVaultSignature } from '@prekey-vault/sdk/verify';

export async function logIn(nonce: Uint8Array): Promise<string | undefined> {
  const provider = await findPrekeyVault({ timeoutMs: 500 });
  if (provider === undefined) return undefined;
  const stop: () => void = on(provider, 'accountsChanged', (list) => console.log(list.map((account) => account.length)));
  on(provider, 'disconnect', (error) => console.log(error.code === 4900, error.message));
  try {
    const grant: Grant = await connect(provider, { capabilities: ['sign'], duration: 'until-locked' });
    const result: VaultSignature = await sign(provider, { payload: nonce, purpose: 'Log in', account: grant.account });
    const chain: VerifiedVaultSignature = verifyVaultSignature(result, { account: grant.account, origin: location.origin, payload: nonce });
    const [first] = await accounts(provider);
    return first === chain.account ? chain.account : undefined;
  } catch (thrown) {
    if (isRejected(thrown) && thrown instanceof PrekeyVaultError && thrown.reason === 'expired') return undefined;
    if (thrown instanceof VaultSignatureError && thrown.reason === 'wrong-payload') return undefined;
    throw thrown;
  } finally {
    stop();
  }
}
export async function archived(client: ArchivingClient): Promise<string> {
  const { provider, cards } = createFakeVault({ person: (card: FakeCard) => (card.kind === 'connect' ? 'approve' : 'reject') });
  await vaultArchive(provider, client).save();
  return (await vaultXmtpSigner(provider)).getIdentifier().identifier + cards.length;
}
export function Button(): string {
  const { vault, status } = useVault();
  const { grant, error } = useGrant(vault);
  return status + grant?.account + error?.code + useVaultSigner(vault).isAsking;
}
`;

describe('the built sdk', () => {
  it('is a module and its declarations for each entry, and what a licence asks for; no more than that', async () => {
    const entries = ['index', 'react', 'test', 'v3', 'verify', 'xmtp'];
    expect(packed.files).toEqual(
      [
        'LICENSE',
        'NOTICE.txt',
        'README.md',
        'package.json',
        ...entries.flatMap((name) => [`${name}.d.ts`, `${name}.js`]),
      ].sort(),
    );
    expect((await stat(packed.tarball)).size).toBeLessThanOrEqual(160 * 1024);
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(JSON.parse(await readFile(join(outDir, 'package.json'), 'utf8'))).toMatchObject({
      name: '@prekey-vault/sdk',
      version,
    });
  });

  it('is compressed by JavaScript, without a time, so that no zlib of a node shows', async () => {
    const bytes = await readFile(packed.tarball);
    expect(bytes.equals(gzipWithoutZlib(gunzipSync(bytes), { level: 9, mtime: 0 }))).toBe(true);
  });

  it('costs a page 12 kB at the most: the main entry as it is shipped, with gzip', async () => {
    expect(gzipSync(await readFile(join(outDir, 'index.js'))).length).toBeLessThanOrEqual(12_000);
  });

  it('weighs what docs/adopt.md says, to a tenth', async () => {
    const text = await readFile(new URL('../docs/adopt.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| `@prekey-vault\/sdk\/?(\w*)` \|.*\| (\d+) kB/gm)];
    expect(rows.map(([, name]) => name)).toEqual(['', 'verify', 'v3', 'xmtp', 'react']);
    for (const [, name, told] of rows) {
      const bytes = gzipSync(await readFile(join(outDir, `${name || 'index'}.js`))).length;
      expect(Math.abs(Number(told) - bytes / 1000), name).toBeLessThanOrEqual(Math.max(0.5, Number(told) / 10));
    }
  });

  it.each([
    ['index', []],
    ['verify', ['./index.js']],
    ['v3', ['./index.js']],
    ['xmtp', ['./index.js', '@xmtp/xmtp-js']],
    ['react', ['./index.js', './v3.js', 'react']],
    ['test', []],
  ])('needs for %s nothing but %j', async (name, needed) => {
    const text = await readFile(join(outDir, `${name}.js`), 'utf8');
    const sources = (of: string) =>
      [...of.matchAll(/^(?:import|export) .*\bfrom ["'](.*)["'];$/gm)].map(([, source]) => source);
    expect(new Set(sources(text))).toEqual(new Set(needed));
    const declared = await readFile(join(outDir, `${name}.d.ts`), 'utf8');
    for (const source of sources(declared)) expect([...needed, './index.js']).toContain(source);
    for (const one of [text, declared]) expect(one).not.toMatch(/\bimport\(|\brequire\(/m);
  });

  it('names in its notices whose code it contains', async () => {
    const notice = await readFile(join(outDir, 'NOTICE.txt'), 'utf8');
    for (const name of ['@noble/curves', '@noble/hashes', '@scure/base', '@bufbuild/protobuf', 'valibot'])
      expect(notice).toMatch(new RegExp(`^${name} [0-9.]+: `, 'm'));
    for (const name of ['react', '@xmtp/xmtp-js', 'typescript'])
      expect(notice).not.toMatch(new RegExp(`^${name} `, 'm'));
  });

  it('publint finds nothing to say', async () => {
    const { publint } = await import('publint');
    expect((await publint({ pkgDir: outDir, strict: true })).messages).toEqual([]);
  });

  it('its types are found by node and by bundlers', async () => {
    const attw = join(resolve('@arethetypeswrong/cli/package.json'), '../dist/index.js');
    const { stdout } = await run(process.execPath, [attw, packed.tarball, '--profile', 'esm-only', '--format', 'json']);
    const { problems = {} } = JSON.parse(stdout) as { problems?: Record<string, { resolutionKind?: string }[]> };
    // ES modules only: what node's older two ways of finding a module miss is meant.
    const meant = ['node10', 'node16-cjs'];
    expect(
      Object.values(problems)
        .flat()
        .filter(({ resolutionKind = '' }) => !meant.includes(resolutionKind)),
    ).toEqual([]);
  });

  it('shares its classes between the entries: what the adapter throws, the main entry knows', async () => {
    const result = await runInNode(`
      import { isUnauthorized, PrekeyVaultError } from '@prekey-vault/sdk';
      import { vaultClientOptions, VaultKeystoreError } from '@prekey-vault/sdk/xmtp';
      const provider = { request: async () => { throw { code: 4100, message: 'no' }; }, on() {}, removeListener() {} };
      const [{ newKeystore }] = vaultClientOptions(provider).keystoreProviders;
      const thrown = await newKeystore().catch((error) => error);
      console.log(JSON.stringify([thrown instanceof PrekeyVaultError, isUnauthorized(thrown), thrown instanceof VaultKeystoreError]));
    `);
    expect(result).toEqual([true, true, false]);
  });

  it('verifies in plain node, and refuses there too', async () => {
    const { answer, account, origin } = makeAnswer();
    const result = await runInNode(`
      import { findPrekeyVault } from '@prekey-vault/sdk';
      import { vaultSignatureFromJson, verifyVaultSignature } from '@prekey-vault/sdk/verify';
      const answer = vaultSignatureFromJson(${JSON.stringify(vaultSignatureToJson(answer))});
      const chain = verifyVaultSignature(answer, ${JSON.stringify({ account, origin })});
      answer.signature.bytes[5] ^= 1;
      let reason = 'accepted';
      try { verifyVaultSignature(answer, ${JSON.stringify({ account, origin })}); } catch (error) { reason = error.reason; }
      console.log(JSON.stringify({ account: chain.account, purpose: chain.purpose, reason, found: await findPrekeyVault() ?? null }));
    `);
    expect(result).toEqual({ account, purpose: 'Log in', reason: 'signature-invalid', found: null });
  });

  it('gives the tests of a dapp a vault that answers in plain node', async () => {
    const result = await runInNode(`
      import { connect, sign } from '@prekey-vault/sdk';
      import { createFakeVault } from '@prekey-vault/sdk/test';
      import { verifyVaultSignature } from '@prekey-vault/sdk/verify';
      const { provider } = createFakeVault({ origin: 'https://quill.example' });
      const { account } = await connect(provider, { capabilities: ['sign'] });
      const answer = await sign(provider, { payload: 'hi', purpose: 'Log in', account });
      console.log(JSON.stringify(verifyVaultSignature(answer, { account, origin: 'https://quill.example', payload: 'hi' }).purpose));
    `);
    expect(result).toBe('Log in');
  });

  it('declares exactly the values that each entry exports', async () => {
    const names = ['index', 'verify', 'v3', 'xmtp', 'react', 'test'];
    const sources = names.map((name) => (name === 'index' ? '@prekey-vault/sdk' : `@prekey-vault/sdk/${name}`));
    const exported = (await runInNode(`
      const all = await Promise.all(${JSON.stringify(sources)}.map((source) => import(source)));
      console.log(JSON.stringify(all.map((one) => Object.keys(one).sort())));
    `)) as string[][];
    for (const [at, name] of names.entries()) {
      const text = await readFile(join(outDir, `${name}.d.ts`), 'utf8');
      const declared = [...text.matchAll(/^export \{([^}]*)\}(?: from '[^']*')?;$/gm)]
        .flatMap(([, list = '']) => list.split(','))
        .map((one) => one.trim())
        .filter((one) => one !== '' && !one.startsWith('type '));
      expect(declared.sort(), name).toEqual(exported[at]);
      expect(exported[at]!.filter((one) => /private|secret/i.test(one))).toEqual([]);
    }
  });

  it.each([
    ['a bundler', { module: 'esnext', moduleResolution: 'bundler' }],
    ['node', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ])('compiles in a strict consumer that resolves like %s', async (_name, options) => {
    expect(await compile(consumer, options)).toEqual([]);
  });

  it('spreads into the options of an unmodified Client', async () => {
    const source = `import { Client } from '@xmtp/xmtp-js';
      import type { PrekeyVaultProvider } from '@prekey-vault/sdk';
      import { vaultClientOptions, vaultKeystoreProvider, xmtpCapabilities, type KeystoreProgress } from '@prekey-vault/sdk/xmtp';
      import { connect } from '@prekey-vault/sdk';
      export async function start(vault: PrekeyVaultProvider): Promise<string> {
        await connect(vault, { capabilities: xmtpCapabilities });
        const onProgress = ({ done, total }: KeystoreProgress) => console.log(done / total);
        const client = await Client.create(null, { ...vaultClientOptions(vault, { onProgress }), env: 'local', apiUrl: 'http://127.0.0.1:5555' });
        await Client.create(null, { keystoreProviders: [vaultKeystoreProvider(vault)] });
        return client.address;
      }`;
    expect(
      await compile(source, {
        module: 'esnext',
        moduleResolution: 'bundler',
        skipLibCheck: true,
        exactOptionalPropertyTypes: false,
      }),
    ).toEqual([]);
  });

  it('does not compile with a slip', async () => {
    const slips = {
      'an unknown capability': `await connect(provider, { capabilities: ['everything'] });`,
      'an unknown event': `on(provider, 'chainChanged', () => undefined);`,
      'a forgotten origin': `verifyVaultSignature(result, { account: '0x0' });`,
      'an option that does not exist': `verifyVaultSignature(result, { account: '0x0', origin: 'x', maxAge: 1 });`,
      'the same, kept in a variable': `const wanted = { account: '0x0', origin: 'x', payloads: 'y' }; verifyVaultSignature(result, wanted);`,
      'a forgotten purpose': `await sign(provider, { payload: 'x' });`,
      'a name of the inside': `readVaultSignature(result);`,
    };
    const head = `import * as sdk from '@prekey-vault/sdk'; import { verifyVaultSignature } from '@prekey-vault/sdk/verify'; const { connect, on, sign } = sdk; declare const provider: sdk.PrekeyVaultProvider; declare const result: sdk.VaultSignature;`;
    // Each on a line of its own, so that each complaint names its slip.
    const lines = Object.values(slips).map((line) => `{ ${line} }`);
    const complaints = await compile([head, ...lines, 'export {};'].join('\n'), {
      module: 'esnext',
      moduleResolution: 'bundler',
    });
    const at = complaints.map((line) => Number(/main\.ts\((\d+),/.exec(line)?.[1]) - 2);
    expect(at).toEqual(Object.keys(slips).map((_, index) => index));
  });
});
