import { useCallback } from 'react';
import { Link } from 'react-router';
import { attestationHref, fetchAttestations } from '../../../api/client';
import { addresses } from '../../../app/addresses';
import { EmptyState } from '../../../components/page/EmptyState';
import { TimeText } from '../../../components/page/TimeText';
import { markOf, StateMark } from '../../../components/states/StateMark';
import { formatCount } from '../../../format/number';
import { shortenMiddle } from '../../../format/shorten';
import type { BuiltinProps } from '../../types';
import { Answer } from '../shared/Answer';
import { numberIn, textIn } from '../shared/config';
import { useHeldOverview } from '../shared/useHeld';
import { useWidgetFetch } from '../shared/useWidgetFetch';
import { WidgetBody } from '../shared/WidgetBody';
import { WidgetTable, type WidgetColumn } from '../shared/WidgetTable';
import { addedMessages, attestationRows, rowBounds, type AttestationRow } from './attestationRows';

/** The newest attestations of a queue and the state of its witness. */
export default function AttestationsWidget({ config, time }: BuiltinProps) {
  const { witnesses } = useHeldOverview(time.isPaused);
  const queue = textIn(config, 'queue') || (witnesses[0]?.name ?? '');
  const rows = numberIn(config, 'rows', rowBounds);
  const witness = witnesses.find(({ name }) => name === queue);
  const load = useCallback((signal: AbortSignal) => fetchAttestations(queue, rows, signal), [queue, rows]);
  const fetched = useWidgetFetch(witness === undefined ? null : load, time);
  return (
    <WidgetBody
      name="attestations"
      head={
        witness !== undefined && (
          <>
            <Link to={addresses.queue(queue)}>{queue}</Link>
            <span className="cell-state">
              <StateMark state={markOf(witness.state)} />
              witness {witness.state}
            </span>
            <span>
              {formatCount(witness.attestedTotal)} messages attested, {formatCount(witness.waiting)} waiting
            </span>
          </>
        )
      }
    >
      {witness !== undefined && witness.detail !== '' && <p className="bw-warn">{witness.detail}</p>}
      {witness === undefined ? (
        <EmptyState title={queue === '' ? 'No queue has a witness.' : `Queue ${queue} has no witness.`}>
          Set <code>Estream:Queues:{queue === '' ? 'NAME' : queue}:Witness:KeyFile</code> to attest the messages of a queue.
        </EmptyState>
      ) : (
        <Answer what={`The attestations of ${queue}`} fetched={fetched}>
          {(found) =>
            found.length === 0 ? (
              <EmptyState title={`Queue ${queue} has no attestation yet.`}>The witness signs one after the next messages.</EmptyState>
            ) : (
              <List queue={queue} rows={attestationRows(found)} />
            )
          }
        </Answer>
      )}
    </WidgetBody>
  );
}

function List({ queue, rows }: { queue: string; rows: readonly AttestationRow[] }) {
  const columns: readonly WidgetColumn<AttestationRow>[] = [
    {
      id: 'number',
      title: 'Number',
      kind: 'count',
      value: ({ number }) => number,
      cell: ({ number }) => (
        <a href={attestationHref(queue, number)} download title="Download the signed attestation">
          {formatCount(number)}
        </a>
      ),
    },
    { id: 'signed', title: 'Signed', kind: 'time', value: ({ signedAt }) => signedAt, cell: ({ signedAt }) => <TimeText at={signedAt} /> },
    { id: 'messages', title: 'Messages', kind: 'count', value: ({ messages }) => messages },
    { id: 'added', title: 'New', kind: 'count', minor: true, value: (row) => addedMessages(rows, rows.indexOf(row)) },
    {
      id: 'order',
      title: 'Order',
      kind: 'state',
      value: ({ order }) => order,
      cell: ({ order }) => (
        <span className="cell-state">
          <StateMark state={order === 'in order' ? 'healthy' : order === 'out of order' ? 'unhealthy' : 'off'} />
          {order}
        </span>
      ),
    },
    { id: 'root', title: 'Root', minor: true, value: ({ root }) => root, cell: ({ root }) => <code title={root}>{shortenMiddle(root, 16)}</code> },
  ];
  return <WidgetTable label={`Newest attestations of ${queue}`} columns={columns} rows={rows} rowId={({ number }) => String(number)} stateOf={({ order }) => (order === 'out of order' ? 'unhealthy' : undefined)} />;
}
