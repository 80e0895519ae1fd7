// Does a row's work in a worker, where thaw trains: opens it, and then runs it as often as asked.

let work;

addEventListener("message", async ({ data: { module, args, count } }) => {
  try {
    if (module) work = await (await import(/* @vite-ignore */ module)).openWork(...args);
    const start = performance.now();
    for (let i = 0; i < count; i++) await work.run();
    postMessage({ milliseconds: performance.now() - start });
  } catch (error) {
    postMessage({ error: String(error?.stack ?? error) });
  }
});
