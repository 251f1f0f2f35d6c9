using Estream.Core;
using Estream.Map;

namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>
/// What has to outlive the process of the sessions, in a map of the endpoint's own, made with the first session that is to outlive its
/// connection. A few entries for each, replaced as a whole: what a put returned from is there after a kill. Thread-safe.
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

    /// <summary>Whether wills may stand in it, which is in clear.</summary>
    public bool KeepsWills { get; }

    public IClock Clock { get; }

    /// <summary>Why it could not be written a moment ago; null when it could, or nobody has tried.</summary>
    public EstreamStorageException? Failure =>
        _failure is { } failure && Clock.MonotonicNanos - Volatile.Read(ref _failedAt) < RecentNanos ? failure : null;

    private string Directory => Path.Combine(_place.Directory, Name);

    /// <summary>Opens what an earlier process has left, if it has.</summary>
    /// <param name="place">The endpoint's place.</param>
    /// <param name="clock">Time.</param>
    /// <param name="origin">Which relay its positions are of.</param>
    /// <param name="keepsWills">Whether wills may stand in clear.</param>
    /// <exception cref="EstreamException">It cannot be opened or read.</exception>
    public static SessionStore Open(AdapterPlace place, IClock clock, StoreOrigin origin, bool keepsWills)
    {
        SessionStore store = new(place, clock, origin, keepsWills);
        if (place.Queues.Storage.DirectoryExists(store.Directory))
        {
            store._map = store.OpenMap();
        }

        return store;
    }

    /// <summary>The bytes a session is found by, with room for the kind in front.</summary>
    public static byte[] KeyOf(ReadOnlySpan<byte> name)
    {
        byte[] key = new byte[name.Length + 1];
        name.CopyTo(key.AsSpan(1));
        return key;
    }

    /// <summary>Goes through everything that is kept.</summary>
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

    /// <summary>Keeps a record in the place of the one before it.</summary>
    /// <returns>False when it cannot be written now: the one before it is still there, and the same call can succeed later.</returns>
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

    /// <summary>Forgets a session.</summary>
    public void RemoveSession(byte[] key)
    {
        foreach (RecordKind kind in s_ofSession)
        {
            Remove(kind, key);
        }
    }

    /// <summary>Keeps a will that is due until it is published.</summary>
    /// <returns>Its number; 0 where it is not kept.</returns>
    public long PutWill(WillMessage will)
    {
        long number = Interlocked.Increment(ref _lastWill);
        return KeepsWills && TryPut(RecordKind.Will, WillKey(number), writer => WillRecord.Write(writer, will)) ? number : 0;
    }

    /// <summary>A will of an earlier process has this number.</summary>
    public void SkipWillNumber(long number)
    {
        _lastWill = Math.Max(_lastWill, number);
    }

    public void RemoveWill(long number)
    {
        Remove(RecordKind.Will, WillKey(number));
    }

    /// <summary>Forgets everything.</summary>
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
            // After a power cut some of it may be older than the rest, and what waits in another relay is not what it speaks of.
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

/// <summary>Takes an entry of the store; the spans are valid until it returns.</summary>
internal delegate void StoredEntry(RecordKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> record);

/// <summary>The relay that the positions in a store are of.</summary>
/// <param name="RelayId">Its identifier; 0 where nobody is served.</param>
/// <param name="IsEncrypted">Whether it is encrypted.</param>
internal readonly record struct StoreOrigin(long RelayId, bool IsEncrypted);
