using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace.Packages;

/// <summary>A valid package in memory: the files of a component, its signature and its attestations. Immutable and thread-safe.</summary>
/// <remarks>Uses as much memory as the files have bytes. <see cref="PackageReader"/> reads packages of any size without keeping
/// them.</remarks>
public sealed class Package
{
    private readonly PackageFile[] _files;
    private readonly FrozenDictionary<string, PackageFile> _byPath;

    private Package(PackageFile[] sorted)
    {
        _files = sorted;
        _byPath = sorted.ToFrozenDictionary(file => file.Path, StringComparer.Ordinal);
        Entries = [.. EntriesOf(sorted, out PackageIdentity identity)];
        Identity = identity;
    }

    /// <summary>All files, ordered by path.</summary>
    public IReadOnlyList<PackageFile> Files => _files;

    /// <summary>The entries with their hashes, in the same order.</summary>
    public IReadOnlyList<PackageEntry> Entries { get; }

    /// <summary>The identity of the package: the roots over its content.</summary>
    public PackageIdentity Identity { get; }

    /// <summary>The content of the manifest.</summary>
    public ReadOnlyMemory<byte> Manifest => _byPath[PackagePath.Manifest].Content;

    /// <summary>The signature of the release; null if there is none.</summary>
    public ReadOnlyMemory<byte>? Signature => _byPath.TryGetValue(PackagePath.Signature, out PackageFile? file)
        ? file.Content
        : default(ReadOnlyMemory<byte>?);

    /// <summary>Creates a package from files.</summary>
    /// <param name="files">The files, in any order. Their contents are not copied and must not change afterwards.</param>
    /// <exception cref="ArgumentException">The files cannot form a package: a path is invalid, two paths conflict, a statement is
    /// executable, or there is no manifest.</exception>
    public static Package Of(IEnumerable<PackageFile> files)
    {
        PackageFile[] sorted = [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];
        PackagePaths paths = new();
        foreach (PackageFile file in sorted)
        {
            PackageFault fault = PackagePath.Check(file.Path);
            fault = fault != PackageFault.None ? fault : paths.Add(file.Path);
            fault = fault == PackageFault.None && file.IsExecutable && PackagePath.KindOf(file.Path) != PackageEntryKind.Content
                ? PackageFault.Mode
                : fault;
            if (fault != PackageFault.None)
            {
                throw new ArgumentException($"'{file.Path}': {PackageFaults.Explain(fault)}", nameof(files));
            }
        }

        return sorted.Any(file => file.Path == PackagePath.Manifest)
            ? new Package(sorted)
            : throw new ArgumentException(PackageFaults.Explain(PackageFault.NoManifest), nameof(files));
    }

    /// <summary>Reads a package into memory.</summary>
    /// <param name="bytes">The bytes of the package. Left open.</param>
    /// <param name="package">The package; null if there is a fault.</param>
    /// <param name="limits">The limits on the package.</param>
    /// <returns>The result, with the fault if there is one.</returns>
    public static PackageReadResult Read(Stream bytes, out Package? package, PackageLimits? limits = null)
    {
        MemorySink sink = new();
        PackageReadResult result = PackageReader.Read(bytes, sink, limits);
        package = result.IsPackage ? new Package([.. sink.Files]) : null;
        return result;
    }

    /// <summary>Gets the file at a path, if it exists.</summary>
    public bool TryGet(string path, [MaybeNullWhen(false)] out PackageFile file) => _byPath.TryGetValue(path, out file);

