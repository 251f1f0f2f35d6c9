using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Estream.Marketplace.Packages;

/// <summary>A package in memory: the files of a component, and what is said about them. Immutable, and without fault.
/// Thread-safe.</summary>
/// <remarks>Costs as many bytes as the files have. <see cref="PackageReader"/> reads packages of any size without keeping them.</remarks>
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

    /// <summary>All its files, in the order of their paths.</summary>
    public IReadOnlyList<PackageFile> Files => _files;

    /// <summary>Its entries with their hashes, in the same order.</summary>
    public IReadOnlyList<PackageEntry> Entries { get; }

    /// <summary>What it is: the roots over its content.</summary>
    public PackageIdentity Identity { get; }

    /// <summary>The manifest's bytes.</summary>
    public ReadOnlyMemory<byte> Manifest => _byPath[PackagePath.Manifest].Content;

    /// <summary>The release's signature, where it has one.</summary>
    public ReadOnlyMemory<byte>? Signature => _byPath.TryGetValue(PackagePath.Signature, out PackageFile? file)
        ? file.Content
        : default(ReadOnlyMemory<byte>?);

    /// <summary>Puts files together.</summary>
    /// <param name="files">In any order. Their contents are not copied, and must not change from now on.</param>
    /// <exception cref="ArgumentException">No package has such files: a path is wrong, two of them cannot lie beside each other, a
    /// statement is executable, or there is no manifest.</exception>
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
    /// <param name="bytes">Its bytes. Left open.</param>
    /// <param name="package">Becomes it, where it is one.</param>
    /// <param name="limits">How much is taken.</param>
    /// <returns>What is wrong, where something is.</returns>
    public static PackageReadResult Read(Stream bytes, out Package? package, PackageLimits? limits = null)
    {
        MemorySink sink = new();
        PackageReadResult result = PackageReader.Read(bytes, sink, limits);
        package = result.IsPackage ? new Package([.. sink.Files]) : null;
        return result;
    }

    /// <summary>The file with a path, where there is one.</summary>
    public bool TryGet(string path, [MaybeNullWhen(false)] out PackageFile file) => _byPath.TryGetValue(path, out file);

    /// <summary>The same content with another statement about it: an attestation or the signature, in place of one with that
    /// path.</summary>
    /// <param name="path"><see cref="PackagePath.Signature"/>, or a path that begins with <see cref="PackagePath.Attestations"/>.</param>
    /// <param name="content">Its bytes; not copied.</param>
    /// <exception cref="ArgumentException">The path is that of content, or no path at all.</exception>
    public Package With(string path, ReadOnlyMemory<byte> content)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PackagePath.KindOf(path) == PackageEntryKind.Content
            ? throw new ArgumentException(
                $"'{path}' is a file of the component: another one makes another package. Put it together from its files.", nameof(path))
            : Of(_files.Where(file => file.Path != path).Append(new PackageFile(path, false, content)));
    }

    /// <summary>Writes it.</summary>
    /// <param name="destination">Takes the bytes. Left open, and not flushed.</param>
    /// <param name="compression">How; the identity is the same.</param>
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
            // Room as it comes, not as a header promises it.
            _content = new ArrayBufferWriter<byte>();
            _head = (path, isExecutable);
        }

        public void Write(ReadOnlySpan<byte> data) => _content.Write(data);

        public void Complete() => Files.Add(new PackageFile(_head.Path, _head.IsExecutable, _content.WrittenMemory));
    }
}

/// <summary>A file of a package, in memory.</summary>
/// <param name="Path">Its path in the package.</param>
/// <param name="IsExecutable">Whether it may be executed (mode 755 and not 644).</param>
/// <param name="Content">Its content.</param>
public sealed record PackageFile(string Path, bool IsExecutable, ReadOnlyMemory<byte> Content);

/// <summary>
/// What a package is, however it was packed: the roots of the tree over its files (docs/formats/package.md). This is what releases sign,
/// locks hold and rebuilds compare.
/// </summary>
/// <param name="Root256">The root over SHA-256, in 64 small hexadecimal digits.</param>
/// <param name="Root3">The root over SHA3-256, likewise.</param>
public sealed record PackageIdentity(string Root256, string Root3);

/// <summary>How the archive lies in its gzip member. A package's identity does not depend on it.</summary>
public enum PackageCompression
{
    /// <summary>In stored blocks: as long as the archive, and the same bytes wherever and with whatever version it is packed.</summary>
    Stored,

    /// <summary>Compressed by the zlib of the runtime: shorter, and other bytes with another version or processor.</summary>
    Deflate,
}

/// <summary>Writes packages: the same bytes for the same files, whenever and wherever.</summary>
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
