using Estream.Core;
using Estream.Map;

namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>
/// The persistent state of sessions, in a map that belongs to the endpoint. It is created with the first session that outlives its
/// connection. Each session has a few entries that are replaced as a whole. A record survives a crash of the process once the put that
/// writes it has returned. Thread-safe.
/// </summary>
internal sealed class SessionStore : IDisposable
{
    private const string Name = "sessions";
    private const byte Version = 1;
    private const long RecentNanos = 1_000_000_000;

    private static readonly RecordKind[] s_ofSession = [RecordKind.Terms, RecordKind.Subscriptions, RecordKind.Window, RecordKind.Incoming];

    private readonly Lock _lock = new();
    private readonly AdapterPlace _place;
    private readonly StoreOrigin _origin;
    private readonly RecordWriter _writer = new();
    private ByteMap? _map;
    private volatile EstreamStorageException? _failure;
    private long _failedAt;
    private long _lastWill;
    private bool _isDisposed;

    private SessionStore(AdapterPlace place, IClock clock, StoreOrigin origin, bool keepsWills)
    {
        _place = place;
        Clock = clock;
        _origin = origin;
        KeepsWills = keepsWills;
    }

    /// <summary>Whether wills may be stored, although the map is plaintext.</summary>
    public bool KeepsWills { get; }

    public IClock Clock { get; }

    /// <summary>The failure of a write within the last second; null if there was none.</summary>
    public EstreamStorageException? Failure =>
        _failure is { } failure && Clock.MonotonicNanos - Volatile.Read(ref _failedAt) < RecentNanos ? failure : null;

    private string Directory => Path.Combine(_place.Directory, Name);

    /// <summary>Opens the store, and reads the map of an earlier process if one exists.</summary>
    /// <param name="place">The directory and queue options of the endpoint.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="origin">The relay to which stored positions refer.</param>
    /// <param name="keepsWills">Whether wills may be stored in plaintext.</param>
    /// <exception cref="EstreamException">The map cannot be opened or read.</exception>
    public static SessionStore Open(AdapterPlace place, IClock clock, StoreOrigin origin, bool keepsWills)
    {
        SessionStore store = new(place, clock, origin, keepsWills);
        if (place.Queues.Storage.DirectoryExists(store.Directory))
        {
            store._map = store.OpenMap();
        }

        return store;
    }

    /// <summary>Creates the key of a session, a will or a group, with the first byte reserved for the kind of the record.</summary>
    public static byte[] KeyOf(ReadOnlySpan<byte> name)
    {
        byte[] key = new byte[name.Length + 1];
        name.CopyTo(key.AsSpan(1));
        return key;
    }

    /// <summary>Passes every entry to a callback.</summary>
    public void Read(StoredEntry take)
    {
        lock (_lock)
        {
            if (_map is { } map)
            {
                foreach (ByteMapEntry entry in map)
                {
                    take((RecordKind)entry.Key[0], entry.Key[1..], entry.Value);
                }
            }
        }
    }

    /// <summary>Stores a record and replaces the previous record of the same kind and key.</summary>
    /// <returns>False if the store cannot be written now. The previous record is still there, and the same call can succeed
    /// later.</returns>
    public bool TryPut(RecordKind kind, byte[] key, Action<RecordWriter> write)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return false;
            }

            try
            {
                _map ??= OpenMap();
                _writer.Begin();
                write(_writer);
                key[0] = (byte)kind;
                _map.Put(key, _writer.Written);
                _failure = null;
                return true;
            }
            catch (EstreamStorageException failure)
            {
                Volatile.Write(ref _failedAt, Clock.MonotonicNanos);
                _failure = failure;
                return false;
            }
        }
    }

    public void Remove(RecordKind kind, byte[] key)
    {
        lock (_lock)
        {
            if (!_isDisposed && _map is { } map)
            {
                key[0] = (byte)kind;
                map.Remove(key);
            }
        }
    }

    /// <summary>Removes all records of a session.</summary>
    public void RemoveSession(byte[] key)
    {
        foreach (RecordKind kind in s_ofSession)
        {
            Remove(kind, key);
        }
    }

    /// <summary>Stores a will that is due until it is published.</summary>
    /// <returns>The number of the will; 0 if it is not stored.</returns>
    public long PutWill(WillMessage will)
    {
        long number = Interlocked.Increment(ref _lastWill);
        return KeepsWills && TryPut(RecordKind.Will, WillKey(number), writer => WillRecord.Write(writer, will)) ? number : 0;
    }

    /// <summary>Reserves the number of a will of an earlier process.</summary>
    public void SkipWillNumber(long number)
    {
        _lastWill = Math.Max(_lastWill, number);
    }

    public void RemoveWill(long number)
    {
        Remove(RecordKind.Will, WillKey(number));
    }

    /// <summary>Removes all records.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_map is { } map)
            {
                map.Clear();
                PutOrigin(map);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _map?.Dispose();
        }
    }

    private static byte[] WillKey(long number)
    {
        return KeyOf(BitConverter.GetBytes(number));
    }

    private ByteMap OpenMap()
    {
        ByteMap map = ByteMap.Open(Directory, new ByteMapOptions { Storage = _place.Queues.Storage, Clock = _place.Queues.Clock });
        try
        {
            // After a power loss, some entries may be older than others. Positions that refer to another relay are meaningless.
            if (map.HostCrashed || !IsOurs(map))
            {
                map.Clear();
                PutOrigin(map);
            }

            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    private bool IsOurs(ByteMap map)
    {
        if (!map.TryGet([(byte)RecordKind.Store], out byte[]? record))
        {
            return false;
        }

        RecordReader reader = new(record);
        return reader.ReadByte() == Version && reader.ReadInt64() == _origin.RelayId && reader.ReadFlag() == _origin.IsEncrypted;
    }

    private void PutOrigin(ByteMap map)
    {
        _writer.Begin();
        _writer.WriteByte(Version);
        _writer.WriteInt64(_origin.RelayId);
        _writer.WriteFlag(_origin.IsEncrypted);
        map.Put([(byte)RecordKind.Store], _writer.Written);
    }
}

/// <summary>Receives an entry of the store. The spans are valid until it returns.</summary>
internal delegate void StoredEntry(RecordKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> record);

/// <summary>The relay to which the positions in a store refer.</summary>
/// <param name="RelayId">The identifier of the relay; 0 if subscribers are not served.</param>
/// <param name="IsEncrypted">Whether the relay is encrypted.</param>
internal readonly record struct StoreOrigin(long RelayId, bool IsEncrypted);
