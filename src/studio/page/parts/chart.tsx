// A chart in the page's colours, as wide as its place. What draws charts loads with the first one.

import { useEffect, useRef, useState } from "preact/hooks";
import { type Chart, loadCharts } from "../../../chart/chart.ts";

const loaded = { charts: false };

/** `height` keeps the place free until the chart is there. */
export function ChartView({ chart, height }: { readonly chart: Chart; readonly height: number }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [ready, setReady] = useState(loaded.charts);
  useEffect(() => {
    loadCharts().then(
      () => {
        loaded.charts = true;
        setReady(true);
      },
      () => setReady(false),
    );
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    if (place.current) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  const svg = ready && width > 0 ? chart.svg("page", Math.min(width, 900)) : "";
  return <div ref={place} class="chart" style={{ minHeight: `${height}px` }} dangerouslySetInnerHTML={{ __html: svg }} />;
}
