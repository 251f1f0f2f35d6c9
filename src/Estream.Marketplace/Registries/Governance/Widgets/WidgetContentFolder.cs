using Estream.Circuits;
using Estream.Core;
using Estream.Crypto;

namespace Estream.Marketplace.Governance;

/// <summary>The files of a folder by their hashes, as a <see cref="WidgetContentSource"/>. Read once, when it is made;
/// thread-safe.</summary>
public sealed class WidgetContentFolder
{
    /// <summary>Most files of a folder.</summary>
    public const int MaxFiles = 256;

    // A little more than any bundle may have, so that one that is too long can be shown to be.
    private const long MaxFileBytes = 8 << 20;

    private readonly Dictionary<Hash32, byte[]> _files = [];

    /// <summary>Reads a folder, without those below it.</summary>
    /// <param name="folder">Its path; one that is not there has no files.</param>
    /// <exception cref="EstreamFormatException">There are too many files, or one is too long.</exception>
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
                    $"{folder} has {paths.Length} files, and a folder of manifests and bundles may have {MaxFiles}: take some out.",
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

    /// <summary>Finds a file: a <see cref="WidgetContentSource"/>.</summary>
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
                $"{path} has more than {MaxFileBytes} bytes, and neither a manifest nor a bundle may: take it out of the folder.", path);
        }

        byte[] file = File.ReadAllBytes(path);
        Span<byte> hash = stackalloc byte[Sha3Lanes.HashBytes];
        Sha3Lanes.Hash(file, hash);
        _files[Hash32.Of(hash)] = file;
    }
}

/// <summary>What a source has of a hash.</summary>
public enum WidgetContentStatus
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>It is there.</summary>
    Found,

    /// <summary>It is longer than was asked for, and was not read.</summary>
    TooLong,
}

/// <summary>
/// Finds manifests and bundles by their hashes: a store of packages, or a folder (<see cref="WidgetContentFolder"/>). It is believed
/// nothing: what it gives is hashed again. The decision about a request is made with what is there then; what is missing is a reason to
/// reject it, so put both there first.
/// </summary>
/// <param name="sha3">The SHA3-256 of what is wanted.</param>
/// <param name="limit">How long it may be at most, in bytes.</param>
/// <param name="content">What was found; it must not change until the circuit has gone on.</param>
/// <remarks>Called on the thread of the circuit. What is wrong with the world for a while is an <see cref="Core.EstreamException"/>: the
/// request is taken again. Any other exception rejects the request into the dead letters.</remarks>
public delegate WidgetContentStatus WidgetContentSource(ReadOnlySpan<byte> sha3, int limit, out ReadOnlyMemory<byte> content);
