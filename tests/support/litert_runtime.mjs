// LiteRT's build for the web (npm: @litertjs/core), loaded in Node.js.
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';

// What the runtime has said since the list was emptied: a model that it can't run often gives zeros instead of an exception.
export const messages = [];

// PACKAGES holds node_modules with the package. Gives what its module exports.
export async function loadRuntime(packages) {
  const core = path.join(path.resolve(packages), 'node_modules/@litertjs/core');
  const wasm = path.join(core, 'wasm') + '/';

  // The package knows browsers only: what it expects of one, as far as it is used.
  globalThis.self = globalThis;
  globalThis.require = createRequire(wasm);
  globalThis.__dirname = wasm;
  globalThis.__filename = wasm + 'loader.js';
  globalThis.Module = {locateFile: (file) => wasm + file, print: () => {}, printErr: (text) => messages.push(text)};
  globalThis.importScripts = (file) => {
    vm.runInThisContext(fs.readFileSync(file, 'utf8'), {filename: file});
    globalThis.ModuleFactory = vm.runInThisContext('ModuleFactory');
  };

  // Its JavaScript refuses some types of tensors which the runtime behind it takes: more rows in its table of types.
  const patched = path.join(core, 'dist/with_int8.js');
  const rows = [['int8', 'Int8Array'], ['int16', 'Int16Array'], ['int64', 'BigInt64Array']]
    .map(([type, array]) => `\n  {dtype: "${type}", typedArrayConstructor: ${array}, elementType: ElementType.${type.toUpperCase()}},`)
    .join('');
  const source = fs.readFileSync(path.join(core, 'dist/index.js'), 'utf8');
  // Whole or not at all: several tests may load it at the same time.
  fs.writeFileSync(`${patched}.${process.pid}`, source.replace(/var DATATYPES = Object\.freeze\(\[/, (found) => found + rows));
  fs.renameSync(`${patched}.${process.pid}`, patched);
  const runtime = await import(pathToFileURL(patched));
  await runtime.loadLiteRt(wasm);
  return runtime;
}
