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
  const { exports } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as { exports: unknown };
  await writeFile(
    join(project, 'node_modules/prekey-vault/package.json'),
    JSON.stringify({ name: 'prekey-vault', version: '0.0.0', type: 'module', exports }),
  );
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module', private: true }));
}, 60_000);
afterAll(async () => {
  if (project) await rm(project, { recursive: true, force: true });
});

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
      compilerOptions: { strict: true, exactOptionalPropertyTypes: true, noEmit: true, target: 'es2022', lib: ['es2022', 'dom'], types: [], skipLibCheck: false, ...options },
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
  it('is two files that import nothing', async () => {
    expect((await readdir(outDir)).sort()).toEqual(['index.d.ts', 'index.js']);
    for (const file of ['index.js', 'index.d.ts']) {
      const text = await readFile(join(outDir, file), 'utf8');
      expect(text, file).not.toMatch(/^\s*import\b|\bfrom ['"]|\bimport\(|\brequire\(/m);
    }
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
    const exported = (await runInNode(`import * as sdk from 'prekey-vault/sdk'; console.log(JSON.stringify(Object.keys(sdk).sort()));`)) as string[];
    const list = /export \{([^}]*)\};\s*$/.exec(await readFile(join(outDir, 'index.d.ts'), 'utf8'))?.[1] ?? '';
    const declared = list.split(',').map((name) => name.trim()).filter((name) => !name.startsWith('type '));
    expect(declared.sort()).toEqual(exported);
    expect(exported.filter((name) => /private|secret/i.test(name))).toEqual([]);
  });

  it.each([
    ['a bundler', { module: 'esnext', moduleResolution: 'bundler' }],
    ['node', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ])('compiles in a strict consumer that resolves like %s', async (_name, options) => {
    expect(await compile(consumer, options)).toEqual([]);
  });

  it.each([
    ['an unknown capability', `await connect(provider, { capabilities: ['everything'] });`],
    ['an unknown event', `on(provider, 'chainChanged', () => undefined);`],
    ['a forgotten origin', `verifyVaultSignature(result, { account: '0x0' });`],
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
