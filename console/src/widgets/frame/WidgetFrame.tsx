import { EmptyState } from '../../components/page/EmptyState';
import { shortenMiddle } from '../../format/shorten';
import '../../styles/widgets.css';
import { FrameReports, isFailure } from './FrameReports';
import { useFrame, type FrameOptions } from './useFrame';

interface Props extends Omit<FrameOptions, 'title'> {
  /** Unique on the page, such as the id of the placement on a dashboard. */
  instance: string;
  /** The title of this placement; null for the title of the widget. */
  title?: string | null;
}

/** The title that the page shows for each reason to stop a frame. */
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
 * A widget of a component in a frame that communicates only with this page. The border and the bar with the name, the tier and the signer
 * are outside of the frame, so that a widget cannot pretend to be the console.
 */
export function WidgetFrame({ widget, instance, title = null, ...rest }: Props) {
  const shown = title ?? widget.title;
  const { ref, life, status, reload } = useFrame({ widget, title: shown, ...rest });
  const { stop, reports, phase } = status;
  const hasFailed = stop !== null || reports.some(isFailure);
  return (
    <section className="widget" aria-labelledby={`widget-${instance}`} data-phase={phase}>
      <div className="widget-bar">
        <span id={`widget-${instance}`} className="widget-title">
          {shown}
        </span>
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
        <iframe key={life} ref={ref} className="widget-frame" title={shown} sandbox="allow-scripts" allow="" src="/widgets/frame" />
      ) : (
        <EmptyState title={stopTitles[stop.kind]}>{stop.text}</EmptyState>
      )}
      {widget.circuits.length > 0 && <p className="widget-note">Needs the circuits {widget.circuits.join(', ')} in the configuration of the host.</p>}
      {reports.length > 0 && <FrameReports reports={reports} />}
    </section>
  );
}
