using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Wire.Fhir.Codec;

namespace Estream.Wire.Fhir.Patch;

/// <summary>A JSON Pointer (RFC 6901), as in <c>/name/0/family</c>. Immutable.</summary>
internal readonly struct JsonPointer
{
    private readonly string[]? _names;

    private JsonPointer(string[] names) => _names = names;

    /// <summary>Whether the pointer is empty, and so means the whole document.</summary>
    public bool IsRoot => Names.Length == 0;

    /// <summary>The last name; the pointer is not the root.</summary>
    public string Last => Names[^1];

    private string[] Names => _names ?? [];

    public static bool TryParse(JsonElement json, out JsonPointer pointer)
    {
        pointer = default;
        string? text = json.ValueKind == JsonValueKind.String ? json.GetString() : null;
        if (text is null || (text.Length > 0 && text[0] != '/'))
        {
            return false;
        }

        // No element of a resource is deeper. The limit also bounds the work for one operation.
        string[] names = text.Length == 0 ? [] : text[1..].Split('/', FhirEncoder.MaxDepth + 1);
        if (names.Length > FhirEncoder.MaxDepth || !names.All(IsEscaped))
        {
            return false;
        }

        pointer = new JsonPointer([.. names.Select(
            name => name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]);
        return true;
    }

    /// <summary>Whether an element is inside the element of this pointer.</summary>
    public bool Contains(JsonPointer other) => other.Names.Length > Names.Length && other.Names.AsSpan().StartsWith(Names);

    /// <summary>Finds the element.</summary>
    /// <param name="root">The document.</param>
    /// <param name="found">The element; null for JSON null.</param>
    /// <returns>False if there is none.</returns>
    public bool TryFind(JsonNode? root, out JsonNode? found) => TryFind(root, Names, out found);

    /// <summary>Finds the element that contains this one. The pointer is not the root.</summary>
    public bool TryFindParent(JsonNode? root, out JsonNode? parent) => TryFind(root, Names.AsSpan(0, Names.Length - 1), out parent);

    /// <summary>Reads the last name as the index of an item of an array.</summary>
    public bool TryGetIndex(int count, out int index) => TryReadIndex(Last, count, out index);

    /// <summary>Reads the last name as the index at which an item is inserted; <c>-</c> is the end of the array.</summary>
    public bool TryGetInsertIndex(int count, out int index)
    {
        index = count;
        return Last == "-" || TryReadIndex(Last, count + 1, out index);
    }

    private static bool TryFind(JsonNode? root, ReadOnlySpan<string> names, out JsonNode? found)
    {
        found = root;
        foreach (string name in names)
        {
            switch (found)
            {
                case JsonObject members when members.TryGetPropertyValue(name, out JsonNode? member):
                    found = member;
                    break;
                case JsonArray array when TryReadIndex(name, array.Count, out int index):
                    found = array[index];
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static bool TryReadIndex(string name, int count, out int index) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < count
        && (name.Length == 1 || name[0] != '0');

    private static bool IsEscaped(string name)
    {
        for (int i = name.IndexOf('~', StringComparison.Ordinal); i >= 0; i = name.IndexOf('~', i + 1))
        {
            if (i + 1 == name.Length || name[i + 1] is not ('0' or '1'))
            {
                return false;
            }
        }

        return true;
    }
}
