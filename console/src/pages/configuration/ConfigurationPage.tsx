import { fetchConfiguration, settingsOf } from '../../api/configuration';
import { Page } from '../../app/Page';
import { AnswerError } from '../../components/page/AnswerError';
import { CopyButton } from '../../components/page/CopyButton';
import { EmptyState } from '../../components/page/EmptyState';
import { SearchField } from '../../components/page/SearchField';
import { writeJson, type JsonObject } from '../../api/json';
import { formatCount } from '../../format/number';
import { useFetch } from '../../live/useFetch';
import { useWhyNot } from '../../state/SessionContext';
import { useUrlState } from '../../state/useUrlState';
import { SettingList } from './SettingList';
import { SettingTree } from './SettingTree';

const longestSearch = 200;
const indent = 2;

/** The running configuration; the host hides secrets. */
export default function ConfigurationPage() {
  const whyNot = useWhyNot('operator');
  const { data, error, reload } = useFetch(whyNot === '' ? fetchConfiguration : null);
  return (
    <Page title="Configuration" note="settings of the running host; secrets are hidden" tools={data !== null && <CopyButton text={writeJson(data, indent)} what="configuration" />}>
      {whyNot !== '' ? (
        <EmptyState title="The configuration is hidden.">{whyNot}</EmptyState>
      ) : data !== null ? (
        <Settings tree={data} />
      ) : (
        error !== null && <AnswerError what="The configuration" error={error} onRetry={reload} />
      )}
    </Page>
  );
}

function Settings({ tree }: { tree: JsonObject }) {
  const [search, setSearch] = useUrlState('search');
  const wanted = search.toLowerCase();
  const all = settingsOf(tree);
  const found = all.filter(({ path, value }) => path.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted));
  return (
    <div className="settings">
      <div className="panel-tools">
        <SearchField label="Search settings" placeholder="Name or value" longest={longestSearch} value={search} onValue={setSearch} />
        <span className="soft" role="status">
          {search === '' ? `${formatCount(all.length)} settings` : `${formatCount(found.length)} of ${formatCount(all.length)} match`}
        </span>
      </div>
      {search === '' ? <SettingTree tree={tree} /> : found.length === 0 ? <EmptyState title={`No setting matches “${search}”.`} /> : <SettingList settings={found} />}
    </div>
  );
}
