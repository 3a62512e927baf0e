// The linter holds the architecture: a forbidden import planted in each room must be refused with its reason.
// The real linter runs on a copy of the rules over planted files, so a rule that rots fails here.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { folders } from './rooms.js';

const root = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(tmpdir(), 'rooms-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each line: where it is planted, the code, and a word of the reason the linter must give. */
const planted: [file: string, code: string, reason: string][] = [
  ['src/contract/planted.ts', "import { a } from '../vault/vault';\nexport const b = a;", 'contract holds the words'],
  ['src/contract/planted-package.ts', "import { a } from 'preact';\nexport const b = a;", 'package preact'],
  ['src/protocol/planted.ts', "export { a } from '../contract/errors';", 'protocol is pure'],
  [
    'src/protocol/planted-package.ts',
    "import browser from 'webextension-polyfill';\nexport const b = browser;",
    'package webextension-polyfill',
  ],
  [
    'src/protocol/base/planted-core.ts',
    "import { instantiateSecp256k1 } from '@bitauth/libauth';\nexport const b = instantiateSecp256k1;",
    'package @bitauth/libauth',
  ],
  ['src/protocol/planted-clock.ts', 'export const now = () => Date.now();', 'Date.now is not allowed'],
  ['src/protocol/planted-date.ts', 'export const now = () => new Date();', 'new Date() is not allowed'],
  ['src/protocol/planted-random.ts', 'export const chance = () => Math.random();', 'Math.random is not allowed'],
  [
    'src/protocol/planted-platform.ts',
    'export const bytes = (a: Uint8Array) => crypto.getRandomValues(a);',
    'crypto is not allowed',
  ],
  [
    'src/vault/planted.ts',
    "import browser from 'webextension-polyfill';\nexport const b = browser;",
    'no extension API',
  ],
  [
    'src/vault/planted-room.ts',
    "import { a } from '../background/router';\nexport const b = a;",
    'vault must not import background',
  ],
  ['src/vault/planted-idb.ts', "import { openDB } from 'idb';\nexport const b = openDB;", 'package idb'],
  [
    'src/vault/planted-contract.ts',
    "import { methods } from '../contract/dapp/methods';\nexport const b = methods;",
    'contract/dapp/methods as a value',
  ],
  ['src/network/planted.ts', "import { a } from '../vault/vault';\nexport const b = a;", 'network only carries bytes'],
  [
    'src/network/planted-package.ts',
    "import { hex } from '@scure/base';\nexport const b = hex;",
    'package @scure/base',
  ],
  [
    'src/background/planted.ts',
    "import { signDigest } from '../protocol/base/secp256k1';\nexport const b = signDigest;",
    'no key bytes',
  ],
  [
    'src/background/planted-wallet.ts',
    "import { connectWallet } from '../wallet/wallet-session';\nexport const b = connectWallet;",
    'background must not import wallet',
  ],
  [
    'src/bridge/planted.ts',
    "import { limits } from '../contract/limits';\nexport const b = limits;",
    'bridge must not import contract/limits as a value',
  ],
  ['src/bridge/planted-package.ts', "import { h } from 'preact';\nexport const b = h;", 'package preact'],
  [
    'src/bridge/planted-type.ts',
    "import type { Vault } from '../vault/vault';\nexport type B = Vault;",
    'bridge must not import vault',
  ],
  [
    'src/wallet/planted.ts',
    "import { a } from '../protocol/keys';\nexport const b = a;",
    'never shares a realm with a key',
  ],
  ['src/ui/planted.ts', "import { a } from '../vault/vault';\nexport const b = a;", 'no page of ours can reach a key'],
  [
    'src/ui/planted-protocol.tsx',
    "import { a } from '../protocol/keys';\nexport const b = a;",
    'no page of ours can reach a key',
  ],
  [
    'src/ui/planted-type.ts',
    "export const a: import('../vault/vault').Vault | undefined = undefined;",
    'ui must not import vault',
  ],
  ['src/ui/planted-dynamic.ts', "export const a = import('../contract/errors');", 'import() is not used in src'],
  [
    'src/ui/planted-words.ts',
    "import { ZxcvbnFactory } from '@zxcvbn-ts/core';\nexport const b = ZxcvbnFactory;",
    'package @zxcvbn-ts/core',
  ],
  [
    'src/ui/planted-html.tsx',
    'export const a = (text: string) => <p dangerouslySetInnerHTML={{ __html: text }} />;',
    'dangerouslySetInnerHTML is not used',
  ],
  [
    'src/sdk/planted.ts',
    "import { a } from '../protocol/keys/encrypted-bundle';\nexport const b = a;",
    'only its public half',
  ],
  [
    'src/sdk/planted-package.ts',
    "import { secp256k1 } from '@noble/curves/secp256k1.js';\nexport const b = secp256k1;",
    'package @noble/curves',
  ],
  [
    'src/sdk/planted-xmtp.ts',
    "import { keystoreApiDefs } from '@xmtp/xmtp-js';\nexport const b = keystoreApiDefs;",
    'package @xmtp/xmtp-js',
  ],
  [
    'src/sdk/planted-private.ts',
    "import { a } from '../protocol/messages/message-v2';\nexport const b = a;",
    'only its public half',
  ],
  ['src/sdk/planted-default.ts', 'export default 1;', 'No default exports'],
  [
    'src/vault/consent/planted-key.ts',
    "import type { PrivateKeyBundleV1 } from '../../protocol/keys/bundles';\nexport type B = PrivateKeyBundleV1;",
    'can leak it (P1)',
  ],
  [
    'src/vault/keystore/planted-key.ts',
    "import { openEncryptedPrivateKeyBundle } from '../../protocol/keys/encrypted-bundle';\nexport const b = openEncryptedPrivateKeyBundle;",
    'can leak it (P1)',
  ],
  [
    'src/vault/backup/planted-key-again.ts',
    "export { decodePrivateKeyBundle } from '../../protocol/keys/bundles';",
    'can leak it (P1)',
  ],
  [
    'src/vault/backup/planted-key-whole.ts',
    "import * as keys from '../../protocol/keys/keys';\nexport const b = keys;",
    'can leak it (P1)',
  ],
  [
    'src/vault/backup/planted-key-type.ts',
    "export type B = import('../../protocol/keys/bundles').PrivateKeyBundleV1;",
    'can leak it (P1)',
  ],
  [
    'src/sdk/planted-key.ts',
    "import type { PrivateKey } from '../protocol/keys/keys';\nexport type B = PrivateKey;",
    'can leak it (P1)',
  ],
  [
    'src/vault/cellar/planted.ts',
    "import { a } from '../store/host';\nexport const b = a;",
    'vault/cellar is not in the list of folders',
  ],
  ...plantedInFolders(),
];

/** In each folder an import of one that stands behind it, and in those that stand apart one of a neighbour. */
function plantedInFolders(): [file: string, code: string, reason: string][] {
  return Object.entries(folders).flatMap(([room, { order, apart }]) =>
    order.flatMap((folder, at): [string, string, string][] => {
      const allowed: readonly string[] = apart[folder] ?? order.slice(0, at);
      const up = folder === '.' ? './' : '../';
      return order
        .filter((other) => other !== folder && !allowed.includes(other))
        .map((other) => [
          path.posix.normalize(`src/${room}/${folder}/planted-import-of-${other === '.' ? 'room' : other}.ts`),
          `import { a } from '${up}${other === '.' ? '' : `${other}/`}something';\nexport const b = a;`,
          `${room}/${folder} must not import ${room}/${other}`,
        ]);
    }),
  );
}

/** The same rooms, with imports they may have: nothing is refused. */
const allowed: [file: string, code: string][] = [
  [
    'src/vault/fine.ts',
    "import { VaultError } from '../contract/errors';\nimport { signDigest } from '../protocol/base/secp256k1';\nexport const b = [VaultError, signDigest];",
  ],
  ['src/vault/store/database.ts', "import { openDB } from 'idb';\nexport const b = openDB;"],
  ['src/background/fine.ts', "import { createVault } from '../vault/vault';\nexport const b = createVault;"],
  [
    'src/bridge/fine.ts',
    "import type { ErrorShape } from '../contract/errors';\nimport { packBytes } from '../contract/bytes-codec';\nexport const b = (e: ErrorShape) => packBytes(e);",
  ],
  [
    'src/ui/fine.ts',
    "import { pages } from '../contract/pages/pages';\nimport { connectWallet } from '../wallet/wallet-session';\nexport const b = [pages, connectWallet];",
  ],
  ['src/wallet/fine.ts', "import { hex } from '@scure/base';\nexport const b = hex;"],
  ['src/sdk/xmtp/keystore.ts', "import { keystoreApiDefs } from '@xmtp/xmtp-js';\nexport const b = keystoreApiDefs;"],
  [
    'src/sdk/fine.ts',
    "import { verifyVaultSignature } from '../protocol/ours/vault-signature';\nexport const b = verifyVaultSignature;",
  ],
];

function lint(): Map<string, string[]> {
  cpSync(path.join(root, 'lint'), path.join(folder, 'lint'), {
    recursive: true,
    filter: (file) => !file.endsWith('.test.ts'),
  });
  const config = JSON.parse(readFileSync(path.join(root, '.oxlintrc.json'), 'utf8')) as Record<string, unknown>;
  delete config.$schema;
  writeFileSync(path.join(folder, '.oxlintrc.json'), JSON.stringify(config));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  for (const [file, code] of [...planted, ...allowed]) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), `${code}\n`);
  }
  const run = spawnSync(process.execPath, [path.join(root, 'node_modules/oxlint/bin/oxlint'), '--format=json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: { message: string; filename: string }[] };
  const found = new Map<string, string[]>();
  for (const { filename, message } of diagnostics) {
    const file = path.relative(folder, path.resolve(folder, filename));
    found.set(file, [...(found.get(file) ?? []), message]);
  }
  return found;
}

describe('the linter holds the import matrix', () => {
  const found = lint();
  test.each(planted)('refuses what is planted in %s', (file, _code, reason) => {
    expect(found.get(file)?.join('\n') ?? 'nothing was refused').toContain(reason);
  });
  test.each(allowed)('accepts %s', (file) => {
    expect(found.get(file) ?? []).toEqual([]);
  });
});
