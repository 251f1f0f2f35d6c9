using System.Text.Json;
using System.Text.Json.Nodes;

namespace Estream.Marketplace.Registries.Oci;

/// <summary>Reads and writes the indexes and manifests of the OCI image specification 1.1, as far as they are used here. Thread-safe; holds
/// no state.</summary>
internal static class OciDocument
{
    public const string IndexType = "application/vnd.oci.image.index.v1+json";
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    public const string EmptyType = "application/vnd.oci.empty.v1+json";

    private const int MaxDepth = 16;

    /// <summary>The content of the empty descriptor's blob.</summary>
    public static ReadOnlySpan<byte> Empty => "{}"u8;

    public static byte[] Index(IEnumerable<OciDescriptor> manifests) => Write(new JsonObject
    {
        ["schemaVersion"] = 2, ["mediaType"] = IndexType,
        ["manifests"] = new JsonArray([.. manifests.Select(manifest => manifest.ToJson())]),
    });

    public static byte[] Manifest(string artifactType, OciDescriptor config, OciDescriptor layer, OciDescriptor? subject) =>
        Manifest(artifactType, config, [layer], subject);

    public static byte[] Manifest(string artifactType, OciDescriptor config, IEnumerable<OciDescriptor> layers, OciDescriptor? subject)
    {
        JsonObject json = new()
        {
            ["schemaVersion"] = 2, ["mediaType"] = ManifestType, ["artifactType"] = artifactType, ["config"] = config.ToJson(),
            ["layers"] = new JsonArray([.. layers.Select(layer => layer.ToJson())]),
        };
        if (subject is not null)
        {
            json["subject"] = (subject with { ArtifactType = null, RefName = null }).ToJson();
        }

        return Write(json);
    }

    /// <summary>Returns the manifests of an index, or <see langword="null"/> if the bytes are not a valid index.</summary>
    public static IReadOnlyList<OciDescriptor>? ReadIndex(ReadOnlyMemory<byte> bytes) => Read(bytes, root => ReadArray(root, "manifests"));

    /// <summary>Returns the descriptors of a manifest, or <see langword="null"/> if the bytes are not a valid manifest with one
    /// layer.</summary>
    public static OciManifest? ReadManifest(ReadOnlyMemory<byte> bytes) => Read(bytes, root =>
    {
        OciDescriptor? config = root.TryGetProperty("config", out JsonElement one) ? OciDescriptor.Read(one) : null;
        OciDescriptor? subject = root.TryGetProperty("subject", out JsonElement other) ? OciDescriptor.Read(other) : null;
        return config is not null && ReadArray(root, "layers") is [{ } layer]
            ? new OciManifest(OciDescriptor.Text(root, "artifactType"), config, layer, subject)
            : null;
    });

    /// <summary>Returns the layers of a manifest, or <see langword="null"/> if the bytes are not valid.</summary>
    public static IReadOnlyList<OciDescriptor>? ReadFiles(ReadOnlyMemory<byte> bytes) => Read(bytes, root => ReadArray(root, "layers"));

    private static List<OciDescriptor>? ReadArray(JsonElement root, string member)
    {
        if (!root.TryGetProperty(member, out JsonElement array) || array.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        List<OciDescriptor> read = [];
        foreach (JsonElement item in array.EnumerateArray())
        {
            if (OciDescriptor.Read(item) is not { } descriptor)
            {
                return null;
            }

            read.Add(descriptor);
        }

        return read;
    }

    private static T? Read<T>(ReadOnlyMemory<byte> bytes, Func<JsonElement, T?> read)
        where T : class
    {
        try
        {
            using JsonDocument document =
                JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // A string may contain an unpaired surrogate, which throws only when the string is read.
            return null;
        }
    }

    private static byte[] Write(JsonObject json) => System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
}

/// <summary>The descriptors of a manifest.</summary>
internal sealed record OciManifest(string? ArtifactType, OciDescriptor Config, OciDescriptor Layer, OciDescriptor? Subject);
