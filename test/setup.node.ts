// A warning of Node's (a deprecated call, a leak of listeners) fails the run.

process.on("warning", (warning) => {
  throw warning;
});
