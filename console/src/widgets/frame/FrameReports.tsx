import type { FrameReport } from './FrameSession';

const labels: Record<FrameReport['kind'], string> = {
  error: 'Error',
  violation: 'Blocked',
  refused: 'Refused',
};

/** What went wrong in the frame of a widget: errors, requests that the policy blocked, and data that was refused. */
export function FrameReports({ reports }: { reports: readonly FrameReport[] }) {
  return (
    <details className="widget-reports">
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
