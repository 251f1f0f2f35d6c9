namespace Estream.Marketplace.Packages;

/// <summary>
/// What a package is, however it was packed: the roots of the tree over its files (docs/formats/package.md). This is what releases sign,
/// locks hold and rebuilds compare.
/// </summary>
/// <param name="Root256">The root over SHA-256, in 64 small hexadecimal digits.</param>
/// <param name="Root3">The root over SHA3-256, likewise.</param>
public sealed record PackageIdentity(string Root256, string Root3);
