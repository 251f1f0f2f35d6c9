/** Skip links: the Tab key reaches them first. */
export function SkipLinks() {
  return (
    <ul className="skip-links">
      <li>
        <a href="#main">Skip to the metrics</a>
      </li>
      <li>
        <a href="#state">Skip to the state map</a>
      </li>
      <li>
        <a href="#messages">Skip to the messages</a>
      </li>
    </ul>
  );
}
