import type { WidgetCategory, WidgetInfo } from '../types';

/** The widgets of a category whose title, description or name has all words of a search, those with the words in the title first. */
export function matchingWidgets<T extends WidgetInfo>(widgets: readonly T[], search: string, category: WidgetCategory | ''): T[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const found = widgets.filter((widget) => {
    const text = `${widget.title} ${widget.description} ${widget.id}`.toLowerCase();
    return (category === '' || widget.category === category) && words.every((word) => text.includes(word));
  });
  const isNamed = ({ title }: T) => words.every((word) => title.toLowerCase().includes(word));
  return found.toSorted((a, b) => Number(isNamed(b)) - Number(isNamed(a)));
}

/** The categories that have a widget, in the order of the list. */
export function categoriesOf(widgets: readonly WidgetInfo[], order: readonly WidgetCategory[]): WidgetCategory[] {
  return order.filter((category) => widgets.some((widget) => widget.category === category));
}
