import { fetchTokens, type AccessToken } from '../../api/access';
import { EmptyState } from '../../components/page/EmptyState';
import { Panel } from '../../components/page/Panel';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { useFetch } from '../../live/useFetch';
import { tokenState } from './tokenState';

const columns: readonly Column<AccessToken>[] = [
  { id: 'name', title: 'Token', value: ({ name }) => name, show: 'always', width: 'minmax(8rem, 14rem)' },
  { id: 'state', title: 'State', kind: 'state', value: (token) => tokenState(token, Date.now()), width: '9rem' },
  { id: 'role', title: 'Role', value: ({ role }) => role, width: '6.5rem' },
  { id: 'scopes', title: 'Reaches', kind: 'list', value: ({ scopes }) => (scopes.length === 0 ? ['all that its role allows'] : scopes), width: 'minmax(12rem, 3fr)' },
  { id: 'expires', title: 'Expires', kind: 'time', value: ({ expiresAt }) => expiresAt, cell: ({ expiresAt }) => (expiresAt === null ? 'never' : undefined) },
  { id: 'created', title: 'Created', kind: 'time', value: ({ createdAt }) => createdAt },
];

/** The access tokens of the host. Their secrets never leave the token file. */
export function TokenTable() {
  const { data, error, reload } = useFetch(fetchTokens);
  return (
    <Panel id="tokens" title="Tokens" note="secrets are never shown">
      <DataTable
        name="tokens"
        label="Tokens"
        columns={columns}
        rows={data}
        rowId={({ name, createdAt }) => `${name} ${createdAt}`}
        stateOf={(token) => tokenState(token, Date.now())}
        initialSort={{ id: 'name', descending: false }}
        error={error}
        onRetry={reload}
        empty={
          <EmptyState title="The host has no token.">
            Create a token with <code>estream token new --role viewer --name NAME</code>.
          </EmptyState>
        }
      />
    </Panel>
  );
}
