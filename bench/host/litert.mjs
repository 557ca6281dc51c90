// node litert.mjs PACKAGES MODEL.tflite: microseconds of one inference in LiteRT's build for the web, the median of many. What its
// JavaScript adds around the call into the compiled runtime is part of it.
import {loadRuntime} from '../../tests/support/litert_runtime.mjs';
import fs from 'node:fs';

const [, , packages, file] = process.argv;
const {loadAndCompile, Tensor} = await loadRuntime(packages);
const model = await loadAndCompile(new Uint8Array(fs.readFileSync(file)), {accelerator: 'wasm'});
const tensors = model.getInputDetails().map((d) => new Tensor(new Int8Array(d.shape.reduce((a, b) => a * b, 1)), [...d.shape]));
const samples = [];
for (let i = 0, end = performance.now() + 3000; performance.now() < end; i++) {
  const start = performance.now();
  const results = await model.run(tensors);
  const took = (performance.now() - start) * 1000;
  for (const r of results) r.delete();
  if (i >= 50) samples.push(took);
}
samples.sort((a, b) => a - b);
console.log(samples[samples.length >> 1].toFixed(1));
process.exit(0);
