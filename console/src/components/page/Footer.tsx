/** Links to the same data for programs. */
export function Footer() {
  return (
    <p className="rail-foot">
      The same data: <a href="/api/overview">overview</a> <a href="/metrics">metrics</a> <a href="/health">health</a>
    </p>
  );
}
