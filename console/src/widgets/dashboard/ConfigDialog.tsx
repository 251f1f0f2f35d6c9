import { useState, type FormEvent } from 'react';
import { Dialog } from '../../components/page/Dialog';
import { findWidget, sizesOf } from '../registry';
import type { PlacedWidget, WidgetCatalogue } from '../types';
import { ConfigField } from './ConfigField';
import { configOf, fieldsOf, textsOf } from './configForm';
import { gridColumns, placed as movedTo, resized } from './layout';
import { longestTitle } from './model';

interface Props {
  placed: PlacedWidget;
  widgets: readonly PlacedWidget[];
  catalogue: WidgetCatalogue | null;
  onClose: () => void;
  onWidgets: (widgets: readonly PlacedWidget[]) => void;
}

/** The settings of a widget on a dashboard: its title, what its schema declares, and its place. */
export function ConfigDialog({ placed, widgets, catalogue, onClose, onWidgets }: Props) {
  const widget = findWidget(placed.widget, catalogue);
  const fields = fieldsOf(widget?.configSchema ?? null);
  const [title, setTitle] = useState(placed.title ?? '');
  const [texts, setTexts] = useState(() => textsOf(fields, placed.config));
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [place, setPlace] = useState({ x: placed.x + 1, y: placed.y + 1, cols: placed.cols, rows: placed.rows });
  const sizes = sizesOf(widget);
  const name = widget?.title ?? placed.widget;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const read = configOf(fields, texts, placed.config);
    if ('faults' in read) {
      setFaults(read.faults);
      const first = fields.find((field) => Object.hasOwn(read.faults, field.name));
      event.currentTarget.querySelector<HTMLElement>(`[data-field="${CSS.escape(first?.name ?? '')}"]`)?.focus();
      return;
    }
    let next: readonly PlacedWidget[] = widgets.map((one) => (one.id === placed.id ? { ...one, title: title.trim() === '' ? null : title.trim(), config: read.config } : one));
    if (place.cols !== placed.cols || place.rows !== placed.rows) {
      next = resized(next, placed.id, place, sizes);
    }
    if (place.x !== placed.x + 1 || place.y !== placed.y + 1) {
      next = movedTo(next, placed.id, { x: place.x - 1, y: place.y - 1 });
    }
    onWidgets(next);
    onClose();
  };

  return (
    <Dialog title={`Settings of ${placed.title ?? name}`} onClose={onClose}>
      <form className="form" noValidate onSubmit={submit}>
        <label className="form-field">
          <span>Title</span>
          <input type="text" data-autofocus value={title} maxLength={longestTitle} placeholder={name} autoComplete="off" onChange={(event) => setTitle(event.target.value)} />
        </label>
        {fields.map((field) => (
          <ConfigField key={field.name} field={field} text={texts[field.name] ?? ''} fault={Object.hasOwn(faults, field.name) ? faults[field.name] : undefined} onText={(text) => setTexts({ ...texts, [field.name]: text })} />
        ))}
        <fieldset className="place-fields">
          <legend>Place on the grid of {gridColumns} columns</legend>
          <NumberField label="Column" value={place.x} least={1} most={gridColumns} onValue={(x) => setPlace({ ...place, x })} />
          <NumberField label="Row" value={place.y} least={1} most={1000} onValue={(y) => setPlace({ ...place, y })} />
          <NumberField label="Width" value={place.cols} least={sizes.minSize.cols} most={sizes.maxSize.cols} onValue={(cols) => setPlace({ ...place, cols })} />
          <NumberField label="Height" value={place.rows} least={sizes.minSize.rows} most={sizes.maxSize.rows} onValue={(rows) => setPlace({ ...place, rows })} />
        </fieldset>
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary">
            Apply
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface NumberProps {
  label: string;
  value: number;
  least: number;
  most: number;
  onValue: (value: number) => void;
}

function NumberField({ label, value, least, most, onValue }: NumberProps) {
  return (
    <label className="form-field">
      {label}
      <input type="number" value={value} min={least} max={most} onChange={({ target }) => onValue(Number.isNaN(target.valueAsNumber) ? least : target.valueAsNumber)} />
    </label>
  );
}
