using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Releases;

/// <summary>
/// The statement that an author signs about one version of a component (docs/formats/release.md): the roots of its files, its manifest, and
/// all facts that a user confirms before installation, so that none of these can be replaced. Immutable.
/// </summary>
public sealed record ReleaseStatement
{
    /// <summary>The path of the signed statement in a package.</summary>
    public const string FileName = "SIGNATURE.ml-dsa";

    /// <summary>The maximum size of a signed statement, in bytes.</summary>
    public const int MaxFileBytes = 1 << 20;

    private const int MaxPayloadBytes = 512 << 10;

    /// <summary>The facts about the package.</summary>
    public required PackageFacts Package { get; init; }

    /// <summary>The digest of the previous release, in 64 lower-case hexadecimal digits; null for the first release.</summary>
    public string? PrevRelease { get; init; }

    /// <summary>The source of the build, such as <c>git+https://example.org/meter@COMMIT</c>; null if not stated.</summary>
    public string? BuildRef { get; init; }

    /// <summary>Returns the payload to sign: canonical JSON in UTF-8.</summary>
    /// <exception cref="ArgumentException">A text is not valid Unicode.</exception>
    public byte[] ToPayload()
    {
        JsonObject json = Package.ToJson();
        json.Add("type", DocumentType.Release.Name);
        json.Add("prevRelease", PrevRelease is null ? JsonNull.Instance : PrevRelease);
        json.Add("buildRef", BuildRef is null ? JsonNull.Instance : BuildRef);
        return CanonicalJson.Write(json);
    }

    /// <summary>Returns the release digest: the SHA-256 of the payload, in 64 lower-case hexadecimal digits. Approvals and the next release
    /// refer to it.</summary>
    public string Digest() => Convert.ToHexStringLower(SHA256.HashData(ToPayload()));

    /// <summary>Signs the statement and returns the content of <see cref="FileName"/>.</summary>
    /// <param name="signers">The signers.</param>
    public byte[] Sign(params IEnumerable<DocumentSigner> signers) => DsseEnvelope.Sign(DocumentType.Release, ToPayload(), signers)
        .ToJson();

    /// <summary>Reads a payload. Accepts any bytes and never throws because of them.</summary>
    /// <param name="payload">The payload, whose signatures the caller verifies.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="reason">Why the bytes are not a statement.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out ReleaseStatement? statement,
        [NotNullWhen(false)] out string? reason)
    {
        statement = null;
        if (!StrictJsonReader.TryReadCanonical(payload, new JsonLimits(MaxPayloadBytes, 3, 10_000), out JsonValue? value,
            out JsonFault? fault))
        {
            reason = fault.ToString();
            return false;
        }

        JsonFields fields = new(value);
        fields.OneOf("type", DocumentType.Release.Name);
        ReleaseStatement read = new()
        {
            Package = PackageFacts.Read(fields),
            PrevRelease = fields.TakesNull("prevRelease") ? null : Convert.ToHexStringLower(fields.Hex("prevRelease", 32)),
            BuildRef = fields.TakesNull("buildRef") ? null : fields.Text("buildRef", 500),
        };
        reason = fields.End();
        statement = reason is null ? read : null;
        return reason is null;
    }
}
