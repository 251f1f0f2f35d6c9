using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Wire.Fhir.Codec;

namespace Estream.Wire.Fhir.Resources;

/// <summary>Edits the JSON of resources without a document tree. Every byte of an element that is not edited stays as the client sent it:
/// unknown elements, white space, and the digits of decimals.</summary>
internal static class ResourceText
{
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = FhirEncoder.MaxDepth };

    /// <summary>Writes a resource with the id and the version that the server assigns.</summary>
    /// <param name="body">The resource; a JSON object without duplicate members, as the caller has checked.</param>
    /// <param name="stamp">The id and version.</param>
    /// <param name="references">Replaces string values: each <c>fullUrl</c> and each conditional reference of a transaction; null for
    /// none.</param>
    public static byte[] Stamp(ReadOnlySpan<byte> body, ResourceStamp stamp, IReadOnlyDictionary<string, string>? references = null)
    {
        ArrayBufferWriter<byte> output = new(body.Length + 192);
        Write(output, $"{{\"resourceType\":\"{stamp.Type}\",\"id\":\"{stamp.Id}\",\"meta\":{{\"versionId\":\"{stamp.Version}\","
            + $"\"lastUpdated\":\"{FhirText.Instant(stamp.LastUpdated)}\"");
        Utf8JsonReader reader = new(body, s_options);
        ReadOnlySpan<byte> meta = FindMeta(reader, body);
        if (!meta.IsEmpty)
        {
            Utf8JsonReader inner = new(meta, s_options);
            CopyMembers(ref inner, meta, output, references, static name => name is "versionId" or "lastUpdated");
        }

        Write(output, "}");
        CopyMembers(ref reader, body, output, references, static name => name is "resourceType" or "id" or "meta");
        Write(output, "}");
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Copies the members of an object, each with a comma before it.</summary>
    private static void CopyMembers(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ArrayBufferWriter<byte> output,
        IReadOnlyDictionary<string, string>? references, Func<string, bool> isLeftOut)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int start = (int)reader.TokenStartIndex;
            bool isCopied = !isLeftOut(reader.GetString()!);
            reader.Read();
            if (isCopied)
            {
                Write(output, ",");
                CopyValue(ref reader, json, start, output, references);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>Copies the bytes from a start to the end of the value that the reader is at.</summary>
    private static void CopyValue(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> json, int start, ArrayBufferWriter<byte> output,
        IReadOnlyDictionary<string, string>? references)
    {
        if (references is null)
        {
            reader.Skip();
            output.Write(json[start..(int)reader.BytesConsumed]);
            return;
        }

        int depth = reader.CurrentDepth;
        bool isReference = false;
        do
        {
            // Any text can be the urn of an entry. A URL and a conditional reference are replaced in a member 'reference' only.
            if (reader.TokenType == JsonTokenType.String && references.TryGetValue(reader.GetString()!, out string? other)
                && (isReference || reader.GetString()!.StartsWith("urn:", StringComparison.Ordinal)))
            {
                output.Write(json[start..(int)reader.TokenStartIndex]);
                Write(output, $"\"{JsonEncodedText.Encode(other)}\"");
                start = (int)reader.BytesConsumed;
            }

            isReference = reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("reference"u8);
        }
        while ((reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray || reader.CurrentDepth > depth) && reader.Read());
        output.Write(json[start..(int)reader.BytesConsumed]);
    }

    /// <summary>Returns the object <c>meta</c>; empty if there is none.</summary>
    private static ReadOnlySpan<byte> FindMeta(Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isMeta = reader.ValueTextEquals("meta"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            bool isObject = reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
            if (isMeta && isObject)
            {
                return json[start..(int)reader.BytesConsumed];
            }
        }

        return default;
    }

    private static void Write(ArrayBufferWriter<byte> output, string text)
    {
        int count = Encoding.UTF8.GetByteCount(text);
        Encoding.UTF8.GetBytes(text, output.GetSpan(count));
        output.Advance(count);
    }
}

/// <summary>What a server assigns to a version of a resource.</summary>
/// <param name="Type">The resource type.</param>
/// <param name="Id">The logical id.</param>
/// <param name="Version">The version number, from 1.</param>
/// <param name="LastUpdated">Nanoseconds since 1970 UTC.</param>
internal readonly record struct ResourceStamp(string Type, string Id, long Version, long LastUpdated);

/// <summary>Text forms of FHIR.</summary>
internal static class FhirText
{
    /// <summary>An instant with milliseconds.</summary>
    /// <param name="utcNanos">Nanoseconds since 1970 UTC.</param>
    public static string Instant(long utcNanos) =>
        ToDateTime(utcNanos).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static DateTime ToDateTime(long utcNanos) => DateTime.UnixEpoch.AddTicks(utcNanos / 100);
}
