// What xmtp-js takes for granted because it was once written for node: a global Buffer.
// Promises to be there before xmtp-js is evaluated: whoever imports it imports this file first.
import { Buffer } from 'buffer/';

Object.assign(globalThis, { Buffer: (globalThis as { Buffer?: unknown }).Buffer ?? Buffer });
