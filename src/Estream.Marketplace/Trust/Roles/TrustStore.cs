using Estream.Core;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// Stores a client's trust state in the file <c>trust.json</c>, in one directory per registry. The file is flushed and then replaced by one
/// rename, so a crash or a power cut at any moment leaves the old or the new content. Thread-safe, and safe with other processes: a writer
/// that has read an outdated state cannot replace a newer one.
/// </summary>
public sealed class TrustStore : ITrustStore
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "trust.json";

    private const string LockName = "trust.lock";

    private readonly IStorage _storage;
    private readonly string _directory;

    /// <summary>Creates a store in a directory.</summary>
    /// <param name="directory">The path of the directory, created on the first write. Each registry needs its own directory.</param>
    /// <param name="storage">The storage; null for the file system.</param>
    public TrustStore(string directory, IStorage? storage = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        (_directory, _storage) = (directory, storage ?? FileStorage.Instance);
    }

    private string FilePath => Path.Combine(_directory, FileName);

    /// <inheritdoc/>
    string ITrustStore.Path => FilePath;

    /// <inheritdoc/>
    byte[]? ITrustStore.Read() => Read();

    /// <inheritdoc/>
    bool ITrustStore.TryReplace(byte[]? read, byte[] next)
    {
        _storage.CreateDirectory(_directory);
        using IDisposable held = TimedLock.Take(_storage, Path.Combine(_directory, LockName));
        byte[]? there = Read();
        if ((there is null) != (read is null) || !there.AsSpan().SequenceEqual(read))
        {
            return false;
        }

        AtomicFile.Write(_storage, FilePath, next);
        return true;
    }

    private byte[]? Read() => AtomicFile.Read(_storage, FilePath, TrustState.MaxBytes);
}
