using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Attestations;

/// <summary>
/// A signed statement that the signer packed a package's sources again and got the same package (docs/formats/package.md): an in-toto
/// statement with both roots, in an envelope with its own document type. The statement is as trustworthy as its signer. Thread-safe; holds
/// no state.
/// </summary>
public static class RebuildAttestation
{
    /// <summary>The maximum size of a signed rebuild attestation, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Signs a rebuild attestation. The caller has already compared the packages; this method does not.</summary>
    /// <param name="identity">The package, identical to the result of the rebuild.</param>
    /// <param name="name">The human-readable name of the package, such as <c>@acme/doors@1.2.0</c>.</param>
    /// <param name="build">The tool and the inputs of the rebuild.</param>
    /// <param name="rebuilders">The signers.</param>
    /// <exception cref="ArgumentException">There is no signer.</exception>
    public static byte[] Sign(PackageIdentity identity, string name, BuildRecord build,
        params IReadOnlyCollection<DocumentSigner> rebuilders)
    {
        ArgumentNullException.ThrowIfNull(rebuilders);
        return rebuilders.Count > 0
            ? DsseEnvelope.Sign(DocumentType.Rebuild, AttestationWriter.WriteRebuild(identity, name, build), rebuilders).ToJson()
            : throw new ArgumentException("The rebuild attestation has no signer. Pass at least one key.",
                nameof(rebuilders));
    }

    /// <summary>Finds which of the given keys signed that a package was rebuilt. Accepts any bytes; never throws because of them.</summary>
    /// <param name="envelope">The untrusted bytes.</param>
    /// <param name="package">The package that the attestation must describe, as read.</param>
    /// <param name="keys">The keys whose signatures count.</param>
    /// <param name="rebuilders">Those of <paramref name="keys"/> that have signed.</param>
    /// <param name="reason">Why the attestation is rejected.</param>
    public static bool TryVerify(
        ReadOnlySpan<byte> envelope, PackageReadResult package, IReadOnlyCollection<DocumentKey> keys,
        [NotNullWhen(true)] out IReadOnlyList<DocumentKey>? rebuilders, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(keys);
        rebuilders = null;
        if (package.Identity is not { } identity)
        {
            reason = package.ToString();
            return false;
        }

        if (!DsseEnvelope.TryRead(envelope, MaxBytes, out DsseEnvelope? read, out reason))
        {
            return false;
        }

        IReadOnlyList<DocumentKey> signers = read.SignersAmong(DocumentType.Rebuild, keys);
        PackageAttestationFault fault =
            AttestationReader.Read(read.UnverifiedPayload, identity, package.Entries, out PackageAttestation? said);
        reason = signers.Count == 0 ? "none of the given keys has signed it as a rebuild"
            : fault == PackageAttestationFault.OtherSubject ? "it describes other files"
            : fault != PackageAttestationFault.None ? $"the signed payload is not a statement about a package ({fault})"
            : said!.PredicateType != AttestationWriter.RebuildType ? "the signed statement is not about a rebuild"
            : null;
        rebuilders = reason is null ? signers : null;
        return reason is null;
    }
}
