import { Component, type ReactNode } from 'react';
import { EmptyState } from '../components/page/EmptyState';

interface Props {
  children: ReactNode;
}

/** Shows why a page failed, instead of an empty window. A change of the address mounts another boundary. */
export class PageBoundary extends Component<Props, { failure: string | null }> {
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
      <EmptyState title="This page failed.">
        {failure} <br />
        <button type="button" className="button" onClick={() => location.reload()}>
          Reload
        </button>
      </EmptyState>
    );
  }
}
