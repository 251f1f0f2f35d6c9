using System.Security.Cryptography;
using Estream.Core;
using Estream.Core.Keys;

namespace Estream.Map.Internal;

/// <summary>
/// The keys of an encrypted byte map: map.keys, opened with a ring of master keys. Generation 1 is the secret of the hash, which never
/// changes, because the index contains hashes. Later generations are data keys. Thread-safe; processes exclude each other by keys.lock.
/// </summary>
internal sealed class MapKeys : IDisposable
{
    public const string FileName = "map.keys";

    private const uint HashGeneration = 1;
    private const string Owner = "map";

    private readonly Lock _gate = new();
    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly string _path;
    private readonly KeyTableIdentity _identity;
    private readonly QueueKeyRing _ring;
    private readonly IClock _clock;
    private readonly int _stampBytes;
    private readonly Dictionary<uint, BlockCipher> _ciphers = [];
    private KeyTable? _table;
    private BlockCipher? _current;
    private bool _isDisposed;

    private MapKeys(DirectorySource files, ulong mapId, ByteMapOptions options, QueueKeyRing ring, bool hasStamps)
    {
        (_storage, _directory, _path) = (files.Storage, files.Directory, files.Describe(FileName));
        _identity = new KeyTableIdentity((long)mapId, FirstSegment: 0);
        (_ring, _clock, _stampBytes) = (ring, options.Clock, hasStamps ? Stamp.Bytes : 0);
    }

    /// <summary>The hash of keys. Its secret is known only with a master key, so the index reveals nothing about keys.</summary>
    public ByteHash Hash { get; private set; }

    /// <summary>The cipher of new entries; for the writer.</summary>
    public BlockCipher Current => _current ??= Of(_table!.Current);

    /// <summary>The newest data key that map.keys had when this process last read it.</summary>
    public uint CurrentGeneration => _table!.Current;

    /// <summary>Creates the keys of a map that is being created, durably.</summary>
    public static MapKeys Create(DirectorySource files, ulong mapId, ByteMapOptions options, QueueKeyRing ring, bool hasStamps)
    {
        var keys = new MapKeys(files, mapId, options, ring, hasStamps);
        using IDisposable held = keys.LockTable();
        keys.Change([keys.MakeKey(HashGeneration), keys.MakeKey(HashGeneration + 1)]);
        keys.OpenHash(options.HashMask);
        return keys;
    }

    /// <exception cref="EstreamKeyException">map.keys is missing, or the ring does not open it.</exception>
    /// <exception cref="EstreamFormatException">map.keys has a newer format version, or belongs to another map.</exception>
    /// <exception cref="EstreamCorruptionException">map.keys is damaged, or is not a key table.</exception>
    public static MapKeys Open(DirectorySource files, ulong mapId, ByteMapOptions options, QueueKeyRing ring, bool hasStamps)
    {
        var keys = new MapKeys(files, mapId, options, ring, hasStamps);
        _ = keys.Load();
        keys.OpenHash(options.HashMask);

        // A process that cannot open the newest key has another ring.
        _ = keys.Of(keys.CurrentGeneration);
        return keys;
    }

    /// <summary>Whether a data key was erased because no segment used the key.</summary>
    public bool IsErased(uint generation) => generation < CurrentGeneration && _table!.Find(generation) is null;

