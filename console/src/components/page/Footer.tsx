/** Links to the same data for programs. */
export function Footer() {
  return (
    <footer className="footer">
      <p>
        The same data: <a href="/api/overview">overview</a> <a href="/metrics">metrics</a> <a href="/health">health</a>
      </p>
    </footer>
  );
}
