using System.Buffers;
using System.Text.Json;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Core;
using Estream.Host.Runtime;
using Estream.Map;
using Estream.Queue;
using Estream.Replication;

namespace Estream.Host.Remote;

/// <summary>A map for clients. Thread-safe.</summary>
internal interface IRemoteMap
{
    /// <summary>Finds the version and expiry of an entry; the version is 0 if there is none.</summary>
    (long Version, long ExpiresAt) Find(ReadOnlySpan<byte> key);

    /// <summary>Writes an entry: a byte that is 0 if there is none, version, expiry, value.</summary>
    /// <exception cref="RemoteRefusalException">The value is too long, or the role may not read it.</exception>
    void Write(FrameBuilder frame, ReadOnlySpan<byte> key, in MapReader reader);

    /// <summary>Writes the members of an entry: <c>version</c>, <c>time</c>, and <c>schema</c> and <c>message</c>, <c>text</c> or
    /// <c>bytes</c>. Private values are withheld.</summary>
    /// <param name="writer">The writer, inside an object.</param>
    /// <param name="key">The key.</param>
    /// <param name="json">Writes messages.</param>
    /// <param name="maxBytes">A longer value is not shown.</param>
    /// <param name="now">The time of an entry whose map stores no times.</param>
    /// <returns>The version; 0 if there is no entry, and nothing was written.</returns>
    long WriteMembers(Utf8JsonWriter writer, ReadOnlySpan<byte> key, MessageJson json, int maxBytes, long now);

    /// <summary>Calls <paramref name="visit"/> with every key, in any order.</summary>
    void Visit(KeyVisitor visit);

    /// <summary>The map as one that clients write; null if they may only read it.</summary>
    KeyValueMap? Writable { get; }

    /// <summary>Why clients may only read the map, and what to do.</summary>
    string WhyReadOnly { get; }

    /// <summary>Who owns the map, and how old the content is that this host shows.</summary>
    RemoteMapInfo Info { get; }
}

/// <summary>Visits a key.</summary>
internal delegate void KeyVisitor(ReadOnlySpan<byte> key);

/// <summary>Who reads a value.</summary>
/// <param name="MaxBytes">The maximum length of the value.</param>
/// <param name="IsAdministrator">Whether the reader may read private values.</param>
internal readonly record struct MapReader(int MaxBytes, bool IsAdministrator)
{
    public void Require(int length)
    {
        if (length > MaxBytes)
        {
            throw new RemoteRefusalException(ClientStatus.LimitExceeded,
                $"The value has {length} bytes, but a frame takes {MaxBytes}. Set Client:MaxFrameBytes.");
        }
    }
}

/// <summary>A map that clients write, or a replica of such a map.</summary>
internal sealed class KeyValueMap : IRemoteMap, IDisposable
{
    // Counting reads one word per thousand entries.
    private const int PutsPerCount = 1024;

    private readonly VersionedByteMap _map;
    private readonly long _maxEntries;
    private readonly Lock _writing;
    private readonly MapPublisher? _publisher;
    private readonly MapFollower? _follower;
    private readonly MapGroupCommit? _flushes;
    private readonly Lock _closing = new();
    private bool _isClosed;
    private bool _hasCrashed;
    private int _putsUntilCount;

    private KeyValueMap(VersionedByteMap map, long maxEntries, bool isFlushed)
    {
        (_map, _maxEntries, _writing) = (map, maxEntries, new Lock());
        _flushes = isFlushed ? new MapGroupCommit(map, _writing) : null;
    }

    /// <summary>A map that is replicated. Disposed with this object.</summary>
    public KeyValueMap(MapPublisher publisher, long maxEntries, bool isFlushed)
    {
        (_map, _maxEntries, _writing, _publisher) = (publisher.Map, maxEntries, publisher.Writing, publisher);
        _flushes = isFlushed ? new MapGroupCommit(_map, _writing) : null;
    }

    /// <summary>A replica. Disposed with this object.</summary>
    /// <exception cref="EstreamException">The replica cannot be opened.</exception>
    public KeyValueMap(MapFollower follower, string directory, IClock clock)
        : this(VersionedByteMap.OpenReadOnly(directory, new ByteMapOptions { Clock = clock }), maxEntries: 0, isFlushed: false) =>
        _follower = follower;

