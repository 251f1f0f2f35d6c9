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
