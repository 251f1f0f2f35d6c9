import type { JsonObject, JsonValue } from '../api/json';

/** The defaults of the properties of a `config_schema`. */
export function defaultsOf(schema: JsonObject | null): JsonObject {
  const properties = schema?.properties;
  const defaults: JsonObject = {};
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) {
    if (isObject(property) && property.default !== undefined) {
      defaults[name] = property.default;
    }
  }
  return defaults;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
