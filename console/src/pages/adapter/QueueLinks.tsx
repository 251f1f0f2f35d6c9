import { Fragment } from 'react';
import { Link } from 'react-router';
import type { AdapterDetail } from '../../api/adapters';
import { addresses } from '../../app/addresses';

/** The queues that an adapter appends to and sends, and where refused messages are. */
export function QueueLinks({ adapter: { queues, deadLetters, egress } }: { adapter: AdapterDetail }) {
  const rows: [string, readonly string[]][] = [
    ['Appends to', queues],
    ['Sends', egress],
    ['Dead letters', deadLetters === '' ? [] : [deadLetters]],
  ];
  return (
    <dl className="link-list">
      {rows
        .filter(([, names]) => names.length > 0)
        .map(([label, names]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {names.map((name, index) => (
                <Fragment key={name}>
                  {index > 0 && ', '}
                  <Link to={addresses.queue(name)}>{name}</Link>
                </Fragment>
              ))}
            </dd>
          </div>
        ))}
    </dl>
  );
}
