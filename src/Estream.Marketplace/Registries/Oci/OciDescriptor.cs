using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Estream.Marketplace.Registries.Oci;

/// <summary>A content descriptor of the OCI image specification. Its digest detects damage in transfer; it proves nothing about the
/// origin.</summary>
/// <param name="MediaType">The media type of the blob.</param>
/// <param name="Digest"><c>sha256:</c> and 64 lower-case hexadecimal digits.</param>
/// <param name="Size">The size of the blob in bytes.</param>
/// <param name="ArtifactType">The artifact type, if the blob is a manifest.</param>
/// <param name="RefName">The reference name, or null.</param>
/// <param name="Title">The path of the file, if the blob is one of several files.</param>
internal sealed record OciDescriptor(string MediaType, string Digest, long Size, string? ArtifactType = null, string? RefName = null,
    string? Title = null)
{
    private static readonly SearchValues<char> s_hexDigits = SearchValues.Create("0123456789abcdef");

    public const string RefNameAnnotation = "org.opencontainers.image.ref.name";

    public const string TitleAnnotation = "org.opencontainers.image.title";

    private const string Algorithm = "sha256:";

    /// <summary>The file name of the blob.</summary>
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

    /// <summary>Reads a descriptor. Ignores unknown members, as the OCI specification requires.</summary>
    /// <returns>The descriptor, or <see langword="null"/> if it is not valid or has another digest algorithm.</returns>
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