    /// <summary>Returns this package with a statement added or replaced: an attestation or the signature.</summary>
    /// <param name="path"><see cref="PackagePath.Signature"/>, or a path that begins with <see cref="PackagePath.Attestations"/>.</param>
    /// <param name="content">The statement; not copied.</param>
    /// <exception cref="ArgumentException">The path belongs to content, or is not valid.</exception>
    public Package With(string path, ReadOnlyMemory<byte> content)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PackagePath.KindOf(path) == PackageEntryKind.Content
            ? throw new ArgumentException(
                $"'{path}' is content, which cannot be replaced. Create a new package from the files.", nameof(path))
            : Of(_files.Where(file => file.Path != path).Append(new PackageFile(path, false, content)));
    }

    /// <summary>Writes the package to a stream.</summary>
    /// <param name="destination">The stream. Left open and not flushed.</param>
    /// <param name="compression">The compression; does not affect the identity.</param>
    public void Write(Stream destination, PackageCompression compression = PackageCompression.Stored)
    {
        ArgumentNullException.ThrowIfNull(destination);
        PackageWriter.Write(this, destination, compression);
    }

    private static List<PackageEntry> EntriesOf(PackageFile[] files, out PackageIdentity identity)
    {
        List<PackageEntry> entries = new(files.Length);
        PackageTree tree = new();
        using ContentHasher hasher = new();
        foreach (PackageFile file in files)
        {
            hasher.Append(file.Content.Span);
            hasher.Finish();
            PackageEntryKind kind = PackagePath.KindOf(file.Path);
            if (kind == PackageEntryKind.Content)
            {
                tree.Append(file.Path, file.IsExecutable, file.Content.Length, hasher.Sha256, hasher.Sha3);
            }

            entries.Add(new PackageEntry(
                file.Path, kind, file.IsExecutable, file.Content.Length, Convert.ToHexStringLower(hasher.Sha256),
                Convert.ToHexStringLower(hasher.Sha3)));
        }

        identity = tree.Identity();
        return entries;
    }

    private sealed class MemorySink : IPackageSink
    {
        private ArrayBufferWriter<byte> _content = new();
        private (string Path, bool IsExecutable) _head;

        public List<PackageFile> Files { get; } = [];

        public void Begin(string path, PackageEntryKind kind, bool isExecutable, long length)
        {
            // The buffer grows with the content, not with the length that a header states.
            _content = new ArrayBufferWriter<byte>();
            _head = (path, isExecutable);
        }

        public void Write(ReadOnlySpan<byte> data) => _content.Write(data);

        public void Complete() => Files.Add(new PackageFile(_head.Path, _head.IsExecutable, _content.WrittenMemory));
    }
}

/// <summary>A file of a package, in memory.</summary>
/// <param name="Path">The path of the file in the package.</param>
/// <param name="IsExecutable">Whether the file is executable (mode 755 instead of 644).</param>
/// <param name="Content">The content of the file.</param>
public sealed record PackageFile(string Path, bool IsExecutable, ReadOnlyMemory<byte> Content);

/// <summary>
/// The identity of a package, independent of its packing: the roots of the tree over its files (docs/formats/package.md). Releases sign the
/// identity, lock files store it, and rebuilds compare it.
/// </summary>
/// <param name="Root256">The SHA-256 root, in 64 lower-case hexadecimal digits.</param>
/// <param name="Root3">The SHA3-256 root, in 64 lower-case hexadecimal digits.</param>
public sealed record PackageIdentity(string Root256, string Root3);

/// <summary>The compression of the archive in its gzip member. Does not affect the identity of the package.</summary>
public enum PackageCompression
{
    /// <summary>Stored blocks: about as large as the archive, with the same bytes on every machine and in every version.</summary>
    Stored,

    /// <summary>Compressed with the zlib of the runtime: smaller, but the bytes depend on the version and the processor.</summary>
    Deflate,
}

/// <summary>Writes packages deterministically: equal files give equal bytes.</summary>
internal static class PackageWriter
{
    private const int EndBlocks = 2;

    public static void Write(Package package, Stream destination, PackageCompression compression)
    {
        using GzipOutput gzip = new(destination, compression);
        Span<byte> block = stackalloc byte[TarHeader.BlockBytes];
        foreach (PackageFile file in package.Files)
        {
            TarHeader.Write(block, file.Path, file.IsExecutable, file.Content.Length);
            gzip.Write(block);
            gzip.Write(file.Content.Span);
            block.Clear();
            gzip.Write(block[..TarHeader.PaddingOf(file.Content.Length)]);
        }

        block.Clear();
        for (int end = 0; end < EndBlocks; end++)
        {
            gzip.Write(block);
        }

        gzip.Finish();
    }
}
