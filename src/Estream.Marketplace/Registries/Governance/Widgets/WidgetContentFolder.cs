using Estream.Circuits;
using Estream.Core;
using Estream.Crypto;

namespace Estream.Marketplace.Governance;

/// <summary>The files of a folder by their hashes, as a <see cref="WidgetContentSource"/>. Reads the folder once, at construction.
/// Thread-safe.</summary>
public sealed class WidgetContentFolder
{
    /// <summary>The maximum number of files in a folder.</summary>
    public const int MaxFiles = 256;

    // Larger than the maximum size of a bundle, so that Find can report a bundle above that size as too large.
    private const long MaxFileBytes = 8 << 20;

    private readonly Dictionary<Hash32, byte[]> _files = [];

    /// <summary>Reads the files of a folder, without subfolders.</summary>
    /// <param name="folder">The path; a missing folder has no files.</param>
    /// <exception cref="EstreamFormatException">There are too many files, or a file is too large.</exception>
    /// <exception cref="EstreamStorageException">A file cannot be read.</exception>
    public WidgetContentFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        try
        {
            string[] paths = Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
            if (paths.Length > MaxFiles)
            {
                throw new EstreamFormatException(
                    $"{folder} has {paths.Length} files, and the limit for manifests and bundles is {MaxFiles}. Remove some.",
                    folder);
            }

            foreach (string path in paths)
            {
                Add(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException($"{folder} cannot be read: {e.Message}", folder, StorageFailure.Other, e);
        }
    }

    /// <summary>Finds a file by its hash; usable as a <see cref="WidgetContentSource"/>.</summary>
    /// <inheritdoc cref="WidgetContentSource" path="/param"/>
    public WidgetContentStatus Find(ReadOnlySpan<byte> sha3, int limit, out ReadOnlyMemory<byte> content)
    {
        content = default;
        if (sha3.Length != Sha3Lanes.HashBytes || !_files.TryGetValue(Hash32.Of(sha3), out byte[]? file))
        {
            return WidgetContentStatus.Missing;
        }

        if (file.Length > limit)
        {
            return WidgetContentStatus.TooLong;
        }

        content = file;
        return WidgetContentStatus.Found;
    }

    private void Add(string path)
    {
        FileKinds.ThrowIfSpecial(path);
        if (new FileInfo(path).Length > MaxFileBytes)
        {
            throw new EstreamFormatException(
                $"{path} has more than {MaxFileBytes} bytes, the limit for manifests and bundles. Remove it from the folder.", path);
        }

        byte[] file = File.ReadAllBytes(path);
        Span<byte> hash = stackalloc byte[Sha3Lanes.HashBytes];
        Sha3Lanes.Hash(file, hash);
        _files[Hash32.Of(hash)] = file;
    }
}

/// <summary>The result of looking up content by its hash.</summary>
public enum WidgetContentStatus
{
    /// <summary>The content does not exist.</summary>
    Missing,

    /// <summary>The content was found.</summary>
    Found,

    /// <summary>The content exceeds the limit, and was not read.</summary>
    TooLong,
}

/// <summary>
/// Finds manifests and bundles by their hashes, for example in a package store or a folder (<see cref="WidgetContentFolder"/>). The source
/// is not trusted: content is hashed again. A request is decided with the content available at that time, and missing content rejects it,
/// so store both files before the request.
/// </summary>
/// <param name="sha3">The SHA3-256 of the content.</param>
/// <param name="limit">The maximum size in bytes.</param>
/// <param name="content">Receives the content, which must not change until the circuit has processed the request.</param>
/// <remarks>Called on the thread of the circuit. Throw a <see cref="Core.EstreamException"/> for a temporary failure: the request is then
/// retried. Any other exception rejects the request as a dead letter.</remarks>
public delegate WidgetContentStatus WidgetContentSource(ReadOnlySpan<byte> sha3, int limit, out ReadOnlyMemory<byte> content);
