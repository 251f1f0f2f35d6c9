namespace Estream.Marketplace.Packages;

/// <summary>An entry of a package, with the hashes of its content.</summary>
/// <param name="Path">Its path: ASCII, segments divided by <c>/</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="IsExecutable">Whether its mode is 755 and not 644.</param>
/// <param name="Length">Bytes of its content.</param>
/// <param name="Sha256">SHA-256 of its content, in 64 small hexadecimal digits.</param>
/// <param name="Sha3">SHA3-256 of its content, likewise.</param>
public sealed record PackageEntry(string Path, PackageEntryKind Kind, bool IsExecutable, long Length, string Sha256, string Sha3);

/// <summary>What an entry of a package is.</summary>
public enum PackageEntryKind
{
    /// <summary>A file of the component: part of the package's identity, and installed.</summary>
    Content,

    /// <summary><c>SIGNATURE.ml-dsa</c>: who says that this is a release. About the content, and no part of it.</summary>
    Signature,

    /// <summary>A file of <c>attestations/</c>: what somebody says of the content. No part of it.</summary>
    Attestation,
}
