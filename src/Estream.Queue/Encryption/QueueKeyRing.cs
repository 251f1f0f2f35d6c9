using System.Security.Cryptography;
using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// The master keys under which the keys of encrypted queues are kept: 32 bytes each, under an id. One of them, the current one, wraps what
/// is made from now on; the others unwrap what was made before. Disposing overwrites the keys in memory.
/// </summary>
/// <remarks>
/// Thread-safe. One ring may serve many queues; keep it until they are disposed. Keys lie in memory that the garbage collector does not
/// move, so that no copies of them stay behind.
/// </remarks>
public sealed class QueueKeyRing : IDisposable
{
    /// <summary>Bytes of a master key.</summary>
    public const int KeyBytes = 32;

    /// <summary>The most keys a ring holds.</summary>
    public const int MaxKeys = 64;

    private readonly object _gate = new();
    private readonly List<(string Id, byte[] Key)> _keys = [];
    private bool _disposed;

    /// <summary>Makes a ring of one key.</summary>
    /// <param name="currentId">The key's id: 1 to 32 ASCII letters, digits, '-', '_' or '.'.</param>
    /// <param name="key">Its 32 bytes, which nobody can guess: never a password. Copied; the caller clears its own.</param>
    /// <exception cref="ArgumentException">The id or the key has another form.</exception>
    public QueueKeyRing(string currentId, ReadOnlySpan<byte> key)
    {
        CurrentId = currentId;
        Add(currentId, key);
    }

    /// <summary>The id of the key that wraps what is made from now on.</summary>
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
    /// Reads a ring from a file of one line per key: id, blank, 64 hexadecimal digits. The first is the current one. Lines that are empty
    /// or start with '#' are passed.
    /// </summary>
    /// <param name="path">A file that nobody but its owner may read or write (mode 600 or 400), of at most 16 KiB.</param>
    /// <exception cref="EstreamKeyException">Others may read or write the file, or it has another form; line and id are named, never a
    /// key.</exception>
    /// <exception cref="EstreamStorageException">The file is missing or may not be read.</exception>
    public static QueueKeyRing FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return KeyFile.Read(Path.GetFullPath(path));
    }

    /// <summary>Adds a key that unwraps what was made under it. Not for the current one.</summary>
    /// <param name="id">Its id, which no other key of the ring has.</param>
    /// <param name="key">Its 32 bytes. Copied.</param>
    /// <exception cref="ArgumentException">The id or the key has another form, or the id is there already.</exception>
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
                throw new ArgumentException($"There is a master key '{id}' already.", nameof(id));
            }

            if (_keys.Count == MaxKeys)
            {
                throw new InvalidOperationException(
                    $"A key ring holds {MaxKeys} keys. Re-wrap the queues under newer ones and leave old ones out.");
            }

            byte[] copy = GC.AllocateArray<byte>(KeyBytes, pinned: true);
            key.CopyTo(copy);
            _keys.Add((id, copy));
        }
    }

    /// <summary>Overwrites the keys. Queues that are open go on with what they have unwrapped. Idempotent.</summary>
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

    /// <summary>The ids, and nothing of the keys.</summary>
    public override string ToString() => $"key ring of {string.Join(", ", Ids)}";

    /// <summary>A cipher under one of the keys.</summary>
    /// <returns><see langword="null"/> when there is no such key.</returns>
    internal AesGcm? TryUse(string id)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _keys.Where(k => k.Id == id).Select(k => new AesGcm(k.Key, KeyTableLayout.TagBytes)).FirstOrDefault();
        }
    }
}
