using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Patch;

/// <summary>
/// Applies a JSON Patch (RFC 6902) to a resource. Numbers keep their digits; white space and the escapes of texts can change. The
/// operations apply in order, all or none. Not thread-safe: one instance applies one patch.
/// </summary>
internal sealed class JsonPatch
{
    /// <summary>The content type of a patch.</summary>
    public const string ContentType = "application/json-patch+json";

    /// <summary>The maximum number of operations.</summary>
    public const int MaxOperations = 100;

    private static readonly JsonWriterOptions s_writing = new()
    {
        MaxDepth = FhirEncoder.MaxDepth, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonDocumentOptions s_reading = new() { MaxDepth = FhirEncoder.MaxDepth };

    private readonly long _maxBytes;
    private JsonNode? _root;
    private long _copied;

    private JsonPatch(JsonNode? root, long maxBytes) => (_root, _maxBytes) = (root, maxBytes);

    /// <summary>Applies a patch.</summary>
    /// <param name="resource">The resource, which is valid JSON.</param>
    /// <param name="patch">The body of the request.</param>
    /// <param name="maxBytes">The maximum length of the patched resource, and of all values that the patch copies.</param>
    /// <param name="patched">The patched resource.</param>
    /// <returns>The failure; null if the patch applied. Contains no value of the resource.</returns>
    public static FhirResponse? Apply(
        ReadOnlyMemory<byte> resource, ReadOnlyMemory<byte> patch, int maxBytes, out ReadOnlyMemory<byte> patched)
    {
        patched = default;
        using JsonDocument? operations = Utf8.IsValid(patch.Span) ? ResourceStore.TryParse(patch) : null;
        if (operations?.RootElement is not { ValueKind: JsonValueKind.Array } list)
        {
            return Outcome.Fail(400, "structure", "The body is not a JSON Patch: an array of operations (RFC 6902).");
        }

        if (list.GetArrayLength() > MaxOperations)
        {
            return Outcome.Fail(413, "too-costly", $"A patch can have {MaxOperations} operations. Use an update, or several patches.");
        }

        JsonPatch target = new(JsonNode.Parse(resource.Span, null, s_reading), maxBytes);
        int number = 0;
        foreach (JsonElement operation in list.EnumerateArray())
        {
            if (target.Apply(operation) is { } failure)
            {
                return Outcome.Fail(failure.Status, failure.Code, $"Operation {number}: {failure.Text} Nothing was stored.");
            }

            number++;
        }

        patched = Write(target._root);
        return patched.IsEmpty || patched.Length > maxBytes
            ? Outcome.Fail(413, "too-long", $"The patched resource is longer than {maxBytes} bytes, or nested too deeply.") : null;
    }

    private PatchFailure? Apply(JsonElement operation)
    {
        if (!PatchOperation.TryRead(operation, out PatchOperation read))
        {
            return PatchFailure.Malformed;
        }

        switch (read.Name)
        {
            case "add":
                return Add(read.Path, read.Value);
            case "remove":
                return Take(read.Path, out _);
            case "replace":
                return Replace(read.Path, read.Value);
            case "move":
                return read.From.Contains(read.Path) ? PatchFailure.Malformed
                    : Take(read.From, out JsonNode? moved) ?? Add(read.Path, moved);
            case "copy":
                return Copy(read.From, out JsonNode? copy) ?? Add(read.Path, copy);
            default:
                return read.Path.TryFind(_root, out JsonNode? found) && AreEqual(found, read.Value)
                    ? null : PatchFailure.TestFailed;
        }
    }

    private PatchFailure? Add(JsonPointer path, JsonNode? value)
    {
        if (path.IsRoot)
        {
            _root = value;
            return null;
        }

        if (!path.TryFindParent(_root, out JsonNode? parent))
        {
            return PatchFailure.NoTarget;
        }

        if (parent is JsonArray array && path.TryGetInsertIndex(array.Count, out int index))
        {
            array.Insert(index, value);
            return null;
        }

        return Set(parent, path.Last, value);
    }

    private PatchFailure? Replace(JsonPointer path, JsonNode? value)
    {
        if (path.IsRoot)
        {
            _root = value;
            return null;
        }

        if (!path.TryFind(_root, out _) || !path.TryFindParent(_root, out JsonNode? parent))
        {
            return PatchFailure.NoTarget;
        }

        if (parent is JsonArray array && path.TryGetIndex(array.Count, out int index))
        {
            array[index] = value;
            return null;
        }

        return Set(parent, path.Last, value);
    }

    private static PatchFailure? Set(JsonNode? parent, string name, JsonNode? value)
    {
        if (parent is not JsonObject members)
        {
            return PatchFailure.NoTarget;
        }

        members[name] = value;
        return null;
    }

    /// <summary>Removes a value and returns it.</summary>
    private PatchFailure? Take(JsonPointer path, out JsonNode? taken)
    {
        if (path.IsRoot || !path.TryFind(_root, out taken) || !path.TryFindParent(_root, out JsonNode? parent))
        {
            taken = null;
            return PatchFailure.NoTarget;
        }

        if (parent is JsonArray array && path.TryGetIndex(array.Count, out int index))
        {
            array.RemoveAt(index);
        }
        else
        {
            ((JsonObject)parent!).Remove(path.Last);
        }

        return null;
    }

    /// <summary>Copies a value. Copies of copies grow exponentially, so that the sum of their lengths is limited.</summary>
    private PatchFailure? Copy(JsonPointer from, out JsonNode? copy)
    {
        copy = null;
        if (!from.TryFind(_root, out JsonNode? found))
        {
            return PatchFailure.NoTarget;
        }

        ReadOnlyMemory<byte> text = Write(found);
        _copied += text.Length;
        if (text.IsEmpty || _copied > _maxBytes)
        {
            return PatchFailure.TooLong;
        }

        copy = JsonNode.Parse(text.Span, null, s_reading);
        return null;
    }

    private static bool AreEqual(JsonNode? one, JsonNode? other)
    {
        try
        {
            return JsonNode.DeepEquals(one, other);
        }
        catch (ArgumentOutOfRangeException)
        {
            // A number has an exponent that .NET cannot compare.
            return false;
        }
    }

    /// <summary>Writes a value.</summary>
    /// <returns>Empty if the value is nested too deeply.</returns>
    private static ReadOnlyMemory<byte> Write(JsonNode? node)
    {
        ArrayBufferWriter<byte> output = new(1_024);
        using Utf8JsonWriter writer = new(output, s_writing);
        try
        {
            if (node is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                node.WriteTo(writer);
            }

            writer.Flush();
            return output.WrittenMemory;
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }
}

/// <summary>Why an operation of a patch does not apply.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The issue type.</param>
/// <param name="Text">The explanation, without values.</param>
internal sealed record PatchFailure(int Status, string Code, string Text)
{
    public static PatchFailure Malformed { get; } = new(400, "structure",
        "It is not a valid operation of RFC 6902: 'op', 'path' and 'value' or 'from' are required, and a value cannot move into itself.");

    public static PatchFailure NoTarget { get; } = new(422, "processing", "The resource has no element at 'path' or 'from'.");

    public static PatchFailure TestFailed { get; } = new(422, "processing", "The test failed.");

    public static PatchFailure TooLong { get; } = new(413, "too-costly", "The patch copies too much.");
}
