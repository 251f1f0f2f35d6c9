using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Trust.Bundles;

/// <summary>What came of checking a bundle. Immutable.</summary>
public sealed class BundleVerdict
{
    private BundleVerdict(BundleFault fault, string what, string advice, VerifiedRelease? release) =>
        (Fault, What, Reason, Release) = (fault, what, what.Length == 0 ? "" : $"{what}. {advice}", release);

    /// <summary>Whether the release is what its owners published, as far as the bundle's age tells.</summary>
    [MemberNotNullWhen(true, nameof(Release))]
    public bool IsAccepted => Release is not null;

    /// <summary>Why it is refused.</summary>
    public BundleFault Fault { get; }

    /// <summary>The same in words: what is wrong, and what to do. Empty where it is not refused.</summary>
    public string Reason { get; }

    /// <summary>What is wrong, without what to do: that is another thing for who publishes it. Without a full stop.</summary>
    internal string What { get; }

    /// <summary>What was verified.</summary>
    public VerifiedRelease? Release { get; }

    internal static BundleVerdict Accepted(VerifiedRelease release) => new(BundleFault.None, "", "", release);

    internal static BundleVerdict Refused(BundleFault fault, string what, string advice) => new(fault, what, advice, null);
}

/// <summary>A release that was verified. Immutable.</summary>
/// <param name="Name">The component.</param>
/// <param name="Version">The version.</param>
/// <param name="Root256">The root over the package's files with SHA-256, which were compared.</param>
/// <param name="Statement">What its owners have signed of it. Its digests of the package and of the manifest were compared; what else it
/// says, who reads the manifest compares (<see cref="ReleaseVerifier"/>).</param>
/// <param name="LogIndex">Where it was published in the log.</param>
/// <param name="LogSize">Entries of the log that its checkpoint stands for.</param>
/// <param name="Signers">The owners that have signed it.</param>
/// <param name="AsOf">When this was so: not older than the checkpoint, and no newer thing is known.</param>
/// <param name="WitnessCount">How many witnesses have cosigned the checkpoint.</param>
public sealed record VerifiedRelease(
    ComponentName Name, SemanticVersion Version, string Root256, ReleaseStatement Statement, long LogIndex, long LogSize,
    IReadOnlyList<DocumentKey> Signers, DateTimeOffset AsOf, int WitnessCount);
