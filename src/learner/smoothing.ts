// The running loss that training shows.

/** An exponential moving average with bias correction, as fastai shows its training loss: β = 0.98. Returns the average after each value. */
export function smoother(beta = 0.98): (value: number) => number {
  let average = 0;
  let steps = 0;
  return (value) => {
    average = beta * average + (1 - beta) * value;
    steps++;
    return average / (1 - beta ** steps);
  };
}
