using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Publishing;

/// <summary>A release as its author hands it in: the package with its signed statement in it, and the signed entry for the registry's log.
/// Immutable.</summary>
public sealed class SignedRelease
{
    private SignedRelease(ComponentManifest manifest, Package package, ReleaseStatement statement, ReadOnlyMemory<byte> entry)
    {
        (Manifest, Package, Statement, Entry) = (manifest, package, statement, entry);
        using MemoryStream bytes = new();
        package.Write(bytes);
        Bytes = bytes.ToArray();
    }

    /// <summary>The manifest in the package.</summary>
    public ComponentManifest Manifest { get; }

    /// <summary>The package with its signature.</summary>
    public Package Package { get; }

    /// <summary>The package's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What the author states.</summary>
    public ReleaseStatement Statement { get; }

    /// <summary>The envelope of the entry that publishes it (<see cref="PublishEntry"/>).</summary>
    public ReadOnlyMemory<byte> Entry { get; }

    /// <summary>Signs a release where its author's keys are. Nothing of the keys leaves this call but signatures.</summary>
    /// <param name="package">The package. A signature in it is replaced.</param>
    /// <param name="prevRelease">The digest of the release before this one; null for the first.</param>
    /// <param name="buildRef">Where it was built from; null where nothing is said.</param>
    /// <param name="signers">Owners of the namespace.</param>
    /// <exception cref="ArgumentException">The manifest in the package has mistakes, or nobody signs.</exception>
    public static SignedRelease Sign(Package package, string? prevRelease, string? buildRef,
        params IReadOnlyCollection<DocumentSigner> signers)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(signers);
        if (signers.Count == 0)
        {
            throw new ArgumentException(
                "Nobody signs. A release is worth what its signatures are: give at least one owner of the namespace.", nameof(signers));
        }

        if (!TryManifest(package, out ComponentManifest? manifest, out string? reason))
        {
            throw new ArgumentException($"The package is no release: {reason}", nameof(package));
        }

        ReleaseStatement statement = new() { Package = ReleaseFacts.Of(manifest, package), PrevRelease = prevRelease, BuildRef = buildRef };
        // A widget is decided about by what its author signs for the circuit too.
        package = manifest.Details is WidgetDetails widget ? WidgetCheck.WithRequest(manifest, widget, package, signers.First()) : package;
        byte[] entry = new PublishEntry(manifest.Name, manifest.Version, package.Identity.Root256, statement.Digest()).Sign(signers)
            .ToJson();
        return new SignedRelease(manifest, package.With(PackagePath.Signature, statement.Sign(signers)), statement, entry);
    }

    /// <summary>Puts together what was handed in. Nothing of it is verified: the registry's operator does.</summary>
    /// <param name="package">The package's bytes, from anywhere.</param>
    /// <param name="entry">The envelope of the entry.</param>
    /// <param name="release">The release.</param>
    /// <param name="reason">Why it is none.</param>
    public static bool TryRead(Stream package, ReadOnlyMemory<byte> entry, [NotNullWhen(true)] out SignedRelease? release,
        [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(package);
        release = null;
        PackageReadResult read = Package.Read(package, out Package? found);
        if (found is null)
        {
            reason = read.ToString();
            return false;
        }

        if (!TryManifest(found, out ComponentManifest? manifest, out reason)
            || !TryStatement(found, out ReleaseStatement? statement, out reason))
        {
            return false;
        }

        release = new SignedRelease(manifest, found, statement, entry);
        return true;
    }

    private static bool TryManifest(Package package, [NotNullWhen(true)] out ComponentManifest? manifest,
        [NotNullWhen(false)] out string? reason)
    {
        ManifestReadResult read = ManifestReader.Read(package.Manifest.Span);
        manifest = read.Manifest;
        reason = manifest is null ? read.Diagnostics[0].ToString() : null;
        return manifest is not null;
    }

    private static bool TryStatement(Package package, [NotNullWhen(true)] out ReleaseStatement? statement,
        [NotNullWhen(false)] out string? reason)
    {
        statement = null;
        if (package.Signature is not { } signature)
        {
            reason = $"the package has no {PackagePath.Signature}: its author has not signed it";
            return false;
        }

        return DsseEnvelope.TryRead(signature.Span, ReleaseStatement.MaxFileBytes, out DsseEnvelope? envelope, out reason)
            && ReleaseStatement.TryRead(envelope.UnverifiedPayload.Span, out statement, out reason);
    }
}
