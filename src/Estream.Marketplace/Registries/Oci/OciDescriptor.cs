using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Estream.Marketplace.Registries.Oci;

/// <summary>Which blob is meant, as the OCI image specification writes it. In OCI, digests are transport: they find what was damaged, and
/// say nothing of whose it is.</summary>
/// <param name="MediaType">What it is.</param>
/// <param name="Digest"><c>sha256:</c> and 64 lower-case hexadecimal digits.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="ArtifactType">What the manifest is of, where it is one.</param>
/// <param name="RefName">The name it is found by, where it has one.</param>
/// <param name="Title">The path of the file that it is, where it is one of several.</param>
internal sealed record OciDescriptor(string MediaType, string Digest, long Size, string? ArtifactType = null, string? RefName = null,
    string? Title = null)
{
    private static readonly SearchValues<char> s_hexDigits = SearchValues.Create("0123456789abcdef");

    public const string RefNameAnnotation = "org.opencontainers.image.ref.name";

    public const string TitleAnnotation = "org.opencontainers.image.title";

    private const string Algorithm = "sha256:";

    /// <summary>The name of the blob's file.</summary>
    public string Hex => Digest[Algorithm.Length..];

    public static OciDescriptor Of(string mediaType, ReadOnlySpan<byte> content, string? artifactType = null, string? refName = null) =>
        new(mediaType, Algorithm + Convert.ToHexStringLower(SHA256.HashData(content)), content.Length, artifactType, refName);

    public bool Has(ReadOnlySpan<byte> content) =>
        content.Length == Size && Algorithm + Convert.ToHexStringLower(SHA256.HashData(content)) == Digest;

    public JsonObject ToJson()
    {
        JsonObject json = new() { ["mediaType"] = MediaType, ["digest"] = Digest, ["size"] = Size };
        if (ArtifactType is not null)
        {
            json["artifactType"] = ArtifactType;
        }

        if (RefName is not null)
        {
            json["annotations"] = new JsonObject { [RefNameAnnotation] = RefName };
        }
        else if (Title is not null)
        {
            json["annotations"] = new JsonObject { [TitleAnnotation] = Title };
        }

        return json;
    }

    /// <summary>Reads one. Members that are not known are passed over, as OCI wants it.</summary>
    /// <returns>It, or <see langword="null"/> where it is none that is read here.</returns>
    public static OciDescriptor? Read(JsonElement json)
    {
        string? digest = Text(json, "digest"), mediaType = Text(json, "mediaType");
        bool isSound = mediaType is not null && digest is not null && digest.StartsWith(Algorithm, StringComparison.Ordinal)
            && digest.Length == Algorithm.Length + 64
            && !digest.AsSpan(Algorithm.Length).ContainsAnyExcept(s_hexDigits);
        if (!isSound || !json.TryGetProperty("size", out JsonElement size) || size.ValueKind != JsonValueKind.Number
            || !size.TryGetInt64(out long bytes) || bytes < 0)
        {
            return null;
        }

        JsonElement annotations = json.TryGetProperty("annotations", out JsonElement there) ? there : default;
        return new OciDescriptor(mediaType!, digest!, bytes, Text(json, "artifactType"), Text(annotations, RefNameAnnotation),
            Text(annotations, TitleAnnotation));
    }

    public static string? Text(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out JsonElement value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
