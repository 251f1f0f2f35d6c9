import { fetchConfiguration, settingsOf } from '../../api/configuration';
import { LinkList } from '../../components/page/LinkList';
import { Panel } from '../../components/page/Panel';
import { formatBytes } from '../../format/number';
import { useFetch } from '../../live/useFetch';
import { useWhyNot } from '../../state/SessionContext';

const section = 'Estream:Replication:';
const brokers = `${section}Brokers:`;

/** The configured brokers and the limit of the spool, for operators, who may see the configuration. */
export function Brokers() {
  const { data } = useFetch(useWhyNot('operator') === '' ? fetchConfiguration : null);
  if (data === null) {
    return null;
  }
  const settings = settingsOf(data).filter(({ path }) => path.startsWith(section));
  const valueOf = (name: string): string => settings.find(({ path }) => path === section + name)?.value ?? '';
  const spool = Number(valueOf('MaxSpoolBytes'));
  const rows: [string, string][] = [
    ['Brokers', settings.filter(({ path }) => path.startsWith(brokers)).map(({ value }) => value).join(', ')],
    ['Cluster', valueOf('Cluster')],
    ['Role of this host', valueOf('Role')],
    ['Limit of the spool', spool > 0 ? `${formatBytes(spool)}; above it, adapters and clients of the queue are paused` : 'none (Estream:Replication:MaxSpoolBytes)'],
  ];
  return (
    <Panel id="brokers" title="Brokers">
      <LinkList rows={rows} />
    </Panel>
  );
}
