using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Trust.Bundles;

namespace Estream.Marketplace.Client;

/// <summary>The result of checking a release: its verified facts, or the reason why it is refused. Immutable.</summary>
public sealed class CheckedRelease
{
    private readonly byte[] _package = [];

    internal CheckedRelease(VerifiedRelease release, ComponentManifest manifest, ReadOnlyMemory<byte> bundle, byte[] package) =>
        (Release, Manifest, Bundle, _package) = (release, manifest, bundle, package);

    private CheckedRelease(string reason) => Reason = reason;

    /// <summary>Whether the release passed every check.</summary>
    [MemberNotNullWhen(true, nameof(Release), nameof(Manifest))]
    [MemberNotNullWhen(false, nameof(Reason))]
    public bool IsAccepted => Release is not null;

    /// <summary>Why the release is refused and what to do; null if it is accepted.</summary>
    public string? Reason { get; }

    /// <summary>The verified release; null if it is refused.</summary>
    public VerifiedRelease? Release { get; }

    /// <summary>The manifest from the package; null if the release is refused.</summary>
    public ComponentManifest? Manifest { get; }

    /// <summary>The bytes of the bundle that verified the release.</summary>
    internal ReadOnlyMemory<byte> Bundle { get; }

    /// <summary>The bytes of the package; empty if the release is refused.</summary>
    public ReadOnlyMemory<byte> Package => _package;

    /// <summary>Opens the package as a seekable read-only stream.</summary>
    public Stream OpenPackage() => new MemoryStream(_package, writable: false);

    internal static CheckedRelease Refused(string reason) => new(reason);
}
