using System.Buffers;
using System.Text.Json;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Patch;
using Estream.Wire.Fhir.Search;

namespace Estream.Wire.Fhir.Rest;

/// <summary>Answers <c>GET metadata</c> with a CapabilityStatement (FHIR R4, 5.1). Immutable and thread-safe.</summary>
internal sealed class Capabilities(FhirHandlerOptions options)
{
    private static readonly string[] s_interactions =
        ["create", "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "search-type"];

    private readonly Lazy<ReadOnlyMemory<byte>> _text = new(() => Write(options));

    public FhirResponse Answer() => new(200, _text.Value);

    private static ReadOnlyMemory<byte> Write(FhirHandlerOptions options)
    {
        ArrayBufferWriter<byte> output = new(4_096);
        using Utf8JsonWriter writer = new(output);
        writer.WriteStartObject();
        writer.WriteString("resourceType", "CapabilityStatement");
        writer.WriteString("status", "active");
        writer.WriteString("date", "2026-11-27");
        writer.WriteString("kind", "instance");
        writer.WriteString("fhirVersion", "4.0.1");
        writer.WriteStartArray("format");
        writer.WriteStringValue("application/fhir+json");
        writer.WriteEndArray();
        writer.WriteStartArray("patchFormat");
        writer.WriteStringValue(JsonPatch.ContentType);
        writer.WriteEndArray();
        writer.WriteStartObject("implementation");
        writer.WriteString("description", "Estream");
        writer.WriteString("url", options.BaseUrl);
        writer.WriteEndObject();
        writer.WriteStartArray("rest");
        writer.WriteStartObject();
        writer.WriteString("mode", "server");
        WriteCodes(writer, "interaction", ["transaction", "batch", "history-system"]);
        writer.WriteStartArray("resource");
        foreach (string type in FhirTypes.All)
        {
            WriteType(writer, type, options.IsUpdateCreate);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenMemory;
    }

    private static void WriteType(Utf8JsonWriter writer, string type, bool isUpdateCreate)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        WriteCodes(writer, "interaction", s_interactions);
        writer.WriteString("versioning", "versioned");
        writer.WriteBoolean("readHistory", true);
        writer.WriteBoolean("updateCreate", isUpdateCreate);
        writer.WriteBoolean("conditionalCreate", true);
        writer.WriteBoolean("conditionalUpdate", true);
        writer.WriteString("conditionalDelete", "single");
        writer.WriteStartArray("searchParam");
        foreach ((string name, SearchKind kind) in SearchParameters.Of(type))
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("type", kind switch
            {
                SearchKind.Reference => "reference",
                SearchKind.Date or SearchKind.LastUpdated => "date",
                SearchKind.Text => "string",
                _ => "token",
            });
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteCodes(Utf8JsonWriter writer, string name, IReadOnlyList<string> codes)
    {
        writer.WriteStartArray(name);
        foreach (string code in codes)
        {
            writer.WriteStartObject();
            writer.WriteString("code", code);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
