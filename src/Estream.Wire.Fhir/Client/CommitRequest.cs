using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Esf.Items;
using Estream.Fhir;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Client;

/// <summary>Writes the request that repeats a commit on another server: PUT or DELETE for one change, a transaction for several.
/// Stateless and thread-safe.</summary>
internal static class CommitRequest
{
    /// <summary>Writes the request: the method and path as the topic, the body as the payload.</summary>
    /// <param name="opened">An opened message of the schema FhirCommit.</param>
    /// <param name="destination">Receives the request.</param>
    /// <returns>False if the changes are withheld, or there are none.</returns>
    public static bool TryWrite(ReadOnlySpan<byte> opened, EgressMessage destination)
    {
        if (!CommitText.TryRead(opened, out EsfArray<FhirCommit.ChangesItemView, FhirCommit.ChangesItemView> changes))
        {
            return false;
        }

        int count = 0;
        foreach (FhirCommit.ChangesItemView change in changes)
        {
            count++;
            if (count == 1)
            {
                destination.Topic.Write(MethodOf(change) == "PUT" ? "PUT "u8 : "DELETE "u8);
                WritePath(change, destination.Topic);
                destination.Payload.Write(change.HasResource ? change.Resource : []);
            }
        }

        if (count > 1)
        {
            destination.Clear();
            destination.Topic.Write("POST "u8);
            WriteTransaction(changes, destination.Payload);
        }

        return count > 0;
    }

    private static void WriteTransaction(
        EsfArray<FhirCommit.ChangesItemView, FhirCommit.ChangesItemView> changes, ArrayBufferWriter<byte> payload)
    {
        using Utf8JsonWriter writer = new(payload, new JsonWriterOptions { SkipValidation = true });
        ArrayBufferWriter<byte> path = new(128);
        writer.WriteStartObject();
        writer.WriteString("resourceType", "Bundle");
        writer.WriteString("type", "transaction");
        writer.WriteStartArray("entry");
        foreach (FhirCommit.ChangesItemView change in changes)
        {
            path.Clear();
            WritePath(change, path);
            writer.WriteStartObject();
            if (change.HasResource)
            {
                writer.WritePropertyName("resource");
                writer.WriteRawValue(change.Resource, skipInputValidation: true);
            }

            writer.WriteStartObject("request");
            writer.WriteString("method", MethodOf(change));
            writer.WriteString("url"u8, path.WrittenSpan);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
    }

    private static string MethodOf(FhirCommit.ChangesItemView change) => change.Interaction == Interaction.Delete ? "DELETE" : "PUT";

    private static void WritePath(FhirCommit.ChangesItemView change, ArrayBufferWriter<byte> destination)
    {
        destination.Write(change.Type);
        destination.Write("/"u8);
        destination.Write(change.Id);
    }

    /// <summary>Reads the topic of a request.</summary>
    public static (HttpMethod Method, string Path) Read(ReadOnlySpan<byte> topic)
    {
        string text = Encoding.UTF8.GetString(topic);
        int blank = text.IndexOf(' ', StringComparison.Ordinal);
        return (new HttpMethod(text[..blank]), text[(blank + 1)..]);
    }
}
