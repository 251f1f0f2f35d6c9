/** Shown while the first answer is awaited. */
export function Reading() {
  return (
    <p className="bw-reading soft" role="status">
      Reading…
    </p>
  );
}
