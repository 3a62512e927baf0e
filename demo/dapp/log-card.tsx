// What Quill asked and what the vault told it, newest first.
import type { LogEntry } from './session';

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

export function LogCard({ log }: { log: LogEntry[] }) {
  return (
    <section class="card card-log" aria-labelledby="log-heading">
      <h2 id="log-heading">Events</h2>
      <div data-testid="dapp-events">
        {log.length === 0 ? (
          <p class="quiet">Nothing yet. Requests of Quill and events of the vault appear here.</p>
        ) : (
          <ol class="log" tabIndex={0}>
            {log.map((entry) => (
              <li key={entry.id} data-kind={entry.kind} data-name={entry.name}>
                <time dateTime={new Date(entry.atMs).toISOString()}>{clock.format(entry.atMs)}</time>
                <span class={`log-kind log-${entry.kind}`}>{entry.kind === 'event' ? 'event' : 'request'}</span>
                <span class="log-text">
                  <span class="log-name">{entry.name}</span> <span class="log-detail">{entry.detail}</span>
                </span>
              </li>
            ))}
          </ol>
        )}
      </div>
    </section>
  );
}
