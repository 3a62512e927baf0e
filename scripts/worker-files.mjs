// The two files of the worker, as the browser runs them: classic scripts, each a function that is called with what it may require.
// Promises: the second is compiled and run when something of it is first asked for. In Chromium the service worker imports it while it is installed, which is
// when a browser takes scripts into a service worker for good, and runs it from there later; in Firefox it stands in the manifest, and waits as a function.
// Must not: load anything else.

/** What a start needs. */
export const workerName = 'worker.js';
/** The rest. */
export const laterName = 'worker-later.js';

/** How the first is told that the second is there: by calling this. */
const arrived = 'prekeyVaultLater';

/** Reads the second file: the policy of the package asks for trusted types, and this one trusts that file and nothing else. */
export const loadsLater = `const load=()=>importScripts(trustedTypes.createPolicy("${laterName}",{createScriptURL:()=>"/${laterName}"}).createScriptURL(""));`;

/**
 * What stands before the first file. `later` is the second as a function of its own exports and of what it may require. A service worker that is being installed has no state beyond "installing".
 */
const before = `(()=>{"use strict";
const exports={},modules={};
let later=self.${arrived};
self.${arrived}=(made)=>{later=made};
${loadsLater}
const require=(name)=>{
if(name!=="./${laterName}")throw new Error("not part of the worker");
if(!modules[name]){
if(!later)load();
const own={};
later(own,(asked)=>{if(asked!=="./${workerName}")throw new Error("not part of the worker");return exports});
modules[name]=own}
return modules[name]};
if(self.serviceWorker&&/^(parsed|installing)$/.test(self.serviceWorker.state))load();
`;

/**
 * One character beyond ASCII, and the browser keeps a script in two bytes for each, and takes longer to read it. Escaped it is the same text, also in a name or an
 * expression; throws for one behind a backslash, of which that cannot be said.
 */
function asAscii(text) {
  if (/\\[^\0-\x7f]/.test(text)) throw new Error('a character beyond ASCII stands behind a backslash');
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Both files as scripts, by name; `read` gives what the build wrote. */
export function asScripts(read) {
  const own = read(laterName);
  const script = (text) => asAscii(text.replace(/^\/\/# sourceMappingURL=.*$/m, '').trim());
  return {
    [workerName]: `${before}${script(read(workerName))}\n})();\n`,
    [laterName]: `((made)=>{self.${arrived}?self.${arrived}(made):self.${arrived}=made})((exports,require)=>{"use strict";\n${script(own)}\n});\n`,
  };
}
