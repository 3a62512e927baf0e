// The open conversation: who it is with, what was said, and the line to write on.
// Promises that texts of others are text and nothing else, that long histories stay quick, and that a text that could not be
// sent is back on the line.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Chat, ChatLine, ChatRow, ChatState } from './chat';
import { Portrait } from './portrait';
import { dateOnly, shortAddress } from './words';

const shownAtOnce = 200;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

export function ChatThread({ chat, state }: { chat: Chat; state: ChatState }) {
  const row = state.rows.find(({ topic }) => topic === state.openTopic);
  if (row === undefined) {
    return (
      <section class="chat-thread chat-nothing" aria-label="Conversation">
        <p class="quiet">Choose a conversation, or begin one.</p>
      </section>
    );
  }
  return (
    <section class="chat-thread" aria-label={`Conversation with ${shortAddress(row.peer)}`}>
      <Head chat={chat} row={row} />
      <Progress chat={chat} state={state} topic={row.topic} />
      <Lines state={state} />
      {row.consent === 'denied' ? (
        <p class="chat-note quiet">You blocked this address. Allow it to write.</p>
      ) : (
        <Composer chat={chat} isStranger={row.consent === 'unknown'} />
      )}
    </section>
  );
}

function Head({ chat, row }: { chat: Chat; row: ChatRow }) {
  const words = { allowed: 'Allowed', denied: 'Blocked', unknown: 'Not decided' }[row.consent];
  return (
    <header class="chat-head chat-thread-head">
      <button
        type="button"
        class="plain chat-back"
        onClick={chat.leave}
        aria-label="Back to the list"
        data-testid="chat-back"
      >
        ←
      </button>
      <Portrait address={row.peer} size={32} />
      <div class="chat-who">
        <h2 title={row.peer} translate={false}>
          {shortAddress(row.peer)}
        </h2>
        <p class="quiet">
          {row.about === undefined ? '' : `${row.about} · `}
          <span data-testid="chat-consent" data-consent={row.consent}>
            {words}
          </span>
          {row.version === 'v1' && ' · older kind'}
        </p>
      </div>
      {row.consent !== 'allowed' && (
        <button type="button" onClick={() => void chat.decide(row.topic, 'allowed')} data-testid="chat-allow">
          Allow
        </button>
      )}
      {row.consent !== 'denied' && (
        <button
          type="button"
          class="danger"
          onClick={() => void chat.decide(row.topic, 'denied')}
          data-testid="chat-deny"
        >
          Block
        </button>
      )}
    </header>
  );
}

function Progress({ chat, state, topic }: { chat: Chat; state: ChatState; topic: string }) {
  if (state.reading === 'stopped') {
    return (
      <div class="chat-note">
        <p class="quiet">You stopped reading.</p>
        <button type="button" onClick={() => void chat.open(topic)} data-testid="chat-reread">
          Read again
        </button>
      </div>
    );
  }
  if (state.reading === 'no') return null;
  const { progress } = state;
  return (
    <div class="chat-note" data-testid="chat-progress">
      <p class="quiet">
        {progress === undefined
          ? 'Fetching the history…'
          : `Opening ${progress.done.toLocaleString()} of ${progress.total.toLocaleString()} messages…`}
      </p>
      {progress && <progress value={progress.done} max={progress.total} />}
      <button type="button" class="plain" onClick={chat.stopReading} data-testid="chat-stop">
        Stop
      </button>
    </div>
  );
}

function Lines({ state }: { state: ChatState }) {
  const [shown, setShown] = useState(shownAtOnce);
  const list = useRef<HTMLOListElement>(null);
  const visible = state.lines.slice(-shown);
  const hidden = state.lines.length - visible.length;
  const isAtEnd = useRef(true);
  // New lines come into view for who reads the end, and push nobody away from where they read.
  useLayoutEffect(() => {
    if (list.current && isAtEnd.current) list.current.scrollTop = list.current.scrollHeight;
  }, [state.lines]);
  const onScroll = ({
    currentTarget: { scrollHeight, scrollTop, clientHeight },
  }: {
    currentTarget: HTMLOListElement;
  }) => {
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40;
  };
  return (
    <ol
      class="chat-lines"
      ref={list}
      onScroll={onScroll}
      tabIndex={0}
      aria-label="Messages"
      aria-live="polite"
      data-testid="chat-messages"
      data-count={state.lines.length}
      data-reading={state.reading}
    >
      {hidden > 0 && (
        <li class="chat-earlier">
          <button
            type="button"
            class="plain"
            onClick={() => setShown(shown + 5 * shownAtOnce)}
            data-testid="chat-earlier"
          >
            Show {Math.min(hidden, 5 * shownAtOnce).toLocaleString()} earlier messages
          </button>
        </li>
      )}
      {visible.map((line, at) => (
        <Line key={line.id} line={line} before={visible[at - 1]} />
      ))}
      {state.lines.length === 0 && state.reading === 'no' && (
        <li class="quiet chat-earlier">Nothing was written yet. Say hello.</li>
      )}
    </ol>
  );
}

function Line({ line, before }: { line: ChatLine; before: ChatLine | undefined }) {
  const day = dateOnly(line.sentAtMs);
  const classes = [
    'chat-line',
    line.isMine ? 'chat-mine' : '',
    line.isPending ? 'chat-pending' : '',
    before?.isMine === line.isMine ? 'chat-follows' : '',
  ];
  return (
    <>
      {(before === undefined || dateOnly(before.sentAtMs) !== day) && <li class="chat-day">{day}</li>}
      <li
        class={classes.filter(Boolean).join(' ')}
        data-testid="chat-message"
        data-id={line.id}
        data-mine={line.isMine}
        data-pending={line.isPending}
      >
        <p dir="auto">{line.text}</p>
        <time dateTime={new Date(line.sentAtMs).toISOString()}>
          {line.isPending ? 'Sending…' : clock.format(line.sentAtMs)}
        </time>
      </li>
    </>
  );
}

function Composer({ chat, isStranger }: { chat: Chat; isStranger: boolean }) {
  const [text, setText] = useState('');
  const send = () => {
    const written = text.trim();
    if (written === '') return;
    setText('');
    void chat.send(written).then((isSent) => !isSent && setText((now) => (now === '' ? written : now)));
  };
  return (
    <form
      class="chat-composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        rows={1}
        value={text}
        placeholder={isStranger ? 'Write, and this address is allowed' : 'Write a message'}
        aria-label="Message"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
        data-testid="chat-message-input"
      />
      <button type="submit" class="main" disabled={text.trim() === ''} data-testid="chat-send">
        Send
      </button>
    </form>
  );
}
