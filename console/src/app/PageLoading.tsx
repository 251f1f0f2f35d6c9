/** The page while its code is loaded. */
export function PageLoading() {
  return <p className="page-loading soft">Opening the page…</p>;
}
