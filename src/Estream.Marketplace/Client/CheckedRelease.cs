using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Trust.Bundles;

namespace Estream.Marketplace.Client;

/// <summary>What came of checking a release: what it is, or why it is refused. Immutable.</summary>
public sealed class CheckedRelease
{
    private readonly byte[] _package = [];

    internal CheckedRelease(VerifiedRelease release, ComponentManifest manifest, ReadOnlyMemory<byte> bundle, byte[] package) =>
        (Release, Manifest, Bundle, _package) = (release, manifest, bundle, package);

    private CheckedRelease(string reason) => Reason = reason;

    /// <summary>Whether every check was passed.</summary>
    [MemberNotNullWhen(true, nameof(Release), nameof(Manifest))]
    [MemberNotNullWhen(false, nameof(Reason))]
    public bool IsAccepted => Release is not null;

    /// <summary>Why it is refused, and what to do.</summary>
    public string? Reason { get; }

    /// <summary>What was verified.</summary>
    public VerifiedRelease? Release { get; }

    /// <summary>The manifest in its package.</summary>
    public ComponentManifest? Manifest { get; }

    /// <summary>The bytes of the bundle that it was verified by.</summary>
    internal ReadOnlyMemory<byte> Bundle { get; }

    /// <summary>The bytes of its package.</summary>
    public ReadOnlyMemory<byte> Package => _package;

    /// <summary>The package as a stream, which can be read again from its beginning.</summary>
    public Stream OpenPackage() => new MemoryStream(_package, writable: false);

    internal static CheckedRelease Refused(string reason) => new(reason);
}
