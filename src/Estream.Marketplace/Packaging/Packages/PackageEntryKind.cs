namespace Estream.Marketplace.Packages;

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
