import type { JsonObject, JsonValue } from '../../api/json';
import { SettingValue } from './SettingValue';

/** Levels that are open at first: the sections of Estream. */
const openLevels = 1;

/** The settings as a tree of sections that open and close. */
export function SettingTree({ tree, level = 0 }: { tree: JsonObject; level?: number }) {
  const members = Object.entries(tree);
  const values = members.filter(([, value]) => !isSection(value));
  const sections = members.filter(([, value]) => isSection(value));
  return (
    <div className="setting-level">
      {values.length > 0 && (
        <dl className="setting-values">
          {values.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <SettingValue value={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {sections.map(([name, value]) => (
        <details key={name} open={level < openLevels}>
          <summary>
            {name} <span className="soft">{countText(value)}</span>
          </summary>
          <SettingTree tree={membersOf(value)} level={level + 1} />
        </details>
      ))}
    </div>
  );
}

/** A section is an object, or a list of objects. A list of values is shown in one line. */
function isSection(value: JsonValue): boolean {
  return value !== null && typeof value === 'object' && (!Array.isArray(value) || value.some((item) => item !== null && typeof item === 'object'));
}

function membersOf(value: JsonValue): JsonObject {
  return Array.isArray(value) ? Object.fromEntries(value.map((item, index) => [String(index), item])) : (value as JsonObject);
}

function countText(value: JsonValue): string {
  return String(Object.keys(membersOf(value)).length);
}
