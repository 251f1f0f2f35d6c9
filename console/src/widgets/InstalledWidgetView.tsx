import { use, type ComponentProps } from 'react';
import { EmptyState } from '../components/page/EmptyState';
import { SessionContext } from '../state/SessionContext';
import { WidgetFrame } from './frame/WidgetFrame';
import type { WidgetCatalogue } from './types';
import { whyNotShown } from './whyNotShown';

interface Props extends Omit<ComponentProps<typeof WidgetFrame>, 'widget'> {
  /** The name of the component. */
  id: string;
  catalogue: WidgetCatalogue;
}

/** A widget of the catalogue, or why it is not shown. A running widget whose release is revoked disappears with the next catalogue. */
export function InstalledWidgetView({ id, catalogue, ...rest }: Props) {
  const session = use(SessionContext);
  const widget = catalogue.widgets.find((one) => one.id === id);
  if (widget !== undefined) {
    const reason = whyNotShown(session, widget.requiredRoles);
    return reason === '' ? <WidgetFrame widget={widget} {...rest} /> : <EmptyState title="You may not see this widget.">{reason}</EmptyState>;
  }
  const refused = catalogue.refused.find(({ name }) => name === id);
  return refused === undefined ? (
    <EmptyState title={`${id} is not installed.`}>
      Install the component with <code>estream marketplace install {id}</code>.
    </EmptyState>
  ) : (
    <EmptyState title={`The host does not serve ${id} ${refused.version}.`}>{refused.reason}</EmptyState>
  );
}
