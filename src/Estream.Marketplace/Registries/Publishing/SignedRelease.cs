using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Publishing;

/// <summary>A release as its author submits it: the package with its signed statement, and the signed entry for the registry's log.
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

    /// <summary>The statement of the author.</summary>
    public ReleaseStatement Statement { get; }

    /// <summary>The envelope of the log entry that publishes the release (<see cref="PublishEntry"/>).</summary>
    public ReadOnlyMemory<byte> Entry { get; }

    /// <summary>Signs a release on the author's machine. Only signatures leave this call, never keys.</summary>
    /// <param name="package">The package. Replaces an existing signature in it.</param>
    /// <param name="prevRelease">The digest of the previous release; null for the first.</param>
    /// <param name="buildRef">A reference to the source of the build; may be null.</param>
    /// <param name="signers">Signers that are owners of the namespace.</param>
    /// <exception cref="ArgumentException">The manifest in the package has errors, or there are no signers.</exception>
    public static SignedRelease Sign(Package package, string? prevRelease, string? buildRef,
        params IReadOnlyCollection<DocumentSigner> signers)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(signers);
        if (signers.Count == 0)
        {
            throw new ArgumentException(
                "No signer was given. Sign with at least one owner key of the namespace.", nameof(signers));
        }

        if (!TryManifest(package, out ComponentManifest? manifest, out string? reason))
        {
            throw new ArgumentException($"The package is not a valid release: {reason}", nameof(package));
        }

        ReleaseStatement statement = new() { Package = ReleaseFacts.Of(manifest, package), PrevRelease = prevRelease, BuildRef = buildRef };
        // The author of a widget also signs a request, which the governance circuit needs to decide.
        package = manifest.Details is WidgetDetails widget ? WidgetCheck.WithRequest(manifest, widget, package, signers.First()) : package;
        byte[] entry = new PublishEntry(manifest.Name, manifest.Version, package.Identity.Root256, statement.Digest()).Sign(signers)
            .ToJson();
        return new SignedRelease(manifest, package.With(PackagePath.Signature, statement.Sign(signers)), statement, entry);
    }

    /// <summary>Reads a submission without verifying it; the operator of the registry verifies it.</summary>
    /// <param name="package">The bytes of the package; need not be trusted.</param>
    /// <param name="entry">The envelope of the log entry.</param>
    /// <param name="release">Receives the release.</param>
    /// <param name="reason">Receives why the bytes are not a release.</param>
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