    /// <summary>What a crash means for a map, and what to do.</summary>
    public const string CrashDetail = "The machine stopped, or a flush failed, while the map was open: entries may be missing or stale. "
        + "Check the entries, and write incorrect entries again. Then stop the host, run 'estream map confirm NAME', and start the host.";

    /// <summary>The entries.</summary>
    public VersionedByteMap Map => _map;

    public KeyValueMap? Writable => _follower is null ? this : null;

    public string WhyReadOnly => _follower?.GetStatus().Owner is { } owner
        ? $"The map is a replica. Send changes to its owner, host '{owner}'."
        : "The map is a replica, and its owner is not known yet. Retry later.";

    public RemoteMapInfo Info
    {
        get
        {
            if (_follower is null)
            {
                return new RemoteMapInfo(_publisher is null ? RemoteMapRole.Local : RemoteMapRole.Owner, "", 0, true)
                {
                    HostCrashed = HasCrashed,
                };
            }

            MapReplicaStatus status = _follower.GetStatus();
            return new RemoteMapInfo(RemoteMapRole.Replica, status.Owner ?? "", status.AsOf, status.IsComplete)
            {
                HostCrashed = HasCrashed,
            };
        }
    }

    /// <summary>Whether a change is acknowledged only after a majority of the brokers has it, or after a flush.</summary>
    public bool WaitsForAcknowledgement => _publisher is not null || _flushes is not null;

    /// <summary>The number of changes so far, for <see cref="WaitAcknowledgedAsync"/>.</summary>
    public long Changes => _flushes?.Changes ?? 0;

    /// <summary>Whether changes may be lost, because the machine stopped while the map was open, or a flush failed. The map also flushes
    /// when it grows or compacts. For a closed map, the last known state.</summary>
    public bool HasCrashed
    {
        get
        {
            lock (_closing)
            {
                _hasCrashed = _hasCrashed || (!_isClosed && _map.HostCrashed);
                return _hasCrashed;
            }
        }
    }

    /// <exception cref="EstreamException">The map cannot be opened.</exception>
    public static KeyValueMap Open(string directory, long maxEntries, bool isFlushed, ByteMapOptions options) =>
        new(VersionedByteMap.Open(directory, options), maxEntries, isFlushed);

    /// <summary>Completes when changes have what their acknowledgement promises: a majority of the brokers has them, and they are
    /// flushed.</summary>
    /// <param name="changes">The number of changes up to the last one.</param>
    /// <param name="cancellation">Cancels the wait for the brokers.</param>
    /// <exception cref="EstreamException">This host does not own the map any more, replication has failed, or a flush has
    /// failed.</exception>
    public async ValueTask WaitAcknowledgedAsync(long changes, CancellationToken cancellation)
    {
        Task flushed = _flushes?.WaitAsync(changes) ?? Task.CompletedTask;
        if (_publisher is { } publisher)
        {
            await Task.WhenAll(publisher.WaitConfirmedAsync(cancellation).AsTask(), flushed).ConfigureAwait(false);
            return;
        }

        await flushed.ConfigureAwait(false);
    }

    /// <summary>Begins a change. Returns false if a flush is running; then use <see cref="TryDefer"/>. Call <see cref="Exit"/> after the
    /// change, on the same thread.</summary>
    public bool TryEnter()
    {
        if (_flushes is { } flushes)
        {
            return flushes.TryEnter();
        }

        _writing.Enter();
        return true;
    }

    public void Exit() => _writing.Exit();

    /// <summary>Makes a change after the running flush, so that the change blocks no thread. Returns null if no flush is running.</summary>
    public Task? TryDefer(Action change) => _flushes?.TryDefer(change);

    public (long Version, long ExpiresAt) Find(ReadOnlySpan<byte> key) =>
        _map.TryGetVersion(key, out long version, out long expiresAt) ? (version, expiresAt) : default;

