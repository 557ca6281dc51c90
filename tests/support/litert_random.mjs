// Compares what limpid computes with LiteRT's build for the web, operator by operator, on models that make_random wrote.
// node litert_random.mjs PACKAGES LIMPID FOLDER: of every FOLDER/N.tflite all outputs are computed by both, by limpid in both
// roundings. An operator counts where all its inputs are the same; each of its values must be the one of either rounding, or as
// near as `near` says. The last line of output counts what was compared.
import fs from 'node:fs';
import path from 'node:path';
import {execFileSync} from 'node:child_process';
import {loadRuntime, messages} from './litert_runtime.mjs';

const [, , packages, limpid, folder] = process.argv;
const {loadAndCompile, Tensor} = await loadRuntime(packages);

const arrays = {int8: Int8Array, uint8: Uint8Array, int16: Int16Array, int32: Int32Array, int64: BigInt64Array,
                float32: Float32Array};

// Where LiteRT computes otherwise than TensorFlow Lite Micro, from the operator's code and the types of input and output: how far
// apart both may be, and why.
const near = {
  '3 int8 int8': 1,         // XNNPACK scales sums in float32
  '4 int8 int8': 1,         // the same
  '9 int8 int8': 1,         // the same
  '67 int8 int8': 1,        // the same
  '126 int8 int8': 1,       // the same
  '9 int16 int16': 1,       // the factor has 31 bits, in TensorFlow Lite Micro 15
  '14 int8 int8': 3,        // a table of the exact function, there a polynomial that ends early at coarse scales
  '23 int8 int8': 2,        // places between pixels have 11 bits behind the point, there 10
  '25 int8 int8': 1,        // a table of exact exponentials
  '50 int8 int8': 1,        // the same
  '98 int8 int8': 1,        // factors of XNNPACK have fewer bits
  '98 int16 int16': 1,      // halves
  '114 int8 int8': 1,       // factors of XNNPACK have fewer bits
  '114 uint8 uint8': 1,     // the same
  '114 float32 int16': 1,   // halves: there a division, here a product
};

// Models that this build of LiteRT can't run, by what it says.
const refusals = [
  /has_bias was not true/,                                   // CONV_2D without bias
  /scale_diff \/ output_scale/,                              // biases whose scale is not that of the products
  /only defined for (non-negative|positive) values/,         // SQRT, RSQRT
  /Non-contiguous `axes`/,                                   // REVERSE_V2
  /quantize\.cc.*output->type == kTfLiteInt/,                // QUANTIZE from int16 to uint8
  /litert_compiled_model_next\.h/,                           // BROADCAST_TO
];

const read = (name) => new Uint8Array(fs.readFileSync(path.join(folder, name))).buffer;

async function outputsOfLitert(name, inputs) {
  messages.length = 0;
  const errors = () => messages.filter((text) => /ERROR/.test(text)).join(' ');
  try {
    const model = await loadAndCompile(new Uint8Array(read(name + '.tflite')), {accelerator: 'wasm'});
    const details = model.getInputDetails();
    const results = await model.run(inputs.map((data, i) => new Tensor(data, [...details[i].shape])));
    const all = [];
    for (const r of results) all.push((await r.data()).slice());
    model.delete();
    return errors() === '' ? {all} : {why: errors()};
  } catch (e) {
    return {why: e.message + errors()};
  }
}

function outputsOfLimpid(name, description, rounding) {
  const to = path.join(folder, 'out.bin');
  const inputs = description.inputs.flatMap((_, i) => ['-i', path.join(folder, `${name}.${i}.bin`)]);
  execFileSync(limpid, ['run', '--raw', '--keep-dead', '--rounding', rounding, ...inputs, '-o', to,
                        path.join(folder, name + '.tflite')], {stdio: ['ignore', 'ignore', 'inherit']});
  const several = description.outputs.length > 1;
  return description.outputs.map((o, i) => new arrays[o.type](read(several ? `out-${i}.bin` : 'out.bin')));
}

function compare(op, type, expected, single, double, name) {
  const most = near[`${op.code} ${op.inputs[0].type} ${type}`] ?? 0;
  if (expected.length !== single.length)
    throw new Error(`${name}.tflite: operator ${op.code} gives ${single.length} values, LiteRT ${expected.length}`);
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(expected[i], single[i]) || Object.is(expected[i], double[i])) continue;
    const apart = Math.min(...[single, double].map((own) => Math.abs(Number(own[i]) - Number(expected[i]))));
    if (!(apart <= most))
      throw new Error(`${name}.tflite: value ${i} of operator ${op.code} is ${single[i]} or ${double[i]}, of LiteRT ` +
                      `${expected[i]}; at most ${most} apart is allowed`);
  }
  return expected.every((e, i) => Object.is(e, single[i]) && Object.is(e, double[i]));
}

const counts = {};
let refused = 0;
let values = 0;
const names = fs.readdirSync(folder).filter((f) => f.endsWith('.tflite')).map((f) => f.slice(0, -'.tflite'.length));
for (const name of names.sort((a, b) => a - b)) {
  const description = JSON.parse(fs.readFileSync(path.join(folder, name + '.json'), 'utf8'));
  const inputs = description.inputs.map((t, i) => new arrays[t.type](read(`${name}.${i}.bin`)));
  const litert = await outputsOfLitert(name, inputs);
  const own = ['single', 'double'].map((rounding) => outputsOfLimpid(name, description, rounding));
  if (litert.why !== undefined) {
    if (!refusals.some((r) => r.test(litert.why))) throw new Error(`${name}.tflite: LiteRT says: ${litert.why}`);
    refused++;
    continue;
  }
  const at = new Map(description.outputs.map((o, i) => [o.tensor, i]));
  const same = new Set(description.inputs.map((t) => t.tensor));
  for (const op of description.ops) {
    if (!op.inputs.every((t) => same.has(t.tensor))) continue;
    for (const o of op.outputs.filter((t) => at.has(t.tensor))) {
      const i = at.get(o.tensor);
      if (compare(op, o.type, litert.all[i], own[0][i], own[1][i], name)) same.add(o.tensor);
      const kind = `${op.code} ${op.inputs[0].type}`;
      counts[kind] = (counts[kind] ?? 0) + 1;
      values += litert.all[i].length;
    }
  }
}
const seen = Object.keys(counts);
console.log(`${names.length} models, ${refused} of them not by LiteRT; ${values} values of ${seen.length} kinds of operators`);
process.exit(0);
