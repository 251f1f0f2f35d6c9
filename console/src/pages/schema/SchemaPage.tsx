import { useCallback, type ReactNode } from 'react';
import { useParams } from 'react-router';
import { fetchSchema, type SchemaDetail, type SchemaField } from '../../api/schemas';
import { Page } from '../../app/Page';
import { AnswerError } from '../../components/page/AnswerError';
import { CopyButton } from '../../components/page/CopyButton';
import { LinkList, queueLinks } from '../../components/page/LinkList';
import { Panel } from '../../components/page/Panel';
import type { Column } from '../../components/table/columns';
import { DataTable } from '../../components/table/DataTable';
import { useFetch } from '../../live/useFetch';
import { flatFields } from './flatFields';
import { privacyOf } from './privacy';

const columns: readonly Column<SchemaField>[] = [
  { id: 'name', title: 'Field', value: ({ name }) => name, show: 'always', width: 'minmax(9rem, 14rem)', sortable: false },
  { id: 'type', title: 'Type', value: ({ type }) => type, cell: typeOf, width: 'minmax(9rem, 16rem)', sortable: false },
  { id: 'presence', title: 'Presence', value: ({ isOptional }) => (isOptional ? 'optional' : 'required'), width: '6rem', sortable: false },
  { id: 'privacy', title: 'Privacy', value: privacyOf, width: 'minmax(8rem, 16rem)', sortable: false },
  { id: 'description', title: 'Description', value: ({ description }) => description, width: 'minmax(14rem, 3fr)', sortable: false },
];

/** One schema: its fields in order, their types and who can read private values. */
export default function SchemaPage() {
  const { name = '' } = useParams();
  const { data, error, reload } = useFetch(useCallback((signal: AbortSignal) => fetchSchema(name, signal), [name]));
  return (
    <Page title={data?.name ?? name} note={data?.namespace}>
      {data !== null ? <Content schema={data} /> : error !== null && <AnswerError what={`Schema ${name}`} error={error} onRetry={reload} />}
    </Page>
  );
}

function Content({ schema }: { schema: SchemaDetail }) {
  const fields = flatFields(schema.fields);
  const hidden = fields.filter((field) => field.isPrivate || field.isTokenized).length;
  return (
    <>
      <div className="page-top">
        {schema.description !== '' && <p>{schema.description}</p>}
        <LinkList
          rows={[
            [
              'Id',
              <>
                <code>{schema.id}</code> <CopyButton text={schema.id} what="schema id" />
              </>,
            ],
            ['Origin', schema.isBuiltIn ? 'built in' : 'file of the host'],
            ['Pattern', schema.pattern],
            ['Address', schema.path],
            ['Lattice', schema.lattice],
            ['Queues', queueLinks(schema.queues, 'none configured')],
          ]}
        />
      </div>
      <Panel id="fields" title="Fields" note={hidden === 0 ? 'no private field' : `${hidden} sealed or tokenized`}>
        <DataTable name="schema-fields" label="Fields" columns={columns} rows={fields} rowId={({ name }) => name} empty={null} />
      </Panel>
    </>
  );
}

/** The type, and the values of an enum. */
function typeOf({ type, values }: SchemaField): ReactNode {
  return (
    <>
      <code>{type}</code>
      {values.length > 0 && <span className="soft"> {values.join(' | ')}</span>}
    </>
  );
}
