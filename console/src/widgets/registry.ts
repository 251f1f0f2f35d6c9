import { builtinWidgets } from './builtin';
import type { BuiltinWidget, InstalledWidget, WidgetCatalogue, WidgetCategory, WidgetInfo } from './types';

/** The groups of the picker and their titles, in order. */
export const categoryTitles: Readonly<Record<WidgetCategory, string>> = {
  observability: 'Observability',
  infrastructure: 'Infrastructure',
  developer: 'Data',
  governance: 'Governance',
  economics: 'Economics',
  registry: 'Registry',
};

const unlimited = { cols: 12, rows: 64 };
const smallest = { cols: 2, rows: 2 };

export function isBuiltin(widget: WidgetInfo): widget is BuiltinWidget {
  return 'Component' in widget;
}

export function isBuiltinId(id: string): boolean {
  return builtinWidgets.some((one) => one.id === id);
}

/** The widget with an id; null if it is neither built in nor installed. */
export function findWidget(id: string, catalogue: WidgetCatalogue | null): BuiltinWidget | InstalledWidget | null {
  return builtinWidgets.find((one) => one.id === id) ?? catalogue?.widgets.find((one) => one.id === id) ?? null;
}

/** The sizes that a widget may have. A widget that is not known may have any. */
export function sizesOf(widget: WidgetInfo | null) {
  return { minSize: widget?.minSize ?? smallest, maxSize: widget?.maxSize ?? unlimited };
}
