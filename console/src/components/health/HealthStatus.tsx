import { useCallback, useRef, useState } from 'react';
import type { Connection } from '../../live/connection';
import type { Level } from '../../live/troubles';
import { useHealth } from '../../live/useHealth';
import { useDismiss } from '../page/useDismiss';
import { StateMark } from '../states/StateMark';
import { TroubleList } from './TroubleList';

const words: Record<Level, string> = {
  healthy: 'Healthy',
  degraded: 'Degraded',
  unhealthy: 'Unhealthy',
  starting: 'Starting',
  stopping: 'Stopping',
  standby: 'Standby',
  unknown: 'Connected',
};

const connectionWords: Record<Exclude<Connection['phase'], 'live'>, string> = {
  connecting: 'Connecting',
  waiting: 'Reconnecting',
  retrying: 'Reconnecting',
};

/** The state of the host in one word. With problems, the word opens their list. */
export function HealthStatus({ connection }: { connection: Connection }) {
  const { level, troubles } = useHealth();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const close = useCallback(() => setOpen(false), []);
  useDismiss(box, open, close);

  if (connection.phase !== 'live') {
    return (
      <p className="health" data-phase={connection.phase}>
        <StateMark state={connection.phase === 'connecting' ? 'off' : 'degraded'} />
        {connectionWords[connection.phase]}
      </p>
    );
  }
  const mark = level === 'healthy' || level === 'degraded' || level === 'unhealthy' ? level : level === 'standby' ? 'paused' : 'off';
  if (troubles.length === 0) {
    return (
      <p className="health" data-phase="live" data-level={level}>
        <StateMark state={mark} />
        {words[level]}
      </p>
    );
  }
  return (
    <div className="health-box" ref={box}>
      <button type="button" className="health button" data-phase="live" data-level={level} aria-expanded={open} aria-controls="health-list" onClick={() => setOpen(!open)}>
        <StateMark state={mark} />
        {words[level]}
        <span className="health-count">{troubles.length}</span>
        <span className="visually-hidden">{troubles.length === 1 ? 'problem' : 'problems'}</span>
      </button>
      <div id="health-list" className="health-list" hidden={!open}>
        {open && <TroubleList troubles={troubles} onFollow={close} />}
      </div>
    </div>
  );
}
