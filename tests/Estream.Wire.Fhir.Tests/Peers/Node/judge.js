// Judges searches of a FHIR server. The file of the argument: { server, parameters: [{ type, name, expression }], resources: [resource],
// queries: [{ type, criteria: [{ name, value }] }] }. Evaluates the expression of each SearchParameter with fhirpath over each resource,
// compares the values with those of a query as FHIR R4, 3.1.1.4, says, and prints for each query the ids that match. resolve() asks the
// server.
const fs = require('fs');
const fhirpath = require('fhirpath');
const r4 = require('fhirpath/fhir-context/r4');

const input = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

// Splits at a character that no backslash escapes. The parts keep their escapes.
function split(text, separator) {
  return text.match(/(\\.|[^\\])/gsu)?.reduce((parts, one) => {
    if (one === separator) parts.push('');
    else parts[parts.length - 1] += one;
    return parts;
  }, ['']) ?? [''];
}

const unescape = (text) => text.replace(/\\([\\,|$])/g, '$1');

const codings = {
  CodeableConcept: (value) => value.coding ?? [],
  Coding: (value) => [value],
  Identifier: (value) => [{ system: value.system, code: value.value }],
};

function matchesToken({ type, value }, wanted) {
  const parts = split(wanted, '|').map(unescape);
  const [system, code] = parts.length > 1 ? [parts[0], parts.slice(1).join('|')] : [null, parts[0]];
  return (codings[type] ?? ((text) => [{ code: text }]))(value).some((one) =>
    (system === null || (one.system ?? '') === system) && (code === '' || one.code === code));
}

function matchesString({ type, value }, wanted) {
  const texts = type === 'HumanName' ? [value.family, value.given, value.text, value.prefix, value.suffix].flat() : [value];
  return texts.some((text) => typeof text === 'string' && fold(text).startsWith(fold(unescape(wanted))));
}

function matchesReference({ value }, wanted) {
  const relative = (text) => (text.startsWith(input.server) ? text.slice(input.server.length) : text).replace(/\/_history\/.*$/, '');
  const [reference, asked] = [relative(value.reference ?? ''), relative(unescape(wanted))];
  return reference === asked || (!asked.includes('/') && /^[A-Za-z]+\//.test(reference) && reference.endsWith(`/${asked}`));
}

// The first millisecond of a date, and the first after it.
function interval(text) {
  const [, year, month, day, rest] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?(T.*)?$/.exec(text);
  if (rest) {
    const start = Date.parse(text);
    return [start, start + (rest.includes('.') ? 1 : 1000)];
  }
  const at = (plus) => Date.UTC(Number(year) + (month ? 0 : plus), Number(month ?? 1) - 1 + (month && !day ? plus : 0),
    Number(day ?? 1) + (day ? plus : 0));
  return [at(0), at(1)];
}

const outer = (intervals) => [Math.min(...intervals.map((one) => one[0])), Math.max(...intervals.map((one) => one[1]))];
const limits = {
  Period: (value) => [value.start ? interval(value.start)[0] : -Infinity, value.end ? interval(value.end)[1] : Infinity],
  Timing: (value) => outer([...(value.event ?? []).map(interval), ...(value.repeat?.boundsPeriod
    ? [limits.Period(value.repeat.boundsPeriod)] : [])]),
};

function matchesDate({ type, value }, wanted) {
  const [, prefix, text] = /^(eq|ne|lt|gt|le|ge|sa|eb)?(.*)$/.exec(unescape(wanted));
  const [from, until] = interval(text);
  const [start, end] = (limits[type] ?? interval)(value);
  const isInside = from <= start && end <= until;
  switch (prefix) {
    case 'ne': return !isInside;
    case 'lt': return start < from;
    case 'gt': return end > until;
    case 'le': return start < from || isInside;
    case 'ge': return end > until || isInside;
    case 'sa': return start >= until;
    case 'eb': return end <= from;
    default: return isInside;
  }
}

const kinds = { token: matchesToken, string: matchesString, reference: matchesReference, date: matchesDate };

async function main() {
  const options = { async: 'always', resolveInternalTypes: false, fhirServerUrl: input.server.replace(/\/$/, '') };
  const values = new Map();
  let count = 0;
  for (const { type, name, kind, expression } of input.parameters) {
    const evaluate = fhirpath.compile(expression, r4, options);
    for (const resource of input.resources.filter((one) => one.resourceType === type)) {
      const nodes = await evaluate(resource, {});
      const found = nodes.map((node, index) => ({ type: fhirpath.types(nodes)[index].replace(/^FHIR\./, ''), value: node.data ?? node }));
      count += found.length;
      values.set(`${type}/${resource.id}?${name}`, { kind, found });
    }
  }
  const answers = input.queries.map(({ type, criteria }) => input.resources
    .filter((one) => one.resourceType === type && criteria.every(({ name, value }) => {
      const { kind, found } = values.get(`${type}/${one.id}?${name}`);
      return split(value, ',').some((wanted) => found.some((item) => kinds[kind](item, wanted)));
    }))
    .map((one) => one.id));
  process.stdout.write(JSON.stringify({ values: count, answers }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
