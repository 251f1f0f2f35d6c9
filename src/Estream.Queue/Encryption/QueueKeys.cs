using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Core.Keys;

namespace Estream.Queue.Internal;

/// <summary>
/// The keys of an encrypted queue: queue.keys, opened with a ring of master keys. Used when segments are created and entered, from any
/// thread. Appenders check for each block whether their key is still current, which costs a load and a compare.
/// </summary>
internal sealed class QueueKeys : IDisposable
{
    public const string FileName = "queue.keys";

    /// <summary>
    /// In queue.meta: the current generation, so that writers notice a new one. Only a hint; queue.keys is authoritative.
    /// </summary>
    private const int MetadataHintOffset = 512;

    private readonly object _gate = new();
    private readonly QueueFiles _files;
    private readonly QueueKeyRing _ring;
    private readonly IClock _clock;
    private readonly MemoryRegion _metadata;
    private readonly Dictionary<uint, byte[]> _opened = [];
    private KeyTable? _table;
    private uint _current;

    // The generation for which this process knows that queue.keys and its directory entry are durable.
    private uint _onDevice;
    private int _seenHint;
    private bool _disposed;

    public QueueKeys(QueueFiles files, QueueOptions options, QueueKeyRing ring)
    {
        _files = files;
        _ring = ring;
        _clock = options.Clock;
        _metadata = files.Storage.OpenRegion(files.MetadataPath, RegionAccess.ReadOnly);
    }

    /// <summary>The generation of new segments, as far as this process knows without a system call.</summary>
    public uint Current
    {
        get
        {
            int hint = _metadata.All.ReadInt32Acquire(MetadataHintOffset);
            if (hint != Volatile.Read(ref _seenHint))
            {
                lock (_gate)
                {
                    _ = Load();
                    Volatile.Write(ref _seenHint, hint);
                }
            }

            return Volatile.Read(ref _current);
        }
    }

    /// <summary>Describes the keys of a queue, for which no master key is needed.</summary>
    /// <returns><see langword="null"/> if the queue is not encrypted.</returns>
    /// <exception cref="EstreamFormatException">queue.keys is not a key table, is newer, or belongs to another queue.</exception>
    /// <exception cref="EstreamCorruptionException">queue.keys is damaged.</exception>
    public static QueueEncryption? Describe(QueueFiles files) => Read(files) is { } table
        ? new QueueEncryption(table.Identity.FirstSegment, (int)table.Current,
            [.. table.Entries.Select(e => new QueueKeyGeneration((int)e.Generation, e.MasterKeyId, e.CreatedAt))])
        : null;

    /// <summary>
    /// Creates the first key of a queue that has none. The caller has the right to append; no other appender creates a segment meanwhile.
    /// </summary>
    /// <exception cref="EstreamKeyException">The keys of the queue are missing, or the ring does not open them.</exception>
    public void Ensure()
    {
        lock (_gate)
        {
            if (Load() is { } table)
            {
                _ = Open(table, table.Current);
                return;
            }
        }

        using IDisposable rotation = CreationLock.Take(_files.Storage, _files.Directory, MetadataLayout.RotateLockFile);
        using IDisposable held = LockTable();
        lock (_gate)
        {
            if (Load() is { } table)
            {
                _ = Open(table, table.Current);
                return;
            }

            IReadOnlyList<long> indexes = _files.ListSegments();
            if (UsedGenerations(indexes) is not { Count: 0 })
            {
                throw new EstreamKeyException(
                    $"'{_files.KeysPath}' is missing, and segments of the queue are encrypted. Restore it from a copy.", _files.KeysPath);
            }

            var identity = new KeyTableIdentity(_files.QueueId, indexes.Count == 0 ? 0 : indexes[^1] + 1);
            Change(new KeyTable(identity, [MakeKey(1, identity)]));
        }
    }

