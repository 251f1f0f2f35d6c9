import type { SchemaField } from '../../api/schemas';

/** How values of a field are stored, if not as they are. */
export function privacyOf({ isPrivate, isTokenized, audience }: SchemaField): string {
  const texts = [...(isPrivate ? [audience === '' ? 'sealed' : `sealed for ${audience}`] : []), ...(isTokenized ? ['card numbers as tokens'] : [])];
  return texts.join(', ');
}
