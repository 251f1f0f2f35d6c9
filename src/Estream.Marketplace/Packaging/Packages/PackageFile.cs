namespace Estream.Marketplace.Packages;

/// <summary>A file of a package, in memory.</summary>
/// <param name="Path">Its path in the package.</param>
/// <param name="IsExecutable">Whether it may be executed (mode 755 and not 644).</param>
/// <param name="Content">Its content.</param>
public sealed record PackageFile(string Path, bool IsExecutable, ReadOnlyMemory<byte> Content);
