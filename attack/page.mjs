// The page docs/attacks.md: what was tried, how often, and what became of it.

/** The page from the results of the attacks. */
export function page(attacks, results) {
  const rows = attacks.map(({ name, title, unit, expected }) => {
    const { count = 0, of, failures = 0 } = results[name] ?? {};
    const share = of === undefined ? "0" : `${grouped(count)} of ${grouped(of)}`;
    return `| ${title} | ${expected} | ${share} ${unit} | ${failures} |`;
  });
  const where = attacks.flatMap(({ name, title }) =>
    (results[name]?.parts ?? []).map(
      ({ count, machine, node, commit, date, seconds }) =>
        `| ${title} | ${grouped(count)} | ${machine}; node ${node} | ${commit}, ${date} | ${(seconds / 60).toFixed(0)} min |`,
    ),
  );
  const notes = attacks.flatMap(({ name, title, noteOf = (what, value) => `${what}: ${value}` }) =>
    Object.entries(results[name]?.notes ?? {}).map(([what, value]) => `- ${title}, ${noteOf(what, value)}`),
  );
  const examples = attacks.flatMap(({ name, title }) =>
    (results[name]?.examples ?? []).slice(0, 5).map(({ failure }) => `- ${title}: ${failure.split("\n")[0].slice(0, 160)}`),
  );
  return `# Attacks

What happens to files, runs and memory when everything goes wrong at once. \`npm run attack\` makes this
page: it kills processes, fails system calls, feeds parsers with damaged files, lies like a server, and
trains and predicts for a long time. It goes on where the last call stopped; \`npm run attack -- calls
--minutes 120\` continues one attack, \`--jobs\` does several cases at a time, \`--again\` starts anew,
\`--seed\` draws other cases, and \`--quick\` does a few of each, for CI. Linux, with a C compiler for the
failing system calls.

| attack | what must hold | tried | failed |
| --- | --- | ---: | ---: |
${rows.join("\n")}

## Where and when

Other work ran on these machines at the same time.

| attack | tried | machine | commit | time |
| --- | ---: | --- | --- | ---: |
${where.join("\n")}
${notes.length > 0 ? `\n## Measured\n\n${notes.join("\n")}\n` : ""}
## What failed

${examples.length > 0 ? examples.join("\n") : "Nothing."}

A failure is mended, with a test, before its attack goes on or begins anew; then it is no longer counted here. Of
every hundred damaged inputs one is looked at for the code that it reaches (at least 250 of each process); the others
are damaged copies of those that reached more.

Inputs that once broke a parser are in \`attack/fuzz/found\`, and the tests try them again.
`;
}

function grouped(number) {
  return number.toLocaleString("en-US");
}
