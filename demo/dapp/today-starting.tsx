// Between "sign in" and the messages: what is being waited for, or why it did not work.
// Promises one line for each step, with the present one marked for everybody. Must not: guess how long it takes.
import type { TodayState, TodayStep } from './today';

const steps: readonly { step: TodayStep; title: string; hint: string }[] = [
  { step: 'client', title: 'Load the messaging client', hint: '13 MB, unmodified @xmtp/browser-sdk.' },
  { step: 'card', title: 'Ask your vault', hint: 'It shows the text that lets this app in. Answer in its window.' },
  { step: 'messages', title: 'Fetch your messages', hint: 'Nothing more is asked.' },
];

export function TodayStarting({ state, again }: { state: TodayState; again: () => void }) {
  return (
    <section class="card card-welcome" aria-labelledby="today-starting-heading">
      <h2 id="today-starting-heading">Your inbox</h2>
      {state.phase === 'starting' ? (
        <div class="stack" data-testid="today-starting" data-step={state.step}>
          <ol class="steps" aria-live="polite">
            {steps.map(({ step, title, hint }) => (
              <Step
                key={step}
                title={title}
                hint={hint}
                isNow={step === state.step}
                isDone={orderOf(step) < orderOf(state.step)}
              />
            ))}
          </ol>
          <progress aria-label="Signing in" />
        </div>
      ) : (
        <div class="stack">
          {state.trouble && (
            <p role="alert" data-testid="today-failed">
              <strong>{state.trouble.title}</strong> {state.trouble.advice}{' '}
              <span class="code">{state.trouble.code}</span>
            </p>
          )}
          <div>
            <button type="button" onClick={again} data-testid="today-again">
              Try again
            </button>
          </div>
        </div>
      )}
    </section>
  );
}

const orderOf = (step: TodayStep): number => steps.findIndex((one) => one.step === step);

function Step({ title, hint, isNow, isDone }: { title: string; hint: string; isNow: boolean; isDone: boolean }) {
  return (
    <li aria-current={isNow ? 'step' : undefined} class={isDone ? 'step-done' : ''}>
      <span class="check-label">
        {title}
        {isDone && <span class="quiet">Done</span>}
      </span>
      {isNow && <span class="quiet">{hint}</span>}
    </li>
  );
}
