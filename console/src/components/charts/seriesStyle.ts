/** The style of the n-th queue's line. Width and dash differ first, so that lines can be told apart without colour. */
interface SeriesStyle {
  /** The CSS custom property that holds the colour. */
  colour: '--accent' | '--ink' | '--ink-soft';
  width: number;
  dash: number[];
}

const styles: readonly SeriesStyle[] = [
  { colour: '--accent', width: 2, dash: [] },
  { colour: '--ink', width: 1.5, dash: [6, 3] },
  { colour: '--ink-soft', width: 1.5, dash: [2, 3] },
  { colour: '--ink', width: 1, dash: [] },
  { colour: '--ink-soft', width: 1, dash: [8, 3, 2, 3] },
];

export function seriesStyle(index: number): SeriesStyle {
  return styles[index % styles.length]!;
}
