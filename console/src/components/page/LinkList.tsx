import { Fragment, type ReactNode } from 'react';
import { Link } from 'react-router';
import { addresses } from '../../app/addresses';

/** Facts with their labels. A fact whose value is '' is left out. */
export function LinkList({ rows }: { rows: readonly (readonly [label: string, value: ReactNode])[] }) {
  return (
    <dl className="link-list">
      {rows
        .filter(([, value]) => value !== '')
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Links to queues, separated by commas; `none` if there are none. */
export function queueLinks(names: readonly string[], none = ''): ReactNode {
  return names.length === 0
    ? none
    : names.map((name, index) => (
        <Fragment key={name}>
          {index > 0 && ', '}
          <Link to={addresses.queue(name)}>{name}</Link>
        </Fragment>
      ));
}
