import type { SchemaField } from '../../api/schemas';

/** How values of a field are stored, if not as they are. */
export function privacyOf({ isPrivate, isTokenized, audiences }: SchemaField): string {
  const texts = [...(isPrivate ? [`sealed for ${audiences.join(', ') || 'nobody'}`] : []), ...(isTokenized ? ['card numbers as tokens'] : [])];
  return texts.join(', ');
}
