/** A skip link: the Tab key reaches it first. */
export function SkipLinks() {
  return (
    <p className="skip-links">
      <a href="#main">Skip to the content</a>
    </p>
  );
}