    public void Write(FrameBuilder frame, ReadOnlySpan<byte> key, in MapReader reader)
    {
        Span<byte> value = stackalloc byte[512];
        byte[]? rented = null;
        try
        {
            while (true)
            {
                (long version, long expiresAt) = Find(key);
                Status status = _map.TryGet(key, value, out int length, out long read);
                if (status.IsFull)
                {
                    reader.Require(length);
                    Return(rented);
                    value = rented = ArrayPool<byte>.Shared.Rent(length);
                }
                else if (read == version)
                {
                    frame.Byte((byte)(version > 0 ? 1 : 0)).Int64(version).Int64(expiresAt).Raw(value[..length]);
                    return;
                }

                // The value did not fit, or the entry has changed between the reads: read it again.
            }
        }
        finally
        {
            Return(rented);
        }
    }

    public long WriteMembers(Utf8JsonWriter writer, ReadOnlySpan<byte> key, MessageJson json, int maxBytes, long now)
    {
        byte[]? value = null;
        bool isLong = _map.TryGet(key, [], out int length, out long version).IsFull && length > maxBytes;
        if (!isLong && !_map.TryGet(key, out value, out version))
        {
            return 0;
        }

        writer.WriteNumber("version"u8, version);
        writer.WriteNumber("time"u8, now);
        if (value is null)
        {
            writer.WriteString("error"u8, $"{length} bytes long, more than is shown here");
        }
        else
        {
            ByteMapView.WriteValue(writer, value, maxBytes, json);
        }

        return version;
    }

    public void Visit(KeyVisitor visit)
    {
        foreach (VersionedByteMapEntry entry in _map)
        {
            visit(entry.Key);
        }
    }

