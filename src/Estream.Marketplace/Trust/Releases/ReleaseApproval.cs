using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Releases;

/// <summary>
/// That somebody has reviewed a release and approves of it: a document that names the release digest, signed in a context of its own
/// (docs/formats/release.md). How many are needed, and whose count, says the signed policy of the registry. Immutable.
/// </summary>
public sealed record ReleaseApproval
{
    /// <summary>Documents of approvals that are looked at for one release.</summary>
    public const int MaxDocuments = 64;

    /// <summary>Bytes such a document has at most.</summary>
    public const int MaxBytes = 256 << 10;

    /// <summary>The release digest (<see cref="ReleaseStatement.Digest"/>).</summary>
    public required string Release { get; init; }

    /// <summary>The name of the component, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Its version, for people.</summary>
    public required string Version { get; init; }

    /// <summary>The approval of a release.</summary>
    /// <param name="release">What its author states.</param>
    public static ReleaseApproval Of(ReleaseStatement release)
    {
        ArgumentNullException.ThrowIfNull(release);
        return new ReleaseApproval { Release = release.Digest(), Name = release.Package.Name, Version = release.Package.Version };
    }

    /// <summary>The payload that is signed: canonical JSON in UTF-8.</summary>
    public byte[] ToPayload() =>
        CanonicalJson.Write(
            new JsonObject { { "type", DocumentType.Approval.Name }, { "name", Name }, { "version", Version }, { "release", Release } });

    /// <summary>Signs it.</summary>
    /// <param name="reviewers">Who approves.</param>
    public byte[] Sign(params IEnumerable<DocumentSigner> reviewers) => DsseEnvelope.Sign(DocumentType.Approval, ToPayload(), reviewers)
        .ToJson();

    /// <summary>Reads a payload. Whatever bytes it is given, it answers and does not throw.</summary>
    /// <param name="payload">The bytes, whose signatures the caller verifies.</param>
    /// <param name="approval">The approval.</param>
    /// <param name="reason">Why it is none.</param>
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

    /// <summary>Who of those that may has approved of a release. Each key counts once, however often and in how many documents it signed;
    /// who has signed the release itself does not count.</summary>
    /// <param name="release">The release, verified.</param>
    /// <param name="documents">Documents of approvals, from anywhere; those that are none are passed over.</param>
    /// <param name="reviewers">Whose approvals count.</param>
    public static IReadOnlyList<DocumentKey> ApproversOf(ReleaseOutcome release, IEnumerable<ReadOnlyMemory<byte>> documents,
        IEnumerable<DocumentKey> reviewers)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(reviewers);
        return release.Digest is { } digest ? ApproversOf(digest, release.Signers, documents, reviewers) : [];
    }

    /// <summary>Who of the reviewers has approved of a release digest, each once, and none of its authors.</summary>
    /// <param name="digest">The release digest.</param>
    /// <param name="authors">Whose approvals do not count: who owns the namespace, or has signed the release.</param>
    /// <param name="documents">Documents of approvals, from anywhere.</param>
    /// <param name="reviewers">Whose approvals count.</param>
    internal static IReadOnlyList<DocumentKey> ApproversOf(string digest, IEnumerable<DocumentKey> authors,
        IEnumerable<ReadOnlyMemory<byte>> documents, IEnumerable<DocumentKey> reviewers)
    {
        HashSet<string> own = [.. authors.Select(key => key.MlDsa87Id)];
        DocumentKey[] others = [.. reviewers.Where(key => !own.Contains(key.MlDsa87Id))];
        return [.. documents.Take(MaxDocuments).SelectMany(document => ApproversIn(digest, document, others))
            .DistinctBy(key => key.MlDsa87Id, StringComparer.Ordinal)];
    }

    /// <summary>Why a release may not be installed for want of approvals, by the policy of its registry; null where it may.</summary>
    /// <param name="release">The release, verified.</param>
    /// <param name="documents">Documents of approvals, from anywhere.</param>
    /// <param name="roles">What the registry says.</param>
    /// <exception cref="ArgumentException">The release was not verified.</exception>
    public static ReleaseFault? Missing(ReleaseOutcome release, IEnumerable<ReadOnlyMemory<byte>> documents, TrustedRoles roles)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(roles);
        if (release.Statement is not { } statement)
        {
            throw new ArgumentException($"The release was not verified: {release.Fault}.", nameof(release));
        }

        if (roles.PolicyOf(statement.Package.Category) is not { } policy)
        {
            return new ReleaseFault(ReleaseFaultKind.Category, "category",
                $"the registry '{roles.Root.Registry}' has no policy for '{statement.Package.Category}', so that nothing of it is "
                + "installed: ask who keeps it");
        }

        int given = ApproversOf(release, documents, policy.Reviewers).Count;
        return given >= policy.Approvals
            ? null
            : new ReleaseFault(ReleaseFaultKind.Approvals, null,
                $"{given} of {policy.Approvals} approvals that a {statement.Package.Category} needs are of reviewers who may: have others "
                + $"of them review the release {release.Digest}");
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
