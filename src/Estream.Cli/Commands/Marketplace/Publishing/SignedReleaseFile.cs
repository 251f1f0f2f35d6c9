using System.Globalization;
using Estream.Cli.Data;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Log;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>A signed release as two files in a folder, which the author hands to the operator of the registry.</summary>
internal static class SignedReleaseFile
{
    /// <summary>The package, with the signed statement in it.</summary>
    public const string PackageName = "package.escx";

    /// <summary>The signed entry for the log.</summary>
    public const string EntryName = "entry.json";

    /// <summary>Writes both files, the entry last: if the entry exists, the package is complete.</summary>
    public static void Write(string folder, SignedRelease release)
    {
        NamedFile.Replace(Path.Combine(folder, PackageName), release.Bytes.Span);
        NamedFile.Replace(Path.Combine(folder, EntryName), release.Entry.Span);
    }

    /// <summary>Reads both files without verifying them; the registry verifies them.</summary>
    /// <exception cref="CliException">A file does not exist, or the files are not a signed release.</exception>
    public static SignedRelease Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new CliException($"There is no folder '{folder}'. Check the path.");
        }

        byte[] entry = ReadWhole(Path.Combine(folder, EntryName), EntryBundle.MaxEntryBytes);
        using MemoryStream package = new(ReadWhole(Path.Combine(folder, PackageName), RegistryLimits.MaxPackageBytes), writable: false);
        return SignedRelease.TryRead(package, entry, out SignedRelease? release, out string? reason)
            ? release
            : throw new CliException(
                $"'{folder}' does not contain a valid signed release: {reason.TrimEnd('.')}. Ask its author to sign it again with 'estream "
                + "marketplace publish --out'.", ExitCode.No);
    }

    private static byte[] ReadWhole(string path, int most) =>
        NamedFile.Read(path, most)
            ?? throw new CliException(
                string.Create(CultureInfo.InvariantCulture, $"'{path}' is longer than the maximum of {most} bytes."), ExitCode.No);
}