    /// <summary>Keeps the current generation from changing until a segment that uses it has its name.</summary>
    /// <param name="key">The key fields for the header of the segment.</param>
    /// <returns>Dispose it when the segment exists.</returns>
    public IDisposable BeginSegment(out SegmentKey key)
    {
        IDisposable held = LockTable();
        try
        {
            lock (_gate)
            {
                KeyTable table = Require(Load());
                _ = Open(table, table.Current);
                RequireOnDevice(table);
                Span<byte> salt = stackalloc byte[BlockLayout.SaltBytes];
                _files.Storage.FillRandom(salt);
                key = new SegmentKey(table.Current, BinaryPrimitives.ReadUInt128LittleEndian(salt));
                return held;
            }
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>A new cipher for an appender or a tailer in a segment.</summary>
    /// <exception cref="EstreamKeyException">The key of the segment is missing, or the ring does not open it.</exception>
    public SegmentCipher CipherOf(Segment segment)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(EstreamQueue));
            uint generation = segment.Key.Generation;
            KeyTable table = _table?.Find(generation) is null ? Require(Load()) : _table;
            return new SegmentCipher(Open(table, generation), _files.QueueId, segment);
        }
    }

    /// <summary>Refuses a plaintext segment after the first encrypted one: it is damaged or forged.</summary>
    /// <exception cref="EstreamCorruptionException">The segment is plaintext and follows the first encrypted segment.</exception>
    public void RequireKind(Segment segment)
    {
        if (segment.IsEncrypted)
        {
            return;
        }

        lock (_gate)
        {
            KeyTable? table = _table ?? Load();
            if (table is null)
            {
                return;
            }

            // The segment number is trusted only together with the keys that it is bound to.
            _ = Open(table, table.Current);
            if (segment.Index >= table.Identity.FirstSegment)
            {
                throw new EstreamCorruptionException(
                    $"'{segment.Path}' is plaintext, but the queue is encrypted from segment {table.Identity.FirstSegment} on. It is "
                    + "damaged or forged; restore it from a copy.",
                    segment.Path, BlockLayout.GenerationOffset);
            }
        }
    }

    /// <summary>Adds a generation and makes it the current one.</summary>
    public uint Rotate()
    {
        using IDisposable held = LockTable();
        lock (_gate)
        {
            KeyTable table = RequireOpen();
            uint next = table.Current + 1;
            Change(new KeyTable(table.Identity, [.. Used(table), MakeKey(next, table.Identity)]));
            return next;
        }
    }

    /// <summary>Wraps all generations again under the current master key of the ring.</summary>
    public int Rewrap()
    {
        using IDisposable held = LockTable();
        lock (_gate)
        {
            KeyTable table = RequireOpen();
            KeyEntry[] entries =
            [
                .. Used(table)
                .Select(e => KeyEntry.Wrap(e.Generation, e.CreatedAt, Open(table, e.Generation), _ring, table.Identity, _files.Storage)),
            ];
            Change(new KeyTable(table.Identity, entries));
            return entries.Length;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (byte[] key in _opened.Values)
            {
                CryptographicOperations.ZeroMemory(key);
            }

            _opened.Clear();
            _metadata.Dispose();
        }
    }

    private IDisposable LockTable() => CreationLock.Take(_files.Storage, _files.Directory, KeyTableLayout.LockFile);

    private static KeyTable? Read(QueueFiles files) => KeyTable.Read(files.Storage, files.KeysPath, files.QueueId, "queue");

    private KeyTable? Load()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(EstreamQueue));
        _table = Read(_files);
        Volatile.Write(ref _current, _table?.Current ?? 0);
        return _table;
    }

    private KeyTable Require(KeyTable? table) =>
        table ?? throw new EstreamKeyException($"'{_files.KeysPath}' is missing, but the queue is encrypted. Restore it from a copy.",
            _files.KeysPath);

    private KeyTable RequireOpen()
    {
        KeyTable table = Load() ?? throw new InvalidOperationException(
            $"The queue '{_files.Directory}' is not encrypted: it has no key until a message is appended with QueueOptions.Keys.");

        // A process that cannot open the current key has another ring, under which no key of this queue may be wrapped.
        _ = Open(table, table.Current);
        return table;
    }

    private byte[] Open(KeyTable table, uint generation)
    {
        if (_opened.TryGetValue(generation, out byte[]? known))
        {
            return known;
        }

        KeyEntry entry = table.Find(generation) ?? throw new EstreamKeyException(
            $"A segment of queue '{_files.Directory}' is encrypted by key generation {generation}, which '{_files.KeysPath}' does not "
            + "hold. Restore the file from a later copy.", _files.KeysPath);
        byte[] key = GC.AllocateArray<byte>(KeyTableLayout.WrappedBytes, pinned: true);
        entry.Unwrap(_ring, table.Identity, _files.KeysPath, key);
        _opened.Add(generation, key);
        return key;
    }

    private KeyEntry MakeKey(uint generation, in KeyTableIdentity identity)
    {
        byte[] key = GC.AllocateArray<byte>(KeyTableLayout.WrappedBytes, pinned: true);
        try
        {
            _files.Storage.FillRandom(key);
            return KeyEntry.Wrap(generation, _clock.UtcNanos, key, _ring, identity, _files.Storage);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private void Change(KeyTable table)
    {
        if (table.Entries.Count > KeyTableLayout.MaxGenerations)
        {
            throw new InvalidOperationException(
                $"The queue '{_files.Directory}' has {KeyTableLayout.MaxGenerations} keys in use. Let retention delete old segments "
                + "before the next rotation.");
        }

        // queue.meta is flushed first: a power cut must not leave a key table without the queue that it belongs to.
        using MemoryRegion metadata = _files.Storage.OpenRegion(_files.MetadataPath, RegionAccess.ReadWrite);
        metadata.Flush(0, metadata.Length);
        table.Write(_files.Storage, _files.KeysPath);
        _onDevice = table.Current;
        _table = table;
        Volatile.Write(ref _current, table.Current);

        // The generation hint is stored after the key table, so a process that sees the new number finds the key. After a crash in between,
        // writers use the old key until their next segment.
        metadata.All.WriteInt32Release(MetadataHintOffset, (int)table.Current);
    }

    // Flushes the directory entry of queue.keys. The process that created the key may have died before this flush, or its flush may have
    // failed. A power cut would then lose the key of a segment that survives.
    private void RequireOnDevice(KeyTable table)
    {
        if (_onDevice != table.Current)
        {
            _files.Storage.SyncDirectory(_files.Directory);
            _onDevice = table.Current;
        }
    }

    // Deletes keys that no segment needs, which makes remains of their segments unreadable.
    private IEnumerable<KeyEntry> Used(KeyTable table)
    {
        HashSet<uint>? used = UsedGenerations(_files.ListSegments());
        return table.Entries.Where(e => used is null || used.Contains(e.Generation) || e.Generation == table.Current);
    }

    /// <returns><see langword="null"/> if the key generation of a segment cannot be read: then no key may be deleted.</returns>
    private HashSet<uint>? UsedGenerations(IReadOnlyList<long> indexes)
    {
        var used = new HashSet<uint>();
        foreach (long index in indexes)
        {
            string path = _files.SegmentPath(index);
            try
            {
                using MemoryRegion region = _files.Storage.OpenRegion(path, RegionAccess.ReadOnly);
                used.Add(Segment.Attach(region, path, index, _files, isLoaded: false).Key.Generation);
            }
            catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
            {
                // Retention has deleted the segment since the directory was listed.
            }
            catch (EstreamException)
            {
                return null;
            }
        }

        used.Remove(0);
        return used;
    }
}
