import { Suspense, useMemo, useState } from 'react';
import { hostNow } from '../../api/hostClock';
import { withDefaults } from '../dashboard/configForm';
import { WidgetBoundary } from '../dashboard/WidgetBoundary';
import type { BuiltinWidget } from '../types';

const spanMs = 900_000;

/** A built-in widget with its defaults over the last 15 minutes, as large as it would be and drawn smaller. It takes no input. */
export function BuiltinPreview({ widget }: { widget: BuiltinWidget }) {
  const config = useMemo(() => withDefaults(widget.configSchema, {}), [widget]);
  const [time] = useState(() => ({ from: hostNow() - spanMs, to: hostNow(), isLive: true, isPaused: false }));
  return (
    <div className="picker-preview" inert>
      <div className="picker-live">
        <WidgetBoundary>
          <Suspense fallback={<p className="widget-waiting soft">Loading…</p>}>
            <widget.Component config={config} time={time} />
          </Suspense>
        </WidgetBoundary>
      </div>
    </div>
  );
}
