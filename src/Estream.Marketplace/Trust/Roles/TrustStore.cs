using Estream.Core;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// The one file that a client's trust outlasts its process in: <c>trust.json</c> in a directory of the registry's own. It is replaced
/// whole, by one rename behind a flush, so a kill or a power cut at any moment leaves the old one or the new one. Thread-safe, and safe
/// with other processes: who has read an older one than there is cannot replace it.
/// </summary>
public sealed class TrustStore : ITrustStore
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "trust.json";

    private const string LockName = "trust.lock";

    private readonly IStorage _storage;
    private readonly string _directory;

    /// <summary>A client's trust in a directory.</summary>
    /// <param name="directory">Its path; made when something is kept. Each registry has one of its own.</param>
    /// <param name="storage">Where files are; the file system where it is null.</param>
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
