// LiteRT's build for the web (npm: @litertjs/core), loaded in Node.js.
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';

// PACKAGES holds node_modules with the package. Gives what its module exports.
export async function loadRuntime(packages) {
  const core = path.join(path.resolve(packages), 'node_modules/@litertjs/core');
  const wasm = path.join(core, 'wasm') + '/';

  // The package knows browsers only: what it expects of one, as far as it is used.
  globalThis.self = globalThis;
  globalThis.require = createRequire(wasm);
  globalThis.__dirname = wasm;
  globalThis.__filename = wasm + 'loader.js';
  globalThis.Module = {locateFile: (file) => wasm + file, print: () => {}, printErr: () => {}};
  globalThis.importScripts = (file) => {
    vm.runInThisContext(fs.readFileSync(file, 'utf8'), {filename: file});
    globalThis.ModuleFactory = vm.runInThisContext('ModuleFactory');
  };

  // Its JavaScript refuses int8 tensors, which the runtime behind it takes: one more row in its table of types.
  const patched = path.join(core, 'dist/with_int8.js');
  const row = '\n  {dtype: "int8", typedArrayConstructor: Int8Array, elementType: ElementType.INT8},';
  const source = fs.readFileSync(path.join(core, 'dist/index.js'), 'utf8');
  fs.writeFileSync(patched, source.replace(/var DATATYPES = Object\.freeze\(\[/, (found) => found + row));
  const runtime = await import(pathToFileURL(patched));
  await runtime.loadLiteRt(wasm);
  return runtime;
}
