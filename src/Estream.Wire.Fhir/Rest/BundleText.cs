using System.Buffers;
using System.Text.Json;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Rest;

/// <summary>Writes a Bundle (FHIR R4, 2.36). Resources are copied byte by byte. Not thread-safe.</summary>
internal sealed class BundleText : IDisposable
{
    private readonly ArrayBufferWriter<byte> _output = new(4_096);
    private readonly Utf8JsonWriter _writer;
    private readonly string _baseUrl;
    private bool _hasEntries;

    public BundleText(string type, string baseUrl, long? total = null)
    {
        _baseUrl = baseUrl;
        _writer = new Utf8JsonWriter(_output);
        _writer.WriteStartObject();
        _writer.WriteString("resourceType", "Bundle");
        _writer.WriteString("type", type);
        if (total is { } count)
        {
            _writer.WriteNumber("total", count);
        }
    }

    /// <summary>Adds a match or an included resource of a search.</summary>
    public void AddMatch(string type, string id, ReadOnlyMemory<byte> resource, string mode)
    {
        BeginEntry($"{_baseUrl}{type}/{id}", resource);
        _writer.WriteStartObject("search");
        _writer.WriteString("mode", mode);
        _writer.WriteEndObject();
        _writer.WriteEndObject();
    }

    /// <summary>Adds a version of a history.</summary>
    public void AddVersion(string type, string id, ReadOnlyMemory<byte> resource, string method, FhirResponse response)
    {
        BeginEntry($"{_baseUrl}{type}/{id}", resource);
        _writer.WriteStartObject("request");
        _writer.WriteString("method", method);
        _writer.WriteString("url", method == "POST" ? type : $"{type}/{id}");
        _writer.WriteEndObject();
        WriteResponse(response);
        _writer.WriteEndObject();
    }

    /// <summary>Adds the answer to an entry of a batch or transaction.</summary>
    public void AddAnswer(FhirResponse response)
    {
        BeginEntry(null, response.IsSuccess ? response.Body : default);
        WriteResponse(response);
        _writer.WriteEndObject();
    }

    /// <summary>The bytes written so far.</summary>
    public long Length => _writer.BytesCommitted + _writer.BytesPending;

    /// <summary>Ends the bundle.</summary>
    /// <param name="self">The URL of this page, relative to the base; null for a bundle that is not a page.</param>
    /// <param name="next">The URL of the next page; null for the last.</param>
    public ReadOnlyMemory<byte> Finish(string? self = null, string? next = null)
    {
        if (_hasEntries)
        {
            _writer.WriteEndArray();
        }

        if (self is not null)
        {
            _writer.WriteStartArray("link");
            AddLink("self", self);
            if (next is not null)
            {
                AddLink("next", next);
            }

            _writer.WriteEndArray();
        }

        _writer.WriteEndObject();
        _writer.Flush();
        return _output.WrittenMemory;
    }

    public void Dispose() => _writer.Dispose();

    private void AddLink(string relation, string url)
    {
        _writer.WriteStartObject();
        _writer.WriteString("relation", relation);
        _writer.WriteString("url", _baseUrl + url);
        _writer.WriteEndObject();
    }

    private void BeginEntry(string? fullUrl, ReadOnlyMemory<byte> resource)
    {
        if (!_hasEntries)
        {
            _writer.WriteStartArray("entry");
            _hasEntries = true;
        }

        _writer.WriteStartObject();
        if (fullUrl is not null)
        {
            _writer.WriteString("fullUrl", fullUrl);
        }

        if (!resource.IsEmpty)
        {
            _writer.WritePropertyName("resource");
            _writer.WriteRawValue(resource.Span, skipInputValidation: true);
        }
    }

    private void WriteResponse(FhirResponse response)
    {
        _writer.WriteStartObject("response");
        _writer.WriteString("status", response.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (response.Location is not null)
        {
            _writer.WriteString("location", response.Location);
        }

        if (response.Version > 0)
        {
            _writer.WriteString("etag", response.ETag);
            _writer.WriteString("lastModified", FhirText.Instant(response.LastModified));
        }

        if (!response.IsSuccess && !response.Body.IsEmpty)
        {
            _writer.WritePropertyName("outcome");
            _writer.WriteRawValue(response.Body.Span, skipInputValidation: true);
        }

        _writer.WriteEndObject();
    }
}
