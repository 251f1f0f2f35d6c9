using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Patch;

/// <summary>One operation of a JSON Patch (RFC 6902, 4).</summary>
/// <param name="Name">add, remove, replace, move, copy or test.</param>
/// <param name="Path">The element to change.</param>
/// <param name="From">The element to move or copy; the root for other operations.</param>
/// <param name="Value">The value to add, replace or test; null for JSON null and for other operations.</param>
internal readonly record struct PatchOperation(string Name, JsonPointer Path, JsonPointer From, JsonNode? Value)
{
    public static bool TryRead(JsonElement json, out PatchOperation operation)
    {
        operation = default;
        string name = json.Text("op");
        bool hasValue = name is "add" or "replace" or "test";
        bool hasFrom = name is "move" or "copy";
        JsonPointer from = default;
        if (!(hasValue || hasFrom || name == "remove") || !JsonPointer.TryParse(json.Member("path"), out JsonPointer path)
            || (hasFrom && !JsonPointer.TryParse(json.Member("from"), out from))
            || (hasValue && json.Member("value").ValueKind == JsonValueKind.Undefined))
        {
            return false;
        }

        operation = new PatchOperation(name, path, from, hasValue ? ToNode(json.Member("value")) : null);
        return true;
    }

    /// <summary>Copies a value, because the document of the patch is returned to a pool.</summary>
    private static JsonNode? ToNode(JsonElement value)
    {
        JsonElement copy = value.Clone();
        return copy.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.Object => JsonObject.Create(copy),
            JsonValueKind.Array => JsonArray.Create(copy),
            _ => JsonValue.Create(copy),
        };
    }
}
