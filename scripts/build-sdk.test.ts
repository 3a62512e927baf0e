// The published sdk: built once into a folder of its own, then used the way a stranger's project would use it.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAnswer } from '../src/sdk/answer.testkit';
import { vaultSignatureToJson } from '../src/sdk/signature-shape';
import { buildSdk } from './build-sdk.mjs';

const run = promisify(execFile);
const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
let project: string;
let outDir: string;

beforeAll(async () => {
  // Outside the repository: nothing in node_modules of ours may help.
  project = await mkdtemp(join(tmpdir(), 'prekey-vault-consumer-'));
  outDir = join(project, 'node_modules/prekey-vault/dist/sdk');
  await mkdir(outDir, { recursive: true });
  await buildSdk({ outDir });
  const { exports } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    exports: unknown;
  };
  await writeFile(
    join(project, 'node_modules/prekey-vault/package.json'),
    JSON.stringify({ name: 'prekey-vault', version: '0.0.0', type: 'module', exports }),
  );
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module', private: true }));
  await linkXmtp();
});
afterAll(async () => {
  if (project) await rm(project, { recursive: true, force: true });
});

/** The consumer's xmtp-js: the real one, by the build of it that plain node can load. */
async function linkXmtp(): Promise<void> {
  const real = createRequire(import.meta.url).resolve('@xmtp/xmtp-js');
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
import { accounts, connect, findPrekeyVault, isRejected, on, PrekeyVaultError, sign, verifyVaultSignature, VaultSignatureError } from 'prekey-vault/sdk';
import type { Grant, VaultSignature, VerifiedVaultSignature } from 'prekey-vault/sdk';

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
`;

describe('the built sdk', () => {
  it('is two entries, the main one of which imports nothing', async () => {
    expect((await readdir(outDir)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'index.d.ts',
      'index.js',
      'package.json',
      'xmtp.d.ts',
      'xmtp.js',
    ]);
    for (const file of ['index.js', 'index.d.ts']) {
      const text = await readFile(join(outDir, file), 'utf8');
      expect(text, file).not.toMatch(/^\s*import\b|\bfrom ['"]|\bimport\(|\brequire\(/m);
    }
  });

  it('has an adapter that needs the main entry and xmtp-js, and no third', async () => {
    for (const file of ['xmtp.js', 'xmtp.d.ts']) {
      const text = await readFile(join(outDir, file), 'utf8');
      const sources = [...text.matchAll(/^import .* from ["'](.*)["'];$/gm)].map(([, source]) => source);
      expect(new Set(sources), file).toEqual(new Set(['@xmtp/xmtp-js', './index.js']));
      expect(text, file).not.toMatch(/\bimport\(|\brequire\(/m);
    }
  });

  it('shares its classes between the entries: what the adapter throws, the main entry knows', async () => {
    const result = await runInNode(`
      import { isUnauthorized, PrekeyVaultError } from 'prekey-vault/sdk';
      import { vaultClientOptions, VaultKeystoreError } from 'prekey-vault/sdk/xmtp';
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
      import { findPrekeyVault, vaultSignatureFromJson, verifyVaultSignature } from 'prekey-vault/sdk';
      const answer = vaultSignatureFromJson(${JSON.stringify(vaultSignatureToJson(answer))});
      const chain = verifyVaultSignature(answer, ${JSON.stringify({ account, origin })});
      answer.signature.bytes[5] ^= 1;
      let reason = 'accepted';
      try { verifyVaultSignature(answer, ${JSON.stringify({ account, origin })}); } catch (error) { reason = error.reason; }
      console.log(JSON.stringify({ account: chain.account, purpose: chain.purpose, reason, found: await findPrekeyVault() ?? null }));
    `);
    expect(result).toEqual({ account, purpose: 'Log in', reason: 'signature-invalid', found: null });
  });

  it('declares exactly the values it exports', async () => {
    const exported = (await runInNode(
      `import * as sdk from 'prekey-vault/sdk'; console.log(JSON.stringify(Object.keys(sdk).sort()));`,
    )) as string[];
    const list = /export \{([^}]*)\};\s*$/.exec(await readFile(join(outDir, 'index.d.ts'), 'utf8'))?.[1] ?? '';
    const declared = list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => !name.startsWith('type '));
    expect(declared.sort()).toEqual(exported);
    expect(exported.filter((name) => /private|secret/i.test(name))).toEqual([]);
  });

  it.each([
    ['a bundler', { module: 'esnext', moduleResolution: 'bundler' }],
    ['node', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ])('compiles in a strict consumer that resolves like %s', async (_name, options) => {
    expect(await compile(consumer, options)).toEqual([]);
  });

  it('spreads into the options of an unmodified Client', async () => {
    const source = `import { Client } from '@xmtp/xmtp-js';
      import type { PrekeyVaultProvider } from 'prekey-vault/sdk';
      import { vaultClientOptions, vaultKeystoreProvider, xmtpCapabilities, type KeystoreProgress } from 'prekey-vault/sdk/xmtp';
      import { connect } from 'prekey-vault/sdk';
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

  it.each([
    ['an unknown capability', `await connect(provider, { capabilities: ['everything'] });`],
    ['an unknown event', `on(provider, 'chainChanged', () => undefined);`],
    ['a forgotten origin', `verifyVaultSignature(result, { account: '0x0' });`],
    ['an option that does not exist', `verifyVaultSignature(result, { account: '0x0', origin: 'x', maxAge: 1 });`],
    [
      'the same, kept in a variable',
      `const wanted = { account: '0x0', origin: 'x', payloads: 'y' }; verifyVaultSignature(result, wanted);`,
    ],
    ['a forgotten purpose', `await sign(provider, { payload: 'x' });`],
    ['a name of the inside', `readVaultSignature(result);`],
  ])('does not compile with %s', async (_name, line) => {
    const source = `import * as sdk from 'prekey-vault/sdk';
      const { connect, on, sign, verifyVaultSignature } = sdk;
      declare const provider: sdk.PrekeyVaultProvider; declare const result: sdk.VaultSignature;
      ${line}
      export { connect, on, sign, verifyVaultSignature, provider, result };`;
    expect(await compile(source, { module: 'esnext', moduleResolution: 'bundler' })).toHaveLength(1);
  });
});
