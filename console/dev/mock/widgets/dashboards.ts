import type { MockState } from '../state.ts';
import { ok, refuse, type MockAnswer, type MockRequest } from '../wire.ts';

const mostDashboards = 256;
const mostBytes = 64 * 1024;
const namePattern = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** `/api/dashboards` and `/api/dashboards/NAME`, with the versions of the real host. */
export function dashboardAnswer(name: string | undefined, { method, body, headers = {} }: MockRequest, state: MockState): MockAnswer {
  const { dashboards } = state;
  if (name === undefined) {
    return ok({ dashboards: [...dashboards].map(([one, { text, version }]) => ({ name: one, title: (JSON.parse(text) as { title: string }).title, etag: tag(version) })) });
  }
  const present = dashboards.get(name);
  if (method === 'GET') {
    return present === undefined
      ? refuse(404, `There is no dashboard '${name}'. /api/dashboards lists all.`)
      : { status: 200, body: JSON.parse(present.text), headers: { etag: tag(present.version) } };
  }
  const isExpected = headers['if-none-match'] === '*' ? present === undefined : present !== undefined && headers['if-match'] === tag(present.version);
  if (!isExpected) {
    return { status: 409, body: { error: `The dashboard '${name}' has another version.`, etag: present === undefined ? null : tag(present.version) } };
  }
  if (method === 'DELETE') {
    dashboards.delete(name);
    return { status: 204 };
  }
  if (!namePattern.test(name) || body.length > mostBytes || (present === undefined && dashboards.size >= mostDashboards)) {
    return refuse(400, 'The name is not valid, or the dashboard is too large, or there are too many dashboards.');
  }
  const version = (present?.version ?? 0) + 1;
  dashboards.set(name, { text: body, version });
  return { status: 204, headers: { etag: tag(version) } };
}

function tag(version: number): string {
  return `"${version}"`;
}
