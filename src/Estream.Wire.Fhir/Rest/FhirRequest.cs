using System.Text;
using System.Text.Json;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Search;

namespace Estream.Wire.Fhir.Rest;

/// <summary>A request, from HTTP or from an entry of a bundle.</summary>
internal sealed record FhirRequest
{
    /// <summary>The HTTP method in upper case.</summary>
    public required string Method { get; init; }

    /// <summary>The parts of the path below the base.</summary>
    public required IReadOnlyList<string> Path { get; init; }

    /// <summary>The query without its '?'.</summary>
    public string Query { get; init; } = "";

    /// <summary>The body without a byte order mark; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init => field = SkipByteOrderMark(value); }

    /// <summary>The client that sent the request.</summary>
    public required FhirPrincipal Principal { get; init; }

    /// <summary>The header If-Match; empty for none.</summary>
    public string IfMatch { get; init; } = "";

    /// <summary>The header If-None-Match; empty for none.</summary>
    public string IfNoneMatch { get; init; } = "";

    /// <summary>The header If-None-Exist; empty for none.</summary>
    public string IfNoneExist { get; init; } = "";

    /// <summary>The header Prefer; empty for none.</summary>
    public string Prefer { get; init; } = "";

    /// <summary>Replaces string values of the body; null for none.</summary>
    public IReadOnlyDictionary<string, string>? References { get; init; }

    /// <summary>The id for a new resource; null for a new id.</summary>
    public string? NewId { get; init; }

    /// <summary>What the searches of the request may cost. Default: no limit.</summary>
    public ScanBudget Budget { get; init; } = new(long.MaxValue, CancellationToken.None);

    public string Part(int index) => index < Path.Count ? Path[index] : "";

    /// <summary>Skips the byte order mark that some programs write before JSON in UTF-8 (RFC 8259, section 8.1).</summary>
    public static ReadOnlyMemory<byte> SkipByteOrderMark(ReadOnlyMemory<byte> text) =>
        text.Span.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text;

    /// <summary>Reads a URL relative to the base, such as <c>Patient/1?x=y</c>.</summary>
    public static (string[] Path, string Query) Split(string url)
    {
        int question = url.IndexOf('?', StringComparison.Ordinal);
        string path = question < 0 ? url : url[..question];
        return (path.Split('/', StringSplitOptions.RemoveEmptyEntries), question < 0 ? "" : url[(question + 1)..]);
    }
}

/// <summary>A response.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body in JSON; empty for none.</param>
internal sealed record FhirResponse(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>The version for the header ETag; 0 for none.</summary>
    public long Version { get; init; }

    /// <summary>The time for the header Last-Modified, nanoseconds since 1970 UTC; 0 for none.</summary>
    public long LastModified { get; init; }

    /// <summary>The location relative to the base; null for none.</summary>
    public string? Location { get; init; }

    /// <summary>The position of the commit to wait for before the response is sent; -1 for none.</summary>
    public long Position { get; init; } = -1;

    /// <summary>The issue of a failure; empty for others.</summary>
    public string Code { get; init; } = "";

    /// <summary>The text of a failure; empty for others.</summary>
    public string Diagnostics { get; init; } = "";

    public bool IsSuccess => Status is >= 200 and < 300;

    public string ETag => $"W/\"{Version}\"";
}

/// <summary>Writes OperationOutcome (FHIR R4, 2.4).</summary>
internal static class Outcome
{
    public static FhirResponse Fail(int status, string code, string diagnostics, string? expression = null) =>
        new(status, Write("error", code, diagnostics, expression)) { Code = code, Diagnostics = diagnostics };

    public static ReadOnlyMemory<byte> Write(string severity, string code, string diagnostics, string? expression = null)
    {
        System.Buffers.ArrayBufferWriter<byte> output = new(256);
        using Utf8JsonWriter writer = new(output);
        writer.WriteStartObject();
        writer.WriteString("resourceType", "OperationOutcome");
        writer.WriteStartArray("issue");
        writer.WriteStartObject();
        writer.WriteString("severity", severity);
        writer.WriteString("code", code);
        writer.WriteString("diagnostics", diagnostics);
        if (expression is not null)
        {
            writer.WriteStartArray("expression");
            writer.WriteStringValue(expression);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenMemory;
    }
}
