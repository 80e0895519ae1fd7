// The measurements as a page.

export function writeTable({ machine, options, clients, pictures, kilobytes, speed, ended, long }) {
  const losses = [...ended.losses, ...long.losses];
  return `# Serving a model

Machine: ${machine}. Command: \`node bench/serving/run.mjs --model <model> --photos <folder>\`.

\`thaw serve\`, ${clients} clients that keep their connections and send one photograph after another (${pictures} photographs of ${kilobytes.toFixed(0)} kB
on average), and the library in a process of its own with ${clients} callers of \`predict\` on the same bytes. The two take turns, ${options.seconds} s
each, ${options.rounds} rounds; clients and server share the cores.

| | | goal |
| --- | ---: | ---: |
| library, photographs per second | ${speed.library.toFixed(1)} | |
| server, photographs per second | ${speed.server.toFixed(1)} | |
| server's over library's, median of the rounds | ${speed.ratio.toFixed(2)} | 0.9 |
| milliseconds of a request, median of ${speed.requests} | ${speed.median.toFixed(0)} | |
| 99 % within, milliseconds | ${speed.p99.toFixed(0)} | |
| over the median | ${(speed.p99 / speed.median).toFixed(2)} | 3 |

${ended.stops} servers were ended by SIGTERM under load, and one served for ${options.minutes} minutes, loaded its model anew ${long.reloads} times, and was ended likewise:
${ended.requests + long.requests} requests, ${losses.length} lost${losses.length === 0 ? "" : ` (${[...new Set(losses)].join("; ")})`}. Memory of the long one, MB, in each sixth of
the time: ${long.sixths.map((mb) => mb.toFixed(0)).join(", ")}; ${long.most.toFixed(0)} at most.
`;
}
