// The list of conversations, and the way to begin one.
import { useState } from 'preact/hooks';
import type { Chat, ChatRow, ChatState } from './chat';
import { Portrait } from './portrait';
import { shortAddress, timeOrDate } from './words';

/** Somebody whom the page knows of, and who answers. */
interface Suggested {
  name: string;
  address: string;
}

interface ChatListProps {
  chat: Chat;
  state: ChatState;
  account: string;
  /** Whether a conversation can have a subject, which keeps it apart from others with the same person. */
  hasSubjects?: boolean;
  suggested?: Suggested | undefined;
}

export function ChatList({ chat, state, account, hasSubjects = false, suggested }: ChatListProps) {
  const [choice, setChoice] = useState<boolean>();
  const isAsking = choice ?? state.rows.length === 0;
  return (
    <section class="chat-list" aria-label="Conversations">
      <header class="chat-head">
        <h2>Messages</h2>
        <button type="button" aria-expanded={isAsking} onClick={() => setChoice(!isAsking)} data-testid="chat-new">
          {isAsking ? 'Cancel' : 'New'}
        </button>
      </header>
      {isAsking && (
        <NewForm
          chat={chat}
          isOpening={state.isOpening}
          began={() => setChoice(true)}
          done={() => setChoice(false)}
          hasSubjects={hasSubjects}
          suggested={state.rows.some(({ peer }) => peer === suggested?.address) ? undefined : suggested}
        />
      )}
      {state.rows.length === 0 ? (
        <div class="chat-empty">
          <p class="quiet">No conversations yet. Begin one with an address, or give somebody yours:</p>
          <p class="account" translate={false} data-testid="chat-account">
            {account}
          </p>
        </div>
      ) : (
        <ul class="chat-rows">
          {state.rows.map((row) => (
            <li key={row.topic}>
              <Row row={row} isOpen={row.topic === state.openTopic} open={() => void chat.open(row.topic)} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ row, isOpen, open }: { row: ChatRow; isOpen: boolean; open: () => void }) {
  return (
    <button
      type="button"
      class="chat-row"
      aria-current={isOpen ? 'true' : undefined}
      onClick={open}
      data-testid="chat-conversation"
      data-topic={row.topic}
      data-peer={row.peer}
      data-version={row.version}
    >
      <Portrait address={row.peer} />
      <span class="chat-row-words">
        <span class="chat-row-line">
          <span class="chat-peer" translate={false}>
            {shortAddress(row.peer)}
          </span>
          <time class="chat-time" dateTime={new Date(row.lastAtMs).toISOString()}>
            {timeOrDate(row.lastAtMs)}
          </time>
        </span>
        <span class="chat-row-line">
          <span class="chat-last">
            {row.about !== undefined && <span class="chat-about">{row.about}</span>}
            {row.consent === 'denied' ? 'Blocked' : (row.lastText ?? 'Nothing written yet')}
          </span>
          {row.unread > 0 && (
            <span class="chat-unread" aria-label={`${row.unread} unread`}>
              {row.unread}
            </span>
          )}
        </span>
      </span>
    </button>
  );
}

interface NewFormProps extends Pick<ChatListProps, 'chat' | 'hasSubjects' | 'suggested'> {
  isOpening: boolean;
  /** Somebody writes in it: it stays, whatever comes. */
  began: () => void;
  done: () => void;
}

function NewForm({ chat, isOpening, began, done, hasSubjects, suggested }: NewFormProps) {
  const [peer, setPeer] = useState('');
  const [about, setAbout] = useState('');
  const begin = (address: string) => void chat.begin(address, about).then((isBegun) => isBegun && done());
  return (
    <form
      class="chat-new"
      onInput={began}
      onSubmit={(event) => {
        event.preventDefault();
        begin(peer);
      }}
    >
      <label class="field">
        <span>Address</span>
        <input
          type="text"
          value={peer}
          required
          spellcheck={false}
          autocomplete="off"
          placeholder="0x…"
          onInput={(event) => setPeer(event.currentTarget.value)}
          data-testid="chat-peer"
        />
      </label>
      {hasSubjects && (
        <label class="field">
          <span>
            About <span class="quiet">optional, keeps a subject apart</span>
          </span>
          <input
            type="text"
            value={about}
            maxLength={60}
            autocomplete="off"
            onInput={(event) => setAbout(event.currentTarget.value)}
            data-testid="chat-about"
          />
        </label>
      )}
      <button type="submit" class="main" disabled={isOpening || peer.trim() === ''} data-testid="chat-open">
        {isOpening ? 'Opening…' : 'Begin'}
      </button>
      {suggested && (
        <button
          type="button"
          disabled={isOpening}
          onClick={() => begin(suggested.address)}
          data-testid="chat-suggested"
        >
          Write to {suggested.name}, who answers
        </button>
      )}
    </form>
  );
}
