import { Component, type ReactNode } from 'react';
import { EmptyState } from '../../components/page/EmptyState';

interface Props {
  children: ReactNode;
}

/** Shows why a widget failed, in its card. The other widgets continue. */
export class WidgetBoundary extends Component<Props, { failure: string | null }> {
  override state = { failure: null };

  static getDerivedStateFromError(failure: unknown): { failure: string } {
    return { failure: failure instanceof Error ? failure.message : String(failure) };
  }

  override render() {
    const { failure } = this.state;
    if (failure === null) {
      return this.props.children;
    }
    return (
      <EmptyState title="This widget failed.">
        {failure} <br />
        <button type="button" className="button button-small" onClick={() => this.setState({ failure: null })}>
          Try again
        </button>
      </EmptyState>
    );
  }
}