    /// <exception cref="RemoteRefusalException">The map is full.</exception>
    public long Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? timeToLive)
    {
        lock (_writing)
        {
            RequireRoom(key);
            _flushes?.Note();
            return _map.Put(key, value, timeToLive);
        }
    }

    /// <exception cref="RemoteRefusalException">The map is full.</exception>
    public bool CompareExchange(
        ReadOnlySpan<byte> key, long expected, ReadOnlySpan<byte> value, out long version, TimeSpan? timeToLive)
    {
        lock (_writing)
        {
            if (expected == 0)
            {
                RequireRoom(key);
            }

            _flushes?.Note();
            return _map.CompareExchange(key, expected, value, out version, timeToLive);
        }
    }

    public bool CompareExchange(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> value, out long version, TimeSpan? timeToLive)
    {
        lock (_writing)
        {
            _flushes?.Note();
            return _map.TryGet(key, out byte[]? current, out version) && expected.SequenceEqual(current)
                && _map.CompareExchange(key, version, value, out version, timeToLive);
        }
    }

    public bool Remove(ReadOnlySpan<byte> key, long? expected)
    {
        lock (_writing)
        {
            _flushes?.Note();
            return expected is { } version ? _map.Remove(key, version) : _map.Remove(key);
        }
    }

    public void Dispose()
    {
        _flushes?.Close();
        lock (_closing)
        {
            _isClosed = true;
        }

        _follower?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        if (_publisher is { } publisher)
        {
            publisher.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        else
        {
            _map.Dispose();
        }
    }

    private static void Return(byte[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void RequireRoom(ReadOnlySpan<byte> key)
    {
        if (--_putsUntilCount > 0 || _map.ContainsKey(key))
        {
            return;
        }

        long count = _map.Count;
        if (count >= _maxEntries)
        {
            throw new RemoteRefusalException(ClientStatus.LimitExceeded,
                $"The map has {count} entries, its maximum. Remove entries, or set MaxEntries of the map.");
        }

        _putsUntilCount = (int)Math.Min(PutsPerCount, _maxEntries - count);
    }
}

/// <summary>The newest message of each key of a queue. Its version is the sequence number of the message plus one.</summary>
/// <param name="map">The map.</param>
/// <param name="queue">The queue.</param>
/// <param name="whyReadOnly">Why clients may only read the map, and what to do.</param>
/// <param name="privacy">Decides which messages a client may read.</param>
/// <param name="gate">Closes before the map; null for a map that is open as long as the host.</param>
internal sealed class FoldedMap(StateMap<Utf8Key64, LatestEntry> map, EstreamQueue queue, string whyReadOnly, MessagePrivacy privacy,
    ReadGate? gate = null) : IRemoteMap
{
    public KeyValueMap? Writable => null;

    public string WhyReadOnly => whyReadOnly;

    public RemoteMapInfo Info => new(RemoteMapRole.Local, "", 0, true);

    public (long Version, long ExpiresAt) Find(ReadOnlySpan<byte> key)
    {
        Enter();
        try
        {
            return Utf8Key64.TryCreate(key, out Utf8Key64 mapKey) && map.TryGet(in mapKey, out LatestEntry entry)
                ? (entry.Sequence + 1, 0)
                : default;
        }
        finally
        {
            gate?.Exit();
        }
    }

    public void Write(FrameBuilder frame, ReadOnlySpan<byte> key, in MapReader reader)
    {
        Enter();
        try
        {
            WriteCore(frame, key, reader);
        }
        finally
        {
            gate?.Exit();
        }
    }

    public long WriteMembers(Utf8JsonWriter writer, ReadOnlySpan<byte> key, MessageJson json, int maxBytes, long now)
    {
        Enter();
        try
        {
            if (!Utf8Key64.TryCreate(key, out Utf8Key64 mapKey) || !map.TryGet(in mapKey, out LatestEntry entry))
            {
                return 0;
            }

            writer.WriteNumber("version"u8, entry.Sequence + 1);
            writer.WriteNumber("time"u8, entry.Time);
            if (entry.IsInline)
            {
                json.WriteMessage(writer, entry.Message, maxBytes);
            }
            else
            {
                WriteFromQueue(writer, entry, json, maxBytes);
            }

            return entry.Sequence + 1;
        }
        finally
        {
            gate?.Exit();
        }
    }

    public void Visit(KeyVisitor visit)
    {
        Enter();
        try
        {
            foreach (KeyValuePair<Utf8Key64, LatestEntry> entry in map)
            {
                Utf8Key64 key = entry.Key;
                visit(key.Span);
            }
        }
        finally
        {
            gate?.Exit();
        }
    }

    private void Enter()
    {
        if (gate?.TryEnter() == false)
        {
            throw new RemoteRefusalException(ClientStatus.NotFound,
                "The map was changed or removed in the configuration of the host. Send the request again.");
        }
    }

    private void WriteCore(FrameBuilder frame, ReadOnlySpan<byte> key, in MapReader reader)
    {
        if (!Utf8Key64.TryCreate(key, out Utf8Key64 mapKey) || !map.TryGet(in mapKey, out LatestEntry entry))
        {
            frame.Byte(0).Int64(0).Int64(0);
            return;
        }

        reader.Require(entry.Length);
        frame.Byte(1).Int64(entry.Sequence + 1).Int64(0);
        if (entry.IsInline)
        {
            WriteMessage(frame, entry.Message, reader);
            return;
        }

        using QueueTailer tailer = queue.CreateTailer();
        if (!tailer.TrySeek(entry.Position) || !tailer.TryRead(out QueueMessage message) || message.Sequence != entry.Sequence)
        {
            throw new RemoteRefusalException(ClientStatus.NotFound, "Retention has deleted the message from the queue.");
        }

        WriteMessage(frame, message.Payload, reader);
    }

    private void WriteFromQueue(Utf8JsonWriter writer, in LatestEntry entry, MessageJson json, int maxBytes)
    {
        string error = "the queue no longer contains this message";
        try
        {
            using QueueTailer tailer = queue.CreateTailer();
            if (tailer.TrySeek(entry.Position) && tailer.TryRead(out QueueMessage message) && message.Sequence == entry.Sequence)
            {
                json.WriteMessage(writer, message.Payload, maxBytes);
                return;
            }
        }
        catch (EstreamCorruptionException damage)
        {
            error = damage.Message;
        }
        catch (EstreamStorageException)
        {
            // Retention has deleted the message.
        }

        MessageJson.WriteError(writer, "", [], error);
    }

    private void WriteMessage(FrameBuilder frame, ReadOnlySpan<byte> message, in MapReader reader)
    {
        if (!reader.IsAdministrator && privacy.IsForAdministrators(message))
        {
            throw new RemoteRefusalException(ClientStatus.Forbidden,
                "The message may contain private values in plaintext. Only the role admin may read it.");
        }

        frame.Raw(message);
    }
}
