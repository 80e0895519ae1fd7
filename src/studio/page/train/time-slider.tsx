// How long a training may take: from a minute to as long as it takes.

interface TimeSliderProps {
  /** Seconds; undefined for as long as it takes. */
  readonly time: number | undefined;
  readonly onTime: (time: number | undefined) => void;
}

const MINUTE = 60;
const STOPS: readonly (number | undefined)[] = [1, 2, 3, 5, 10, 15, 30, 60, 120, 240, 480].map((minutes) => minutes * MINUTE);
const ALL = [...STOPS, undefined];

function inWords(time: number | undefined): string {
  if (time === undefined) return "as long as it takes";
  const minutes = time / MINUTE;
  if (minutes < 60) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  return minutes === 60 ? "1 hour" : `${minutes / 60} hours`;
}

export function TimeSlider({ time, onTime }: TimeSliderProps) {
  return (
    <label class="time">
      <span class="time-words">
        <span class="quiet">Train for</span> <strong>{inWords(time)}</strong>
      </span>
      <input
        type="range"
        min={0}
        max={ALL.length - 1}
        step={1}
        value={ALL.indexOf(time)}
        aria-valuetext={inWords(time)}
        onInput={(event) => onTime(ALL[Number(event.currentTarget.value)])}
      />
      <span class="time-ends quiet" aria-hidden="true">
        <span>1 minute</span>
        <span>as long as it takes</span>
      </span>
    </label>
  );
}
