using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Releases;

/// <summary>What came of checking a release: what its author states, or why it is not believed. Immutable.</summary>
public sealed class ReleaseOutcome
{
    internal ReleaseOutcome(ReleaseStatement statement, string digest, IReadOnlyList<DocumentKey> signers) =>
        (Statement, Digest, Signers) = (statement, digest, signers);

    internal ReleaseOutcome(ReleaseFault fault) => (Fault, Signers) = (fault, []);

    /// <summary>Whether every check was passed.</summary>
    [MemberNotNullWhen(true, nameof(Statement), nameof(Digest))]
    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsVerified => Statement is not null;

    /// <summary>What the author states.</summary>
    public ReleaseStatement? Statement { get; }

    /// <summary>The release digest: the SHA-256 of the payload that was verified, in 64 lower-case hexadecimal digits.</summary>
    public string? Digest { get; }

    /// <summary>Which of the keys that count have signed.</summary>
    public IReadOnlyList<DocumentKey> Signers { get; }

    /// <summary>The first check that was not passed.</summary>
    public ReleaseFault? Fault { get; }
}

/// <summary>Why a release is not believed.</summary>
/// <param name="Kind">Which check failed.</param>
/// <param name="Member">The member of the statement it is about, such as <c>root256</c>; null where it is about the whole.</param>
/// <param name="Reason">What is wrong, and what to do, for people.</param>
public sealed record ReleaseFault(ReleaseFaultKind Kind, string? Member, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => Member is null ? Reason : $"{Member}: {Reason}";
}

/// <summary>Which check a release does not pass.</summary>
public enum ReleaseFaultKind
{
    /// <summary>There is no statement.</summary>
    Missing,

    /// <summary>The statement is none: no envelope, another type, or another shape.</summary>
    Malformed,

    /// <summary>Not enough of the keys that count have signed it.</summary>
    Signature,

    /// <summary>It states something else than the package is.</summary>
    Mismatch,

    /// <summary>Not enough of those who may have approved of it.</summary>
    Approvals,

    /// <summary>The registry has no policy for its category.</summary>
    Category,
}
