using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Attestations;

/// <summary>
/// That somebody has packed the sources of a package again, and the same came of it (docs/formats/package.md): a statement of in-toto with
/// both roots, in an envelope that is signed as nothing else is. What it is worth is what its signer is. Thread-safe; holds no state.
/// </summary>
public static class RebuildAttestation
{
    /// <summary>The most bytes of one.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Signs one. Who calls this has compared: nothing of it is done here.</summary>
    /// <param name="identity">What the package is, and what came of its sources.</param>
    /// <param name="name">What it is called, such as <c>@acme/doors@1.2.0</c>: for people.</param>
    /// <param name="build">With what it was packed again, and of which sources.</param>
    /// <param name="rebuilders">Who vouches for it.</param>
    /// <exception cref="ArgumentException">Nobody signs.</exception>
    public static byte[] Sign(PackageIdentity identity, string name, BuildRecord build,
        params IReadOnlyCollection<DocumentSigner> rebuilders)
    {
        ArgumentNullException.ThrowIfNull(rebuilders);
        return rebuilders.Count > 0
            ? DsseEnvelope.Sign(DocumentType.Rebuild, AttestationWriter.WriteRebuild(identity, name, build), rebuilders).ToJson()
            : throw new ArgumentException("Nobody signs, and a statement is worth what its signer is. Give at least one key.",
                nameof(rebuilders));
    }

    /// <summary>Who of some keys says of a package that it was rebuilt. Whatever bytes it is given, it answers and does not
    /// throw.</summary>
    /// <param name="envelope">The bytes, from anywhere.</param>
    /// <param name="package">The package it has to be about, as it was read.</param>
    /// <param name="keys">Whose word counts.</param>
    /// <param name="rebuilders">Those of them who have signed it.</param>
    /// <param name="reason">Why it shows nothing.</param>
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
        reason = signers.Count == 0 ? "none of the keys that were given has signed it as a rebuild"
            : fault == PackageAttestationFault.OtherSubject ? "it is about other files"
            : fault != PackageAttestationFault.None ? $"what is signed is no statement about a package ({fault})"
            : said!.PredicateType != AttestationWriter.RebuildType ? "what is signed is about something else than a rebuild"
            : null;
        rebuilders = reason is null ? signers : null;
        return reason is null;
    }
}
