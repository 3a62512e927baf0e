// The two node globals that the stream packages below @metamask/providers use bare: Buffer, and process.nextTick.
// Promises to leave globals that are already there alone. Must be imported before @metamask/providers, and by nothing
// outside this room.
import { Buffer } from 'buffer';

const globals = globalThis as { Buffer?: unknown; process?: unknown };

globals.Buffer ??= Buffer;
globals.process ??= {
  env: {},
  nextTick: (task: (...args: unknown[]) => void, ...args: unknown[]) => queueMicrotask(() => task(...args)),
};
