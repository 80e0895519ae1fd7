// Activations that lie in memory, as the learner's batches take them.

/** The rows `all` [items, ...itemShape], to be taken by index. */
export function inMemory(all, itemShape) {
  const size = itemShape.reduce((product, length) => product * length, 1);
  return {
    itemShape,
    async rows(indices) {
      const rows = new Float32Array(indices.length * size);
      for (const [row, index] of indices.entries()) rows.set(all.subarray(index * size, (index + 1) * size), row * size);
      return { type: "float32", shape: [indices.length, ...itemShape], data: rows };
    },
  };
}
