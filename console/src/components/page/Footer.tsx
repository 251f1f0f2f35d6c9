import { TimeSwitch } from './TimeSwitch';

/** The end of the navigation: how times are shown, and links to the same data for programs. */
export function Footer() {
  return (
    <div className="rail-foot">
      <TimeSwitch />
      <p>
        The same data: <a href="/api/overview">overview</a> <a href="/metrics">metrics</a> <a href="/health">health</a>
      </p>
    </div>
  );
}
