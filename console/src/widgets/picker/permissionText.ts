/** What a permission of a widget lets it do, in words. */
export function permissionText(permission: string): string {
  const [kind, ...rest] = permission.split(':');
  const [verb, name = ''] = splitAtDot(rest.join(':'));
  if (kind === 'data' && verb === 'read') {
    return name === '*' ? 'Reads all streams and tables that you may read' : `Reads streams and tables of “${name}”`;
  }
  return permission;
}

function splitAtDot(text: string): [string, string?] {
  const at = text.indexOf('.');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
