import type { Setting } from '../../api/configuration';
import { formatCount } from '../../format/number';
import { SettingValue } from './SettingValue';

const mostShown = 500;

/** The settings that a search found, with their full names. */
export function SettingList({ settings }: { settings: readonly Setting[] }) {
  return (
    <>
      <dl className="setting-values">
        {settings.slice(0, mostShown).map(({ path, value }) => (
          <div key={path}>
            <dt>{path}</dt>
            <dd>
              <SettingValue value={value} />
            </dd>
          </div>
        ))}
      </dl>
      {settings.length > mostShown && <p className="soft">Only {formatCount(mostShown)} settings are shown. Narrow the search.</p>}
    </>
  );
}
