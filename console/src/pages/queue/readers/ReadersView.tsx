import { addresses } from '../../../app/addresses';
import { Link } from 'react-router';
import type { QueueDetail, QueueGroup, QueueReader, QueueRetention } from '../../../api/queues';
import { EmptyState } from '../../../components/page/EmptyState';
import { Facts } from '../../../components/page/Facts';
import { Panel } from '../../../components/page/Panel';
import type { Column } from '../../../components/table/columns';
import { DataTable } from '../../../components/table/DataTable';
import { circuitOf } from '../../../live/circuitOf';
import { useOverview } from '../../../live/LiveContext';
import { formatBytes, formatCount, formatSeconds } from '../../../format/number';

const readerColumns: readonly Column<QueueReader>[] = [
  { id: 'name', title: 'Reader', value: ({ name }) => name, cell: (reader) => <ReaderName reader={reader} />, show: 'always', width: 'minmax(10rem, 1fr)' },
  { id: 'kind', title: 'Kind', value: ({ kind }) => kind, width: '7rem' },
  { id: 'lag', title: 'Lag', kind: 'count', value: ({ lagMessages }) => lagMessages },
  { id: 'lagBytes', title: 'Lag bytes', kind: 'bytes', value: ({ lagBytes }) => lagBytes },
  { id: 'sequence', title: 'Next sequence', kind: 'number', value: ({ sequence }) => sequence },
  { id: 'held', title: 'Holds retention', kind: 'bytes', width: '8rem', value: ({ holdsRetention, heldBytes }) => (holdsRetention ? heldBytes : null) },
];

interface MemberRow {
  group: string;
  name: string;
  lagMessages: number | null;
}

const memberColumns: readonly Column<MemberRow>[] = [
  { id: 'group', title: 'Group', value: ({ group }) => group, show: 'always' },
  { id: 'name', title: 'Member', value: ({ name }) => name },
  { id: 'lag', title: 'Lag', kind: 'count', value: ({ lagMessages }) => lagMessages },
];

const pages: Record<string, (name: string) => string> = {
  adapter: addresses.adapter,
  pipeline: () => addresses.circuits,
  map: addresses.map,
  follower: () => addresses.replication,
  replica: () => addresses.replication,
  witness: () => addresses.witnesses,
};

function useAddress(kind: string, name: string): string | undefined {
  const { circuits } = useOverview();
  return kind === 'circuit' ? addresses.circuit(circuitOf(name, circuits)) : pages[kind]?.(name);
}

/** Who reads and writes the queue, how far behind, and what retention keeps. */
export function ReadersView({ queue }: { queue: QueueDetail }) {
  return (
    <div className="panels">
      <Panel id="readers" title="Readers" note="by lag">
        <DataTable
          name="readers"
          label="Readers"
          columns={readerColumns}
          rows={queue.readers}
          rowId={({ kind, name }) => `${kind} ${name}`}
          initialSort={{ id: 'lag', descending: true }}
          stateOf={({ holdsRetention }) => (holdsRetention ? 'degraded' : undefined)}
          empty={<EmptyState title="No named reader.">A tailer with a name, a group, a map, a pipeline, a circuit, or an adapter that sends the queue appears here.</EmptyState>}
        />
      </Panel>
      {queue.groups.length > 0 && (
        <Panel id="groups" title="Groups" note={queue.groups.map(({ name, lagMessages }) => `${name}${lagMessages === null ? '' : `: ${formatCount(lagMessages)} behind`}`).join(', ')}>
          <DataTable
            name="members"
            label="Members of groups"
            columns={memberColumns}
            rows={queue.groups.flatMap(membersOf)}
            rowId={({ group, name }) => `${group} ${name}`}
            empty={<EmptyState title="The groups have no members now.">A consumer becomes a member when it subscribes.</EmptyState>}
          />
        </Panel>
      )}
      <RetentionPanel retention={queue.retention} />
      <Panel id="writers" title="Writers">
        {queue.sources.length + queue.appenders.length === 0 ? (
          <EmptyState title="No process has the queue open for writing." />
        ) : (
          <ul className="plain-list">
            {queue.sources.map((source) => (
              <li key={source}>
                <SourceLink source={source} />
              </li>
            ))}
            {queue.appenders.map(({ name, pid }, index) => (
              <li key={`${name} ${pid ?? index}`}>
                {name} appender{pid === null ? '' : <span className="soft"> of process {pid}</span>}
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
}

function RetentionPanel({ retention }: { retention: QueueRetention }) {
  const { retainedBytes, maxAgeSeconds, heldBy, evictedSegments } = retention;
  return (
    <Panel id="retention" title="Retention">
      <Facts
        facts={[
          { label: 'Largest size', value: retainedBytes > 0 ? formatBytes(retainedBytes) : 'no limit' },
          { label: 'Longest age', value: maxAgeSeconds > 0 ? ageText(maxAgeSeconds) : 'no limit' },
          { label: 'Held by', value: heldBy.length === 0 ? 'nothing' : heldBy.join(', '), warn: heldBy.length > 0 },
          { label: 'Segments lost by readers', value: formatCount(evictedSegments), warn: evictedSegments > 0 },
        ]}
      />
    </Panel>
  );
}

function ReaderName({ reader: { kind, name } }: { reader: QueueReader }) {
  const address = useAddress(kind, name);
  return address === undefined ? <strong>{name}</strong> : <Link to={address}>{name}</Link>;
}

function SourceLink({ source }: { source: string }) {
  const [kind = '', name = ''] = source.split(':');
  const address = useAddress(kind, name);
  return address === undefined ? (
    <>{source}</>
  ) : (
    <>
      {kind} <Link to={address}>{name}</Link>
    </>
  );
}

function membersOf({ name: group, members }: QueueGroup): MemberRow[] {
  return members.map((member) => ({ group, ...member }));
}

const daySeconds = 86_400;

function ageText(seconds: number): string {
  return seconds >= 2 * daySeconds ? `${Math.round(seconds / daySeconds)} days` : formatSeconds(seconds);
}
