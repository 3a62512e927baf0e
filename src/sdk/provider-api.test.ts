// docs/provider-api.md against the code: names, tiers, limits, codes and the worked example of the signed bytes.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCode, type NetworkTrouble } from '../contract/errors';
import { capabilities, durations } from '../contract/grants';
import { limits } from '../contract/limits';
import { methods } from '../contract/dapp/methods';
import { bytesToHex } from '../protocol/base/bytes';
import { encodeVaultSignPayload, vaultSignDigest } from '../protocol/ours/vault-signature';
import * as sdk from './index';
import * as verify from './verify/index';
import * as adapter from './xmtp/index';

const text = readFileSync(new URL('../../docs/provider-api.md', import.meta.url), 'utf8');
const section = (title: string) =>
  new RegExp(`^#+ ${title}\\n([\\s\\S]*?)(?=^#|(?![\\s\\S]))`, 'm').exec(text)?.[1] ?? '';

describe('docs/provider-api.md', () => {
  it('has a section for every method, with its tier and capability, and for no other', () => {
    const described = [...text.matchAll(/^### ((?:vault|xmtp)_\w+)$/gm)].map(([, name]) => name);
    expect(described).toHaveLength(Object.keys(methods).length);
    expect(new Set(described)).toEqual(new Set(Object.keys(methods)));
    for (const [name, { tier, capability }] of Object.entries(methods)) {
      expect(section(name).trimStart().toLowerCase().startsWith(tier), `${name}: ${tier}`).toBe(true);
      if (capability !== undefined) expect(section(name)).toContain(`capability \`${capability}\``);
    }
  });

  it('names every limit with its value, every code, every capability and every duration', () => {
    for (const capability of capabilities) expect(section('Capabilities')).toContain(`| \`${capability}\` |`);
    for (const [name, value] of Object.entries(limits))
      expect(section('Limits')).toContain(`| \`${name}\` | ${value} |`);
    for (const code of Object.values(errorCode)) expect(section('Errors')).toContain(`| ${code} |`);
    for (const duration of durations) expect(section('Grants and how long they last')).toContain(`\`${duration}\``);
  });

  it('names every trouble with the network', () => {
    const troubles: Record<NetworkTrouble, true> = {
      none: true,
      unreachable: true,
      refused: true,
      'bad-answer': true,
      changed: true,
    };
    for (const trouble of Object.keys(troubles))
      for (const part of ['Errors', 'xmtp_publish']) expect(section(part)).toContain(`\`${trouble}\``);
  });

  it.each([
    ['@prekey-vault/sdk', sdk],
    ['@prekey-vault/sdk/verify', verify],
    ['@prekey-vault/sdk/xmtp', adapter],
  ])('imports nothing in its examples that %s does not export', (source, entry) => {
    const imported = [/import \{([^}]*)\} from '([^']*)'/g, /const \{([^}]*)\} = await import\('([^']*)'\)/g]
      .flatMap((form) => [...text.matchAll(form)])
      .filter(([, , from]) => from === source);
    const names = imported.flatMap(([, list = '']) => list.split(',').map((name) => name.trim()));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(Object.keys(entry)).toContain(name);
  });

  it('names every option of the adapter', () => {
    const options = [
      'account',
      'chunkItems',
      'signal',
      'onProgress',
      'onUnredeemed',
      'redeemWithinMs',
    ] satisfies (keyof adapter.VaultKeystoreOptions)[];
    for (const option of options) expect(section('xmtp-js on the vault')).toContain(`\`${option}\``);
    const more = ['publishing', 'apiUrl', 'orToken'] satisfies (
      keyof adapter.VaultClientOptions | keyof adapter.VaultApiClientOptions
    )[];
    for (const option of more) expect(section('xmtp-js on the vault')).toContain(`\`${option}`);
  });

  it('works its example of the signed bytes right', () => {
    const bytes = encodeVaultSignPayload({
      origin: 'https://app.example',
      account: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
      purpose: 'Log in',
      issuedAtMs: 1_750_000_000_000,
      payload: new TextEncoder().encode('hi'),
    });
    const blocks = [...section('The bytes of vault_sign').matchAll(/```\n([0-9a-f\s]+)\n```/g)].map(([, hex]) =>
      hex!.replaceAll(/\s/g, ''),
    );
    expect(blocks).toEqual([bytesToHex(bytes), bytesToHex(vaultSignDigest(bytes))]);
  });
});
