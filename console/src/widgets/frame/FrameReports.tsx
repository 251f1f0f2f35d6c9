import type { FrameReport } from './FrameSession';

const labels: Record<FrameReport['kind'], string> = {
  error: 'Error',
  violation: 'Blocked',
  refused: 'Refused',
};

/** Whether the widget stays broken in its frame: it threw, or lost its data. A blocked request alone breaks nothing. */
export function isFailure({ kind }: FrameReport): boolean {
  return kind !== 'violation';
}

/** What went wrong in the frame of a widget: errors, requests that the policy blocked, and data that was refused. Failures are shown open. */
export function FrameReports({ reports }: { reports: readonly FrameReport[] }) {
  const hasFailed = reports.some(isFailure);
  return (
    <details className="widget-reports" open={hasFailed}>
      <summary>
        {reports.length} {reports.length === 1 ? 'problem' : 'problems'}
      </summary>
      <ul>
        {reports.map(({ kind, text, count }) => (
          <li key={`${kind} ${text}`}>
            <strong>{labels[kind]}</strong> {text}
            {count > 1 && ` (${count} times)`}
          </li>
        ))}
      </ul>
    </details>
  );
}
