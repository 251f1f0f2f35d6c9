using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Releases;

/// <summary>What came of checking a release: what its author states, or why it is not believed. Immutable.</summary>
public sealed class ReleaseOutcome
{
    internal ReleaseOutcome(ReleaseStatement statement, string digest, IReadOnlyList<DocumentKey> signers) => (Statement, Digest, Signers) = (statement, digest, signers);

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
