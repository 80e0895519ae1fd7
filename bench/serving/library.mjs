// The library as a process of its own, beside which the server is measured: each line on its input is a number of seconds, and it answers with the
// photographs per second that callers got who each ask for one after another. Arguments: model, folder of photographs, how many of them, callers.

import { createInterface } from "node:readline";
import { loadClassifier } from "../../dist/classifier/index.js";
import { picturesIn } from "./pictures.mjs";

const [model, folder, count, callers] = process.argv.slice(2);
const pictures = picturesIn(folder, Number(count));
const classifier = await loadClassifier(model);
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [start, end] = [performance.now(), performance.now() + 1000 * Number(line)];
  let done = 0;
  const caller = async () => {
    while (performance.now() < end) {
      await classifier.predict(pictures[done % pictures.length]);
      done++;
    }
  };
  await Promise.all(Array.from({ length: Number(callers) }, caller));
  console.log(JSON.stringify({ perSecond: (1000 * done) / (performance.now() - start) }));
}
await classifier.dispose();
