using System.Security.Cryptography;
using Estream.Core.Keys;

namespace Estream.Core;

/// <summary>
/// The master keys that wrap the keys of encrypted queues and maps: 32 bytes each, named by an id. The current one wraps new keys; the
/// others unwrap older ones. Disposing overwrites the keys in memory.
/// </summary>
/// <remarks>
/// Thread-safe. A ring may serve many queues and maps and must outlive them. Keys are in memory that the garbage collector does not
/// move, so no copies remain.
/// </remarks>
public sealed class QueueKeyRing : IDisposable
{
    /// <summary>The length of a master key in bytes.</summary>
    public const int KeyBytes = 32;

    /// <summary>The maximum number of keys in a ring.</summary>
    public const int MaxKeys = 64;

    private readonly object _gate = new();
    private readonly List<(string Id, byte[] Key)> _keys = [];
    private bool _disposed;

    /// <summary>Creates a ring with one key.</summary>
    /// <param name="currentId">The id of the key: 1 to 32 ASCII letters, digits, '-', '_' or '.'.</param>
    /// <param name="key">32 random bytes, never a password. Copied; the caller clears its own copy.</param>
    /// <exception cref="ArgumentException">The id is not valid, or the key does not have 32 bytes.</exception>
    public QueueKeyRing(string currentId, ReadOnlySpan<byte> key)
    {
        CurrentId = currentId;
        Add(currentId, key);
    }

    /// <summary>The id of the key that wraps new keys.</summary>
    public string CurrentId { get; }

    /// <summary>The ids of all keys, the current one first.</summary>
    public IReadOnlyList<string> Ids
    {
        get
        {
            lock (_gate)
            {
                return [.. _keys.Select(k => k.Id)];
            }
        }
    }

    /// <summary>
    /// Reads a ring from a file with one key per line: id, space, 64 hexadecimal digits. The first key is the current one. Empty lines and
    /// lines that start with '#' are ignored. For keys wrapped by ML-KEM-1024, use MasterKeyFile of Estream.Crypto.
    /// </summary>
    /// <param name="path">A file of at most 160 KiB that only its owner may read or write (mode 600 or 400).</param>
    /// <exception cref="EstreamKeyException">Other users may read or write the file, its content is not valid, or a key is wrapped. The
    /// message names line and id, never a key.</exception>
    /// <exception cref="EstreamStorageException">The file does not exist or may not be read.</exception>
    public static QueueKeyRing FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return KeyRingFile.Read(Path.GetFullPath(path));
    }

    /// <summary>Adds a key that unwraps older keys. The current key is set by the constructor.</summary>
    /// <param name="id">The id, unique in the ring.</param>
    /// <param name="key">32 bytes. Copied.</param>
    /// <exception cref="ArgumentException">The id or the key is not valid, or the id exists already.</exception>
    /// <exception cref="InvalidOperationException">The ring is full.</exception>
    public void Add(string id, ReadOnlySpan<byte> key)
    {
        MasterKeyId.Check(id);
        if (key.Length != KeyBytes)
        {
            throw new ArgumentException($"Master key '{id}' has {key.Length} bytes; it must have {KeyBytes}.", nameof(key));
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_keys.Any(k => k.Id == id))
            {
                throw new ArgumentException($"The key ring already has a master key '{id}'.", nameof(id));
            }

            if (_keys.Count == MaxKeys)
            {
                throw new InvalidOperationException(
                    $"A key ring holds {MaxKeys} keys. Rewrap queues and maps under newer keys and remove old ones.");
            }

            byte[] copy = GC.AllocateArray<byte>(KeyBytes, pinned: true);
            key.CopyTo(copy);
            _keys.Add((id, copy));
        }
    }

    /// <summary>Overwrites the keys. Open queues and maps continue with the keys they have unwrapped. Idempotent.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach ((_, byte[] key) in _keys)
            {
                CryptographicOperations.ZeroMemory(key);
            }

            _keys.Clear();
        }
    }

    /// <summary>The ids, without the keys.</summary>
    public override string ToString() => $"key ring of {string.Join(", ", Ids)}";

    /// <summary>A cipher for one of the keys.</summary>
    /// <returns><see langword="null"/> if the ring has no such key.</returns>
    internal AesGcm? TryUse(string id)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _keys.Where(k => k.Id == id).Select(k => new AesGcm(k.Key, KeyTableLayout.TagBytes)).FirstOrDefault();
        }
    }
}
