// The test wallet's request window: shows one question, sends back one decision.
// Promises to show text as text only. Closes itself when the worker hangs up.
import { hexToBytes } from '@noble/hashes/utils.js';
import { testAccounts } from './accounts';
import type { Decision, Question } from './answer';

const port = chrome.runtime.connect({ name: location.hash.slice(1) });
port.onMessage.addListener((question: Question) => show(question));
port.onDisconnect.addListener(() => window.close());

function show(question: Question): void {
  byId('requester').textContent = question.requester;
  if (question.kind === 'connect') showConnect(question.preselected);
  else if (question.kind === 'password') showPassword();
  else showSign(question.account, question.messageHex);
  onClick('reject', () => decide({ isApproved: false }));
  onClick('approve', () => decide({ isApproved: true, accounts: chosenAccounts() }));
}

function showConnect(preselected: readonly string[]): void {
  byId('title').textContent = 'Connect to this extension?';
  byId('approve').textContent = 'Connect';
  const list = reveal('accounts');
  for (const { address, index } of testAccounts()) {
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.value = address;
    box.checked = preselected.includes(address);
    box.dataset.testid = `wallet-account-${index}`;
    const label = document.createElement('label');
    const code = document.createElement('span');
    code.className = 'mono';
    code.textContent = address;
    const words = document.createElement('span');
    words.append(`Account ${index}`, document.createElement('br'), code);
    label.append(box, words);
    list.append(label);
  }
}

function showPassword(): void {
  byId('title').textContent = 'Unlock this wallet?';
  byId('approve').textContent = 'Unlock';
}

function showSign(account: string, messageHex: string): void {
  byId('title').textContent = 'Sign this message?';
  byId('approve').textContent = 'Sign';
  reveal('account-term');
  reveal('account').textContent = account;
  reveal('message');
  byId('text').textContent = readableText(messageHex);
}

function readableText(messageHex: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(hexToBytes(messageHex.slice(2)));
  } catch {
    return messageHex;
  }
}

function chosenAccounts(): string[] {
  return [...document.querySelectorAll<HTMLInputElement>('#accounts input:checked')].map(({ value }) => value);
}

function decide(decision: Decision): void {
  port.postMessage(decision);
  for (const id of ['reject', 'approve']) (byId(id) as HTMLButtonElement).disabled = true;
}

function onClick(id: string, act: () => void): void {
  const button = byId(id) as HTMLButtonElement;
  button.addEventListener('click', act);
  button.disabled = false;
}

function reveal(id: string): HTMLElement {
  const element = byId(id);
  element.hidden = false;
  return element;
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no element ${id}`);
  return element;
}
