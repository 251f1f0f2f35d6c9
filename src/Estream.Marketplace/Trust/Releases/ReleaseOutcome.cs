using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Releases;

/// <summary>The result of verifying a release: the author's statement, or the reason for its rejection. Immutable.</summary>
public sealed class ReleaseOutcome
{
    internal ReleaseOutcome(ReleaseStatement statement, string digest, IReadOnlyList<DocumentKey> signers) =>
        (Statement, Digest, Signers) = (statement, digest, signers);

    internal ReleaseOutcome(ReleaseFault fault) => (Fault, Signers) = (fault, []);

    /// <summary>Whether the release passed every check.</summary>
    [MemberNotNullWhen(true, nameof(Statement), nameof(Digest))]
    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsVerified => Statement is not null;

    /// <summary>The author's statement; null if the release is rejected.</summary>
    public ReleaseStatement? Statement { get; }

    /// <summary>The release digest: the SHA-256 of the verified payload, in 64 lower-case hexadecimal digits. Null if the release is
    /// rejected.</summary>
    public string? Digest { get; }

    /// <summary>The trusted keys that have signed.</summary>
    public IReadOnlyList<DocumentKey> Signers { get; }

    /// <summary>The first failed check; null if the release is verified.</summary>
    public ReleaseFault? Fault { get; }
}

/// <summary>Why a release is rejected.</summary>
/// <param name="Kind">The failed check.</param>
/// <param name="Member">The member of the statement that is wrong, such as <c>root256</c>; null if the fault concerns the whole
/// statement.</param>
/// <param name="Reason">A human-readable text: what is wrong and what to do.</param>
public sealed record ReleaseFault(ReleaseFaultKind Kind, string? Member, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => Member is null ? Reason : $"{Member}: {Reason}";
}

/// <summary>The check that a release failed.</summary>
public enum ReleaseFaultKind
{
    /// <summary>The package has no statement.</summary>
    Missing,

    /// <summary>The statement cannot be read: it is not an envelope, or has another type or form.</summary>
    Malformed,

    /// <summary>Fewer trusted keys than the threshold have signed the statement.</summary>
    Signature,

    /// <summary>The statement does not match the package.</summary>
    Mismatch,

    /// <summary>Fewer reviewers than required have approved the release.</summary>
    Approvals,

    /// <summary>The registry has no policy for the category of the release.</summary>
    Category,
}
