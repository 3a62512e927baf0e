// The test wallet's settings page: chooses a personality by hand, and shows who was let in and what was asked.
// Promises that what it shows is what is stored, also when a test writes the storage.
import { personalities } from './personalities';
import { readPermissions, readRequests, readSettings } from './settings';

const auto = input('auto');
const accountIndex = input('account-index');
const accountsCount = input('accounts-count');

for (const [name, meaning] of Object.entries(personalities)) {
  const radio = document.createElement('input');
  radio.type = 'radio';
  radio.name = 'personality';
  radio.value = name;
  radio.dataset.testid = `wallet-personality-${name}`;
  radio.addEventListener('change', () => void chrome.storage.local.set({ personality: name }));
  const label = document.createElement('label');
  const code = document.createElement('span');
  code.className = 'mono';
  code.textContent = name;
  const words = document.createElement('span');
  words.append(code, document.createElement('br'), meaning);
  label.append(radio, words);
  element('personalities').append(label);
}
auto.addEventListener('change', () => void chrome.storage.local.set({ auto: auto.checked }));
accountIndex.addEventListener(
  'change',
  () => void chrome.storage.local.set({ accountIndex: accountIndex.valueAsNumber }),
);
accountsCount.addEventListener(
  'change',
  () => void chrome.storage.local.set({ accounts: accountsCount.valueAsNumber }),
);
element('forget').addEventListener('click', () => void chrome.storage.local.remove('permissions'));
element('clear').addEventListener('click', () => void chrome.storage.session.remove('requests'));
chrome.storage.onChanged.addListener(() => void show());
void show();

async function show(): Promise<void> {
  const settings = await readSettings();
  auto.checked = settings.auto;
  accountIndex.value = String(settings.accountIndex);
  accountsCount.value = String(settings.accounts);
  for (const radio of document.querySelectorAll<HTMLInputElement>('[name=personality]')) {
    radio.checked = radio.value === settings.personality;
  }
  const permissions = Object.entries(await readPermissions());
  list(
    'permissions',
    permissions.map(([requester, accounts]) => `${requester}: ${accounts.join(', ')}`),
    'Nobody so far.',
  );
  const requests = await readRequests();
  const lines = requests.map(
    ({ atMs, requester, method }) => `${new Date(atMs).toLocaleTimeString()} ${method} (${requester})`,
  );
  list('requests', lines.reverse(), 'None so far.');
}

function list(id: string, lines: readonly string[], whenEmpty: string): void {
  const items = (lines.length > 0 ? lines : [whenEmpty]).map((line) => {
    const item = document.createElement('li');
    item.textContent = line;
    return item;
  });
  element(id).replaceChildren(...items);
}

function input(id: string): HTMLInputElement {
  return element(id) as HTMLInputElement;
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found;
}
