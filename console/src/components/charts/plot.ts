import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** Creates a chart that has the size of its element until `stop` is called. */
export function mountPlot(element: HTMLElement, options: Omit<uPlot.Options, 'width' | 'height'>): { chart: uPlot; stop: () => void } {
  const size = () => ({ width: Math.max(element.clientWidth, 1), height: Math.max(element.clientHeight, 1) });
  const chart = new uPlot({ ...options, ...size() }, [[]], element);
  const resize = new ResizeObserver(() => chart.setSize(size()));
  resize.observe(element);
  return {
    chart,
    stop: () => {
      resize.disconnect();
      chart.destroy();
    },
  };
}

/** Returns the options that the axes of all charts share, with the colours of the style sheet. */
export function axisOf(host: HTMLElement, colour: (property: string) => string): uPlot.Axis & { font: string } {
  return { font: `11px ${getComputedStyle(host).fontFamily}`, stroke: colour('--ink-soft'), grid: { stroke: colour('--rule'), width: 1 }, ticks: { show: false } };
}

/** A canvas needs resolved colours. A custom property may hold `light-dark(…)`, so an element resolves it. */
export function colourReader(host: HTMLElement): (property: string) => string {
  return (property) => {
    const probe = document.createElement('span');
    probe.style.color = `var(${property})`;
    host.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };
}
