import { LinkList } from '../../components/page/LinkList';
import { formatBytes } from '../../format/number';
import type { InstalledWidget } from '../../widgets/types';

/** The origin of a widget, and the data that it may read. */
export function WidgetFacts({ widget }: { widget: InstalledWidget }) {
  const { id, version, tier, keyId, source, root256, permissions, streams, tables, bytes } = widget;
  return (
    <details className="widget-facts">
      <summary>
        {id} {version}, tier {tier ?? 'not known'}
      </summary>
      <LinkList
        rows={[
          ['Registry', source],
          ['Signed by', <code>{keyId}</code>],
          ['Content', <code>{root256}</code>],
          ['Bundle', formatBytes(bytes)],
          ['May use', permissions.join(', ') || 'nothing'],
          ['Streams', streams.join(', ') || 'none'],
          ['Tables', tables.join(', ') || 'none'],
        ]}
      />
    </details>
  );
}
