// Runs models in LiteRT's build for the web, which is independent of this project, and compares outputs byte by byte.
// node litert.mjs PACKAGES INDEX.json MODELS MADE: PACKAGES holds node_modules with @litertjs/core; for every model of the index
// that has MADE/NAME.small.tflite and MADE/NAME.same.tflite, all three must give the same outputs on all recorded inputs.
import fs from 'node:fs';
import path from 'node:path';
import {loadRuntime} from './litert_runtime.mjs';

const [, , packages, indexFile, root, made] = process.argv;
const {loadAndCompile, Tensor} = await loadRuntime(packages);

async function outputsOf(file, vectors) {
  const model = await loadAndCompile(new Uint8Array(fs.readFileSync(file)), {accelerator: 'wasm'});
  const details = model.getInputDetails();
  const all = [];
  for (const inputs of vectors) {
    const tensors = details.map((d, i) => new Tensor(new Int8Array(inputs[i]), [...d.shape]));
    const results = await model.run(tensors);
    for (const r of results) all.push(Buffer.from((await r.data()).slice().buffer));
  }
  return all;
}

let models = 0;
let runs = 0;
for (const entry of JSON.parse(fs.readFileSync(indexFile, 'utf8')).models) {
  const small = path.join(made, entry.name + '.small.tflite');
  const same = path.join(made, entry.name + '.same.tflite');
  if (!fs.existsSync(small) || !entry.inputs.concat(entry.outputs).every((t) => t.dtype === 'INT8')) continue;
  const read = (name) => new Uint8Array(fs.readFileSync(path.join(root, entry.dir, name)));
  const vectors = entry.vectors.map((v) => v.inputs.map(read));
  const expected = await outputsOf(path.join(root, entry.model), vectors);
  for (const file of [small, same]) {
    const found = await outputsOf(file, vectors);
    if (found.length !== expected.length || !found.every((f, i) => f.equals(expected[i]))) {
      console.error(`${file}: outputs differ from those of the original`);
      process.exit(1);
    }
    runs += found.length;
  }
  models++;
}
console.log(`LiteRT: ${models} models, ${runs} outputs are the same`);
process.exit(models > 0 ? 0 : 1);
