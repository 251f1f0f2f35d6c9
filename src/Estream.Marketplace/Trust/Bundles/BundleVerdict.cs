using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Trust.Bundles;

/// <summary>The result of verifying a bundle. Immutable.</summary>
public sealed class BundleVerdict
{
    private BundleVerdict(BundleFault fault, string what, string advice, VerifiedRelease? release) =>
        (Fault, What, Reason, Release) = (fault, what, what.Length == 0 ? "" : $"{what}. {advice}", release);

    /// <summary>Whether the release is what its owners published, as of the bundle's date.</summary>
    [MemberNotNullWhen(true, nameof(Release))]
    public bool IsAccepted => Release is not null;

    /// <summary>Why the bundle is rejected.</summary>
    public BundleFault Fault { get; }

    /// <summary>The reason for the rejection, as text: what is wrong and what to do. Empty if the bundle is accepted.</summary>
    public string Reason { get; }

    /// <summary>The fault as text, without the advice to clients, because a publisher needs other advice. Has no trailing full
    /// stop.</summary>
    internal string What { get; }

    /// <summary>The verified release; null if the bundle is rejected.</summary>
    public VerifiedRelease? Release { get; }

    internal static BundleVerdict Accepted(VerifiedRelease release) => new(BundleFault.None, "", "", release);

    internal static BundleVerdict Refused(BundleFault fault, string what, string advice) => new(fault, what, advice, null);
}

/// <summary>A verified release. Immutable.</summary>
/// <param name="Name">The component.</param>
/// <param name="Version">The version.</param>
/// <param name="Root256">The SHA-256 root over the package's files, compared with the package.</param>
/// <param name="Statement">The release statement that the owners signed. Its digests of the package and of the manifest were compared. A
/// reader of the manifest must compare the other fields (<see cref="ReleaseVerifier"/>).</param>
/// <param name="LogIndex">The log index of the publication.</param>
/// <param name="LogSize">The number of log entries that the checkpoint covers.</param>
/// <param name="Signers">The owners' keys that signed the release.</param>
/// <param name="AsOf">The time of the checkpoint, to which the verdict applies. Nothing newer is known.</param>
/// <param name="WitnessCount">The number of witnesses that cosigned the checkpoint.</param>
public sealed record VerifiedRelease(
    ComponentName Name, SemanticVersion Version, string Root256, ReleaseStatement Statement, long LogIndex, long LogSize,
    IReadOnlyList<DocumentKey> Signers, DateTimeOffset AsOf, int WitnessCount);
