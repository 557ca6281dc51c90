// Runs the signature "classify" of a model by the names of its ports, in LiteRT's build for the web.
// node litert_signature.mjs PACKAGES MODEL INPUT OUTPUT: files of int8 values.
import fs from 'node:fs';
import {loadRuntime} from './litert_runtime.mjs';

const [, , packages, file, input, output] = process.argv;
const {loadAndCompile, Tensor} = await loadRuntime(packages);
const model = await loadAndCompile(new Uint8Array(fs.readFileSync(file)), {accelerator: 'wasm'});
const signature = model.signatures['classify'];
if (signature === undefined) {
  console.error(`${file}: there is no signature "classify", only: ${Object.keys(model.signatures)}`);
  process.exit(1);
}
const [details] = signature.getInputDetails();
const values = new Tensor(new Int8Array(fs.readFileSync(input)), [...details.shape]);
const results = await signature.run({picture_0: values});
fs.writeFileSync(output, Buffer.from((await results['class_0'].data()).slice().buffer));
process.exit(0);
