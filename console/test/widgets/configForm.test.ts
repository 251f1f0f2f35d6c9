import { expect, test } from 'vitest';
import { configOf, fieldsOf, textsOf, withDefaults } from '../../src/widgets/dashboard/configForm';
import type { JsonObject } from '../../src/api/json';

const schema: JsonObject = {
  type: 'object',
  required: ['queue'],
  properties: {
    queue: { type: 'string', title: 'Queue', maxLength: 20 },
    unit: { enum: ['ms', 's', 5], default: 'ms' },
    rows: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    limit: { type: 'number', minimum: 0 },
    isOpen: { type: 'boolean', description: 'Whether rows are open.', default: true },
    colors: { type: 'array', items: { type: 'object' }, default: ['red'] },
    queues: { type: 'array', items: { type: 'string', format: 'estream-queue', maxLength: 8 }, maxItems: 2 },
  },
};
const fields = fieldsOf(schema);
const good = { ...textsOf(fields, {}), queue: 'orders' };

/** The fault of one field with a text; null if the form is accepted. */
function faultOf(name: string, text: string): string | null {
  const read = configOf(fields, { ...good, [name]: text }, {});
  return 'faults' in read ? read.faults[name]! : null;
}

test('a required setting without a value is refused', () => {
  expect(faultOf('queue', ' ')).toBe('is required.');
});

test.each([
  ['queue', 'x'.repeat(21), 'has 21 characters; at most 20 are permitted.'],
  ['unit', '"h"', 'is not one of the permitted values.'],
  ['rows', '1.5', 'is not a whole number.'],
  ['rows', '0', 'must be from 1 to 100.'],
  ['rows', '1e9', 'is not a whole number.'],
  ['limit', '-1', 'must be at least 0.'],
  ['limit', 'Infinity', 'is not a number.'],
  ['isOpen', 'yes', 'is not true or false.'],
  ['queues', 'a\nb\nc', 'has 3 lines; at most 2 are permitted.'],
  ['queues', 'a name too long', 'has a line of more than 8 characters.'],
  ['colors', '[', 'is not JSON'],
  ['colors', `${'['.repeat(20)}${']'.repeat(20)}`, 'is nested more than 16 levels deep.'],
])('the setting %s refuses the text %s', (name, text, fault) => {
  expect(faultOf(name, text)).toContain(fault);
});

test('both ends of a range are permitted', () => {
  expect(['1', '100'].map((text) => faultOf('rows', text))).toEqual([null, null]);
  expect(faultOf('limit', '0')).toBeNull();
});

test('the form shows the defaults and returns typed values', () => {
  expect(textsOf(fields, { limit: 2.5, unit: 5 })).toEqual({ queue: '', unit: '5', rows: '20', limit: '2.5', isOpen: 'true', colors: '[\n  "red"\n]', queues: '' });
  expect(configOf(fields, { ...good, unit: '5', limit: '0.5', isOpen: 'false' }, {})).toEqual({
    config: { queue: 'orders', unit: 5, rows: 20, limit: 0.5, isOpen: false, colors: ['red'] },
  });
});

test('an empty setting is left out, and a setting that has no field is kept', () => {
  expect(configOf(fields, { queue: 'a', unit: '', rows: '', limit: '', isOpen: '', colors: '' }, { rows: 5, layout: 'wide' })).toEqual({ config: { queue: 'a', layout: 'wide' } });
});

test('an empty text replaces a default that is not empty', () => {
  const titled = fieldsOf({ properties: { title: { type: 'string', default: 'Rates' } } });
  expect(configOf(titled, { title: '' }, {})).toEqual({ config: { title: '' } });
});

test('defaults fill only what is not set', () => {
  expect(withDefaults(schema, { rows: 5, extra: 1 })).toEqual({ rows: 5, extra: 1, unit: 'ms', isOpen: true, colors: ['red'] });
  expect(withDefaults(null, { a: 1 })).toEqual({ a: 1 });
});

test('a schema without properties, or with properties that are not objects, has no fields or fields of JSON', () => {
  expect(fieldsOf(null)).toEqual([]);
  expect(fieldsOf({ properties: 'none' })).toEqual([]);
  expect(fieldsOf({ properties: { odd: 3 } })[0]).toMatchObject({ kind: 'json', title: 'odd' });
  expect(fieldsOf({ properties: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`p${index}`, {}])) })).toHaveLength(64);
});

test('a list of texts has one on each line, each once, and the form knows which part a setting names', () => {
  expect(configOf(fields, { ...good, queues: ' a \n\nb\na' }, {})).toMatchObject({ config: { queues: ['a', 'b'] } });
  expect(textsOf(fields, { queues: ['a', 'b'] }).queues).toBe('a\nb');
  expect(fields.map(({ part }) => part)).toEqual([null, null, null, null, null, null, 'queue']);
});
