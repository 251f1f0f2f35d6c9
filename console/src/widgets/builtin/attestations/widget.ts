import { lazy } from 'react';
import type { BuiltinWidget } from '../../types';
import { part, settings, whole } from '../shared/configSchema';
import { rowBounds } from './attestationRows';

export const attestationsWidget: BuiltinWidget = {
  id: 'builtin/attestations',
  title: 'Attestations',
  description: 'The newest signed attestations of a queue, how many messages wait for an attestation, and whether the attestations are in order. estream witness verify checks the signatures.',
  category: 'governance',
  requiredRoles: ['viewer'],
  minSize: { cols: 3, rows: 2 },
  defaultSize: { cols: 6, rows: 4 },
  maxSize: { cols: 12, rows: 12 },
  configSchema: settings({
    queue: part('estream-queue', 'Queue', 'A queue with a witness. Without a name, the widget shows the first queue with a witness.'),
    rows: whole('Attestations', 'How many attestations are shown.', rowBounds),
  }),
  Component: lazy(() => import('./AttestationsWidget')),
};
