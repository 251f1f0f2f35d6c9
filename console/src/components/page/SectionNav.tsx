/** Links to the sections, which are stacked on a narrow screen. */
export function SectionNav({ pipelines, circuits, witnesses, multicast, replicas, cards }: Record<'pipelines' | 'circuits' | 'witnesses' | 'multicast' | 'replicas' | 'cards', boolean>) {
  return (
    <nav className="section-nav" aria-label="Sections">
      <a href="#rates">Rates</a>
      <a href="#adapters">Adapters</a>
      {pipelines && <a href="#pipelines">Pipelines</a>}
      {circuits && <a href="#circuits">Circuits</a>}
      {witnesses && <a href="#witnesses">Witnesses</a>}
      {multicast && <a href="#multicast">Multicast</a>}
      {replicas && <a href="#replicas">Replicas</a>}
      {cards && <a href="#cards">Cards</a>}
      <a href="#audit">Audit</a>
      <a href="#state">State</a>
      <a href="#messages">Messages</a>
    </nav>
  );
}
