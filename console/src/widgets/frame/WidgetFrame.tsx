import { EmptyState } from '../../components/page/EmptyState';
import { shortenMiddle } from '../../format/shorten';
import '../../styles/widgets.css';
import { FrameReports, isFailure } from './FrameReports';
import { useFrame, type FrameOptions } from './useFrame';

/** What the page says about each way a frame ends. */
const stopTitles = {
  flooding: 'The widget has sent too many messages.',
  hung: 'The widget does not answer.',
  memory: 'The widget uses too much memory.',
  navigated: 'The widget has left its frame.',
  'not isolated': 'The widget was not started.',
  invalid: 'The widget has sent a message that is not valid.',
  failed: 'The widget could not be loaded.',
};

/**
 * A widget of a component in a frame that can reach nothing but this page. The border and the bar with the tier and the signer
 * are outside of the frame, so that a widget cannot pretend to be the console.
 */
export function WidgetFrame(options: FrameOptions) {
  const { widget, title } = options;
  const { ref, life, status, reload } = useFrame(options);
  const { stop, reports, phase } = status;
  const hasFailed = stop !== null || reports.some(isFailure);
  return (
    <div className="widget" data-phase={phase}>
      <div className="widget-bar">
        <span className="widget-tier" data-tier={widget.tier ?? 'none'}>
          {widget.tier ?? 'no tier'}
        </span>
        <span className="widget-trust" title={`${widget.id} ${widget.version}, signed by ${widget.keyId}`}>
          {widget.id} {widget.version}, signed by {shortenMiddle(widget.keyId)}
        </span>
        {hasFailed && (
          <button type="button" className="button button-small" onClick={reload}>
            Reload
          </button>
        )}
      </div>
      {stop === null ? (
        <iframe key={life} ref={ref} className="widget-frame" title={title} sandbox="allow-scripts" allow="" src="/widgets/frame" />
      ) : (
        <EmptyState title={stopTitles[stop.kind]}>{stop.text}</EmptyState>
      )}
      {widget.circuits.length > 0 && <p className="widget-note">Needs the circuits {widget.circuits.join(', ')} in the configuration of the host.</p>}
      {reports.length > 0 && <FrameReports reports={reports} />}
    </div>
  );
}