    /// <summary>The cipher of a data key.</summary>
    /// <exception cref="EstreamKeyException">map.keys does not have the key, or the ring does not open it.</exception>
    public BlockCipher Of(uint generation)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(ByteMap));
            if (_ciphers.TryGetValue(generation, out BlockCipher? known))
            {
                return known;
            }

            // The writer may have added the key after this process read map.keys.
            KeyTable table = _table?.Find(generation) is null ? Load() : _table;
            byte[] key = Unwrap(table, generation);
            try
            {
                var cipher = new BlockCipher(generation, key, _identity.OwnerId, Hash, _stampBytes, _storage);
                _ciphers.Add(generation, cipher);
                return cipher;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(key);
            }
        }
    }

    /// <summary>Adds a data key, durably, and makes it the current one.</summary>
    /// <param name="used">The data keys that segments use.</param>
    public uint Rotate(IReadOnlySet<uint> used)
    {
        using IDisposable held = LockTable();
        lock (_gate)
        {
            KeyTable table = LoadOpen();
            Change([.. Used(table, used), MakeKey(table.Current + 1)]);
            _current = null;
            return _table!.Current;
        }
    }

    /// <summary>Erases data keys that no segment uses.</summary>
    public void Erase(IReadOnlySet<uint> used)
    {
        using IDisposable held = LockTable();
        lock (_gate)
        {
            KeyTable table = LoadOpen();
            KeyEntry[] needed = [.. Used(table, used)];
            if (needed.Length < table.Entries.Count)
            {
                Change(needed);
            }
        }
    }

    /// <summary>Wraps all keys again under the current master key of the ring.</summary>
    /// <returns>The number of keys.</returns>
    public int Rewrap()
    {
        using IDisposable held = LockTable();
        lock (_gate)
        {
            KeyTable table = LoadOpen();
            Change([.. table.Entries.Select(entry => Wrap(entry.Generation, entry.CreatedAt, Unwrap(table, entry.Generation)))]);
            return table.Entries.Count;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (BlockCipher cipher in _ciphers.Values)
            {
                cipher.Dispose();
            }

            _ciphers.Clear();
            OpenedBlock.Forget();
        }
    }

    private static IEnumerable<KeyEntry> Used(KeyTable table, IReadOnlySet<uint> used) => table.Entries.Where(entry =>
        entry.Generation == HashGeneration || entry.Generation == table.Current || used.Contains(entry.Generation));

    private IDisposable LockTable() => TimedLock.Take(_storage, Path.Combine(_directory, KeyTableLayout.LockFile));

    private KeyTable Load()
    {
        _table = KeyTable.Read(_storage, _path, _identity.OwnerId, Owner)
            ?? throw new EstreamKeyException($"'{_path}' is missing, but the map is encrypted. Restore it from a copy.", _path);
        return _table;
    }

    // A process that cannot open the current key has another ring, under which no key of this map may be wrapped.
    private KeyTable LoadOpen()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(ByteMap));
        KeyTable table = Load();
        CryptographicOperations.ZeroMemory(Unwrap(table, table.Current));
        return table;
    }

    private void OpenHash(ulong mask)
    {
        byte[] secret = Unwrap(_table!, HashGeneration);
        Span<byte> key = stackalloc byte[ByteHash.KeyBytes];
        KeyDerivation.Derive(secret, "estream map hash v1"u8, _identity.OwnerId, key);
        Hash = new ByteHash(key, mask);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(secret);
    }

    private byte[] Unwrap(KeyTable table, uint generation)
    {
        KeyEntry entry = table.Find(generation) ?? throw new EstreamKeyException(
            $"The map '{_directory}' is encrypted by key generation {generation}, which '{_path}' does not have. Restore the file "
            + "from a later copy.", _path);
        byte[] key = GC.AllocateArray<byte>(KeyTableLayout.WrappedBytes, pinned: true);
        entry.Unwrap(_ring, table.Identity, _path, key);
        return key;
    }

    private KeyEntry MakeKey(uint generation)
    {
        byte[] key = GC.AllocateArray<byte>(KeyTableLayout.WrappedBytes, pinned: true);
        _storage.FillRandom(key);
        return Wrap(generation, _clock.UtcNanos, key);
    }

    private KeyEntry Wrap(uint generation, long createdAt, byte[] key)
    {
        try
        {
            return KeyEntry.Wrap(generation, createdAt, key, _ring, in _identity, _storage);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private void Change(KeyEntry[] entries)
    {
        if (entries.Length > KeyTableLayout.MaxGenerations)
        {
            throw new InvalidOperationException(
                $"The map '{_directory}' has {KeyTableLayout.MaxGenerations} keys in use. Compact it before the next rotation.");
        }

        var table = new KeyTable(_identity, entries);
        table.Write(_storage, _path);
        _table = table;
    }
}
