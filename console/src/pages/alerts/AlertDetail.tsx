import { Link } from 'react-router';
import type { Alert } from '../../api/alerts';
import { HistoryChart } from '../../components/charts/HistoryChart';
import { RangePicker } from '../../components/charts/RangePicker';
import { reasonText, thresholdText } from '../../format/alertValue';
import { useTimeRange } from '../../state/useTimeRange';
import { addressOfSeries } from './addressOfSeries';

/** The series of a rule with its threshold, and a link to the part that it is about. */
export function AlertDetail({ alert }: { alert: Alert }) {
  const time = useTimeRange();
  const part = addressOfSeries(alert.series);
  const reason = reasonText(alert);
  return (
    <div className="detail-text">
      {reason !== '' && <p>{reason}</p>}
      {part !== null && (
        <p>
          <Link to={part.to}>Show {part.label}</Link>
        </p>
      )}
      <RangePicker time={time} />
      <HistoryChart
        title={alert.series}
        series={[{ name: alert.series, label: alert.series }]}
        thresholds={[{ value: alert.threshold, label: thresholdText(alert) }]}
        time={time}
      />
    </div>
  );
}
