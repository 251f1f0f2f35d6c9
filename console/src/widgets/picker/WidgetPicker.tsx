import { use, useState, type FormEvent, type KeyboardEvent } from 'react';
import { AnswerError } from '../../components/page/AnswerError';
import { Dialog } from '../../components/page/Dialog';
import { EmptyState } from '../../components/page/EmptyState';
import type { Fetched } from '../../live/useFetch';
import { SessionContext } from '../../state/SessionContext';
import { builtinWidgets } from '../builtin';
import { categoryTitles } from '../registry';
import type { WidgetCatalogue, WidgetCategory, WidgetInfo } from '../types';
import { whyNotShown } from '../whyNotShown';
import { categoriesOf, matchingWidgets } from './matches';
import { RefusedList } from './RefusedList';
import { WidgetDetail } from './WidgetDetail';
import './picker.css';

interface Props {
  catalogue: Fetched<WidgetCatalogue>;
  onAdd: (widget: WidgetInfo) => void;
  onClose: () => void;
}

type Tab = 'builtin' | 'installed';

const longestSearch = 80;

/** A dialog to find a widget and add it to a dashboard. The arrow keys choose, Enter adds. */
export function WidgetPicker({ catalogue, onAdd, onClose }: Props) {
  const session = use(SessionContext);
  const [tab, setTab] = useState<Tab>('builtin');
  const [search, setSearch] = useState('');
  const [category, setCategory] = useState<WidgetCategory | ''>('');
  const [chosenId, setChosenId] = useState('');
  const installed = catalogue.data?.widgets ?? [];
  const all: readonly WidgetInfo[] = tab === 'builtin' ? builtinWidgets : installed;
  const shown = matchingWidgets(all, search, category);
  const chosen = shown.find(({ id }) => id === chosenId) ?? shown[0];
  const whyNot = chosen === undefined ? '' : whyNotShown(session, chosen.requiredRoles);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen !== undefined && whyNot === '') {
      onAdd(chosen);
    }
  };
  const goTo = (next: Tab) => {
    setTab(next);
    setCategory('');
    setChosenId('');
  };
  const onTabKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      event.preventDefault();
      const next = tab === 'builtin' ? 'installed' : 'builtin';
      goTo(next);
      document.getElementById(`picker-tab-${next}`)?.focus();
    }
  };
  // The arrow keys choose while the focus stays in the search.
  const onSearchKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && shown.length > 0) {
      event.preventDefault();
      setChosenId(shown[(shown.indexOf(chosen!) + step + shown.length) % shown.length]!.id);
    }
  };

  return (
    <Dialog title="Add widget" className="dialog picker" onClose={onClose}>
      <div role="tablist" aria-label="Source" className="tabs picker-tabs" onKeyDown={onTabKey}>
        <TabButton tab="builtin" current={tab} onTab={goTo}>
          Built-in <span className="soft">{builtinWidgets.length}</span>
        </TabButton>
        <TabButton tab="installed" current={tab} onTab={goTo}>
          Installed {catalogue.data !== null && <span className="soft">{installed.length}</span>}
        </TabButton>
      </div>
      <form className="picker-form" onSubmit={submit}>
        <div className="picker-filter">
          <label className="search search-wide">
            <span className="visually-hidden">Search widgets</span>
            <input type="search" data-autofocus value={search} maxLength={longestSearch} placeholder="Search widgets" autoComplete="off" spellCheck={false} onKeyDown={onSearchKey} onChange={({ target }) => setSearch(target.value)} />
          </label>
          <label>
            <span className="visually-hidden">Category</span>
            <select value={category} onChange={({ target }) => setCategory(target.value as WidgetCategory | '')}>
              <option value="">All categories</option>
              {categoriesOf(all, Object.keys(categoryTitles) as WidgetCategory[]).map((one) => (
                <option key={one} value={one}>
                  {categoryTitles[one]}
                </option>
              ))}
            </select>
          </label>
        </div>
        <div id="picker-panel" role="tabpanel" aria-labelledby={`picker-tab-${tab}`} className="picker-columns">
          <div className="picker-list">
            {tab === 'installed' && catalogue.data === null && catalogue.error !== null ? (
              <AnswerError what="The list of installed widgets" error={catalogue.error} onRetry={catalogue.reload} />
            ) : shown.length === 0 ? (
              <EmptyState title={all.length === 0 ? 'No widget is installed.' : 'No widget matches.'}>
                {all.length === 0 ? (
                  <>
                    Find one with <code>estream marketplace search</code>, and install it with <code>estream marketplace install</code>.
                  </>
                ) : (
                  'Search for another word, or choose all categories.'
                )}
              </EmptyState>
            ) : (
              <fieldset>
                <legend className="visually-hidden">Widgets</legend>
                {shown.map((widget) => (
                  <label key={widget.id} className="picker-option" data-chosen={widget === chosen ? '' : undefined}>
                    <input type="radio" name="widget" checked={widget === chosen} onChange={() => setChosenId(widget.id)} onDoubleClick={submit} />
                    <span className="picker-name">{widget.title}</span>
                    <span className="picker-category">{categoryTitles[widget.category]}</span>
                    <span className="picker-text">{widget.description}</span>
                  </label>
                ))}
              </fieldset>
            )}
            {tab === 'installed' && <RefusedList refused={catalogue.data?.refused ?? []} />}
          </div>
          {chosen !== undefined && <WidgetDetail key={chosen.id} widget={chosen} whyNot={whyNot} />}
        </div>
        <div className="dialog-actions">
          {whyNot !== '' && <p className="failure picker-why">{whyNot}</p>}
          <button type="submit" className="button button-primary" disabled={chosen === undefined || whyNot !== ''}>
            Add to dashboard
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function TabButton({ tab, current, onTab, children }: { tab: Tab; current: Tab; onTab: (tab: Tab) => void; children: React.ReactNode }) {
  const isCurrent = tab === current;
  return (
    <button type="button" role="tab" id={`picker-tab-${tab}`} aria-selected={isCurrent} aria-controls="picker-panel" tabIndex={isCurrent ? 0 : -1} className="tab" onClick={() => onTab(tab)}>
      {children}
    </button>
  );
}
