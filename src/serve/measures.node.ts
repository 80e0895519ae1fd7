// What a server counts, in the text format of Prometheus.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export interface Measures {
  /** A request was answered. */
  answered(path: string, status: number, seconds: number): void;
  /** A picture was predicted, or could not be read. */
  predicted(result: "predicted" | "unreadable"): void;
  /** The page for Prometheus, and its content type. */
  page(): Promise<{ readonly text: string; readonly type: string }>;
}

/** Seconds; a picture takes milliseconds, a full queue seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts from 0. `waiting` gives the pictures that are not answered yet. */
export function openMeasures(waiting: () => number): Measures {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "thaw_requests_total",
    help: "Requests by path and status.",
    labelNames: ["path", "status"],
    registers,
  });
  const seconds = new Histogram({
    name: "thaw_predict_seconds",
    help: "Seconds from a request for predictions to its answer.",
    buckets: BUCKETS,
    registers,
  });
  const pictures = new Counter({
    name: "thaw_pictures_total",
    help: "Pictures that were predicted, or could not be read.",
    labelNames: ["result"],
    registers,
  });
  new Gauge({
    name: "thaw_pictures_waiting",
    help: "Pictures that are not answered yet.",
    registers,
    collect() {
      this.set(waiting());
    },
  });
  return {
    answered(path, status, took) {
      requests.inc({ path, status });
      if (path === "/predict" && status === 200) seconds.observe(took);
    },
    predicted: (result) => pictures.inc({ result }),
    page: async () => ({ text: await registry.metrics(), type: registry.contentType }),
  };
}
