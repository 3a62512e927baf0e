// `npm test`: the app in a page without a browser, with a vault that does what the test says.
import { createFakeVault, type FakeVaultOptions } from '@prekey-vault/sdk/test';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { App } from './app';

let root: Root | undefined;
let remove = () => {};
beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  document.body.innerHTML = '<div id="root"></div>';
});
afterEach(async () => {
  await act(async () => root?.unmount());
  remove();
});

const settle = () => act(() => new Promise<void>((resolve) => setTimeout(resolve, 10)));
const text = () => document.querySelector('[role=status]')?.textContent;
async function press(id: string): Promise<void> {
  await act(async () => document.getElementById(id)!.click());
  await settle();
}
async function open(options: FakeVaultOptions = {}) {
  const vault = createFakeVault(options);
  remove = vault.install();
  root = createRoot(document.getElementById('root')!);
  await act(async () => root?.render(<App />));
  await settle();
  return vault;
}

test('connects, signs and goes', async () => {
  const vault = await open();
  expect(text()).toBe('Prekey Vault is here.');
  await press('connect');
  expect(text()).toBe(`Connected as ${vault.accounts[0]}.`);
  await press('sign');
  expect(text()).toBe(`Signed by ${vault.accounts[0]}, for "Sign a note".`);
  await press('disconnect');
  expect(document.getElementById('connect')).not.toBeNull();
});

test('shows that somebody is being asked, and what they said', async () => {
  const vault = await open({ person: () => 'later' });
  await press('connect');
  expect(text()).toBe('Prekey Vault is asking you.');
  await act(() => vault.answer('reject'));
  await settle();
  expect(text()).toBe('You said no.');
});

test('follows what the person does in the vault', async () => {
  const vault = await open();
  await press('connect');
  await act(async () => vault.revoke());
  await settle();
  expect(document.getElementById('connect')).not.toBeNull();
  await act(async () => vault.goAway());
  await settle();
  expect(text()).toContain('Reload the page');
});
