import { fileHref } from '../api/catalogue';
import { LinkList } from '../../components/page/LinkList';
import { shortenMiddle } from '../../format/shorten';
import { isBuiltin } from '../registry';
import type { InstalledWidget, WidgetInfo } from '../types';
import '../../styles/widgets.css';
import { BuiltinPreview } from './BuiltinPreview';
import { permissionText } from './permissionText';

interface Props {
  widget: WidgetInfo;
  whyNot: string;
}

/** The preview of a widget, and for an installed one where it comes from and what it may read. */
export function WidgetDetail({ widget, whyNot }: Props) {
  return (
    // The box scrolls, so the keyboard must reach it.
    <section className="picker-detail" aria-label={`About ${widget.title}`} tabIndex={0}>
      <h3>{widget.title}</h3>
      {isBuiltin(widget) ? whyNot === '' && <BuiltinPreview widget={widget} /> : <Pictures widget={widget as InstalledWidget} />}
      <p>{widget.description}</p>
      <LinkList rows={isBuiltin(widget) ? sizeRows(widget) : [...originRows(widget as InstalledWidget), ...sizeRows(widget)]} />
    </section>
  );
}

/** The thumbnail and the screenshots, or the icon of a widget without them. */
function Pictures({ widget }: { widget: InstalledWidget }) {
  const images = [widget.thumbnail, ...widget.screenshots].filter((path) => path !== null);
  if (images.length === 0 && widget.icon !== null) {
    images.push(widget.icon);
  }
  return images.length === 0 ? (
    <p className="picker-preview picker-none soft">The publisher has added no picture.</p>
  ) : (
    images.map((path, index) => (
      <img key={path} className="picker-preview" src={fileHref(widget, path)} alt={index === 0 ? `Picture of ${widget.title}` : `Picture ${index + 1} of ${widget.title}`} />
    ))
  );
}

function originRows({ id, version, tier, keyId, source, permissions, streams, tables, circuits }: InstalledWidget): [string, React.ReactNode][] {
  return [
    ['Component', `${id} ${version}`],
    ['Tier', <span className="widget-tier" data-tier={tier ?? 'none'}>{tier ?? 'no tier'}</span>],
    ['Signed by', <><code title={keyId}>{shortenMiddle(keyId)}</code> of {source}</>],
    ['May', permissions.length === 0 ? 'Reads nothing' : permissions.map((permission) => <span key={permission} className="picker-address">{permissionText(permission)}</span>)],
    ['Reads', streams.length + tables.length === 0 ? 'no stream and no table' : [...streams, ...tables.map((table) => `table ${table}`)].map((address) => <code key={address} className="picker-address">{address}</code>)],
    ...(circuits.length === 0 ? [] : [['Needs', `the circuits ${circuits.join(', ')} in the configuration`] as [string, React.ReactNode]]),
  ];
}

function sizeRows({ defaultSize, minSize, maxSize, requiredRoles }: WidgetInfo): [string, React.ReactNode][] {
  return [
    ['Size', `${defaultSize.cols} × ${defaultSize.rows}, from ${minSize.cols} × ${minSize.rows} to ${maxSize.cols} × ${maxSize.rows}`],
    ['Role', requiredRoles.length === 0 ? 'any' : requiredRoles.join(' or ')],
  ];
}
