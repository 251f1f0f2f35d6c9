using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Releases;

/// <summary>
/// A reviewer's approval of a release: a document that names the release digest, signed as its own document type (docs/formats/release.md).
/// The signed policy of the registry defines how many approvals are required and which reviewers count. Immutable.
/// </summary>
public sealed record ReleaseApproval
{
    /// <summary>The maximum number of approval documents examined per release.</summary>
    public const int MaxDocuments = 64;

    /// <summary>The maximum size of an approval document, in bytes.</summary>
    public const int MaxBytes = 256 << 10;

    /// <summary>The release digest (<see cref="ReleaseStatement.Digest"/>).</summary>
    public required string Release { get; init; }

    /// <summary>The human-readable name of the component.</summary>
    public required string Name { get; init; }

    /// <summary>The human-readable version of the component.</summary>
    public required string Version { get; init; }

    /// <summary>Returns the approval of a release.</summary>
    /// <param name="release">The release statement.</param>
    public static ReleaseApproval Of(ReleaseStatement release)
    {
        ArgumentNullException.ThrowIfNull(release);
        return new ReleaseApproval { Release = release.Digest(), Name = release.Package.Name, Version = release.Package.Version };
    }

    /// <summary>Returns the payload to sign: canonical JSON in UTF-8.</summary>
    public byte[] ToPayload() =>
        CanonicalJson.Write(
            new JsonObject { { "type", DocumentType.Approval.Name }, { "name", Name }, { "version", Version }, { "release", Release } });

    /// <summary>Signs the approval.</summary>
    /// <param name="reviewers">The approving reviewers.</param>
    public byte[] Sign(params IEnumerable<DocumentSigner> reviewers) => DsseEnvelope.Sign(DocumentType.Approval, ToPayload(), reviewers)
        .ToJson();

    /// <summary>Reads a payload. Accepts any bytes and never throws because of them.</summary>
    /// <param name="payload">The payload, whose signatures the caller verifies.</param>
    /// <param name="approval">The approval.</param>
    /// <param name="reason">Why the bytes are not an approval.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out ReleaseApproval? approval,
        [NotNullWhen(false)] out string? reason)
    {
        approval = null;
        if (!StrictJsonReader.TryReadCanonical(payload, new JsonLimits(4 << 10, 1, 8), out JsonValue? value, out JsonFault? fault))
        {
            reason = fault.ToString();
            return false;
        }

        JsonFields fields = new(value);
        fields.OneOf("type", DocumentType.Approval.Name);
        ReleaseApproval read = new()
        {
            Name = fields.Text("name", 128),
            Version = fields.Text("version", 128),
            Release = Convert.ToHexStringLower(fields.Hex("release", 32)),
        };
        reason = fields.End();
        approval = reason is null ? read : null;
        return reason is null;
    }

    /// <summary>Returns the reviewers who approved a release. Each key counts once, however many documents it signed. A key that signed the
    /// release itself does not count.</summary>
    /// <param name="release">The verified release.</param>
    /// <param name="documents">Untrusted approval documents; invalid ones are ignored.</param>
    /// <param name="reviewers">The keys whose approvals count.</param>
    public static IReadOnlyList<DocumentKey> ApproversOf(ReleaseOutcome release, IEnumerable<ReadOnlyMemory<byte>> documents,
        IEnumerable<DocumentKey> reviewers)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(reviewers);
        return release.Digest is { } digest ? ApproversOf(digest, release.Signers, documents, reviewers) : [];
    }

    /// <summary>Returns the reviewers who approved a release digest, each once, excluding its authors.</summary>
    /// <param name="digest">The release digest.</param>
    /// <param name="authors">The keys whose approvals do not count: the owners of the namespace and the signers of the release.</param>
    /// <param name="documents">Untrusted approval documents; invalid ones are ignored.</param>
    /// <param name="reviewers">The keys whose approvals count.</param>
    internal static IReadOnlyList<DocumentKey> ApproversOf(string digest, IEnumerable<DocumentKey> authors,
        IEnumerable<ReadOnlyMemory<byte>> documents, IEnumerable<DocumentKey> reviewers)
    {
        HashSet<string> own = [.. authors.Select(key => key.MlDsa87Id)];
        DocumentKey[] others = [.. reviewers.Where(key => !own.Contains(key.MlDsa87Id))];
        return [.. documents.Take(MaxDocuments).SelectMany(document => ApproversIn(digest, document, others))
            .DistinctBy(key => key.MlDsa87Id, StringComparer.Ordinal)];
    }

    /// <summary>Returns the fault that forbids installation because approvals are missing, according to the policy of the registry; null if
    /// the release may be installed.</summary>
    /// <param name="release">The verified release.</param>
    /// <param name="documents">Untrusted approval documents; invalid ones are ignored.</param>
    /// <param name="roles">The trusted roles of the registry.</param>
    /// <exception cref="ArgumentException">The release was not verified.</exception>
    public static ReleaseFault? Missing(ReleaseOutcome release, IEnumerable<ReadOnlyMemory<byte>> documents, TrustedRoles roles)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(roles);
        if (release.Statement is not { } statement)
        {
            throw new ArgumentException($"The release is not verified: {release.Fault}. Verify it first.", nameof(release));
        }

        if (roles.PolicyOf(statement.Package.Category) is not { } policy)
        {
            return new ReleaseFault(ReleaseFaultKind.Category, "category",
                $"the registry '{roles.Root.Registry}' has no policy for '{statement.Package.Category}', so no release of it can be "
                + "installed; ask its operator");
        }

        int given = ApproversOf(release, documents, policy.Reviewers).Count;
        return given >= policy.Approvals
            ? null
            : new ReleaseFault(ReleaseFaultKind.Approvals, null,
                $"{given} of the {policy.Approvals} reviewers that a {statement.Package.Category} needs have approved; ask other reviewers "
                + $"to review the release {release.Digest}");
    }

    private static IReadOnlyList<DocumentKey> ApproversIn(string digest, ReadOnlyMemory<byte> document, DocumentKey[] reviewers)
    {
        if (!DsseEnvelope.TryRead(document.Span, MaxBytes, out DsseEnvelope? envelope, out _)
            || envelope.SignersAmong(DocumentType.Approval, reviewers) is not { Count: > 0 } signers)
        {
            return [];
        }

        return TryRead(envelope.UnverifiedPayload.Span, out ReleaseApproval? approval, out _) && approval.Release == digest ? signers : [];
    }
}
