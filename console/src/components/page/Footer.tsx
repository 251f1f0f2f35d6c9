/** The same figures for machines. */
export function Footer() {
  return (
    <footer className="footer">
      <p>
        The same figures: <a href="/api/overview">overview</a> <a href="/metrics">metrics</a> <a href="/health">health</a>
      </p>
    </footer>
  );
}
