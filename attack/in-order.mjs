// Numbered cases, some at a time.

/**
 * Does the cases `first` to `end` by `work(i, job)`, `jobs` at a time, starting none when `isTime` says no, and gives each result to `done` in
 * the order of the cases.
 */
export async function inOrder({ first, end, jobs, isTime, work }, done) {
  const results = new Map();
  let [next, told] = [first, first];
  const worker = async (job) => {
    while (next < end && isTime()) {
      const i = next++;
      results.set(i, await work(i, job));
      for (; results.has(told); told++) {
        done(told, results.get(told) ?? {});
        results.delete(told);
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, (_, job) => worker(job)));
}
