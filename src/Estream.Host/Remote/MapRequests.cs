using System.Text;
using Estream.Client;
using Estream.Client.Maps;
using Estream.Client.Protocol;
using Estream.Core;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Map;

namespace Estream.Host.Remote;

/// <summary>Does the map requests of one connection. The read loop calls it.</summary>
internal sealed class MapRequests(
    RemoteRequests requests, RemoteServer server, RemoteSession session, RemoteParts parts, Identity identity) : IAsyncDisposable
{
    private readonly FrameBuilder _frame = new();
    private readonly MapWatches _watches = new(session);
    private readonly List<Task> _scans = [];
    private readonly List<(FrameHeader Header, ClientStatus Status, long? Version, KeyValueMap Map, long Changes)> _unacknowledged =
        [];
    private Task? _deferred;
    private byte[] _lastName = [];
    private IRemoteMap? _lastMap;
    private QueueAccess? _lastAccess;
    private bool _mayRead;
    private bool _mayWrite;

    private MapReader Reader => new(server.Settings.MaxFrameBytes - 64, identity.Role >= AccessRole.Admin);

    /// <summary>Whether a change waits for a flush, whose thread makes the change. Until <see cref="WaitAsync"/> has completed, no other
    /// thread may use the connection.</summary>
    public bool IsWaiting => _deferred is not null;

    public void Do(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        switch (header.Op)
        {
            case ClientOp.MapGet:
                Get(header, reader);
                break;
            case ClientOp.MapPut:
                Put(header, payload);
                break;
            case ClientOp.MapCompareExchange:
                CompareExchange(header, payload);
                break;
            case ClientOp.MapRemove:
                Remove(header, payload);
                break;
            case ClientOp.MapScan:
                Scan(header, reader);
                break;
            case ClientOp.MapWatch:
                Watch(header, reader);
                break;
            case ClientOp.MapInfo:
                Describe(header, reader);
                break;
            case ClientOp.MapUnwatch:
                uint id = reader.UInt32();
                RemoteRequests.RequireComplete(header, reader);
                _watches.Remove(id);
                session.Output.Write(_frame.Begin().End(header.Op, header.Id));
                break;
            default:
                throw RemoteRequests.Malformed(header);
        }
    }

    /// <summary>Sends the responses to changes of replicated and of flushed maps, once a majority of the brokers has the changes, or they
    /// are flushed.</summary>
    public ValueTask AcknowledgeAsync(CancellationToken cancellation) =>
        _unacknowledged.Count == 0 ? default : AcknowledgeAllAsync(cancellation);

    /// <summary>Waits for the change that waits for a flush.</summary>
    public async ValueTask WaitAsync()
    {
        if (_deferred is { } deferred)
        {
            await deferred.ConfigureAwait(false);
            _deferred = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_deferred is { } deferred)
        {
            await deferred.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(_scans).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _watches.DisposeAsync().ConfigureAwait(false);
    }

    private void Get(FrameHeader header, PayloadReader reader)
    {
        IRemoteMap map = ReadableOf(header, reader.ShortBytes());
        ReadOnlySpan<byte> key = reader.ShortBytes();
        RemoteRequests.RequireComplete(header, reader);
        map.Write(_frame.Begin(), key, Reader);
        session.Output.Write(_frame.End(header.Op, header.Id));
    }

    private void Put(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        ReadOnlySpan<byte> name = reader.ShortBytes();
        long ttl = reader.Int64();
        ReadOnlySpan<byte> key = reader.ShortBytes();
        ReadOnlySpan<byte> value = reader.Rest();
        RemoteRequests.RequireComplete(header, reader);
        KeyValueMap map = WritableOf(header, name, key);
        TimeSpan? timeToLive = TimeToLive(header, ttl);
        if (!Enter(map, header, payload))
        {
            return;
        }

        long version;
        try
        {
            version = map.Put(key, value, timeToLive);
        }
        finally
        {
            map.Exit();
        }

        Reply(header, ClientStatus.Ok, version, map);
    }

    private void CompareExchange(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        ReadOnlySpan<byte> name = reader.ShortBytes();
        byte mode = reader.Byte();
        long ttl = reader.Int64();
        ReadOnlySpan<byte> key = reader.ShortBytes();
        long version = reader.Int64();
        ReadOnlySpan<byte> expected = reader.LongBytes();
        ReadOnlySpan<byte> value = reader.Rest();
        RemoteRequests.RequireComplete(header, reader);
        if (mode > MapFrames.ByValue || version < 0)
        {
            throw RemoteRequests.Malformed(header);
        }

        KeyValueMap map = WritableOf(header, name, key);
        TimeSpan? timeToLive = TimeToLive(header, ttl);
        if (!Enter(map, header, payload))
        {
            return;
        }

        bool isDone;
        long now;
        try
        {
            isDone = mode == MapFrames.ByVersion
                ? map.CompareExchange(key, version, value, out now, timeToLive)
                : map.CompareExchange(key, expected, value, out now, timeToLive);
        }
        finally
        {
            map.Exit();
        }

        Reply(header, isDone ? ClientStatus.Ok : ClientStatus.Conflict, now, map);
    }

    private void Remove(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        ReadOnlySpan<byte> name = reader.ShortBytes();
        long version = reader.Int64();
        ReadOnlySpan<byte> key = reader.ShortBytes();
        RemoteRequests.RequireComplete(header, reader);
        if (version is 0 or < -1)
        {
            throw RemoteRequests.Malformed(header);
        }

        KeyValueMap map = WritableOf(header, name, key);
        if (!Enter(map, header, payload))
        {
            return;
        }

        bool isDone;
        try
        {
            isDone = map.Remove(key, version == -1 ? null : version);
        }
        finally
        {
            map.Exit();
        }

        Reply(header, isDone ? ClientStatus.Ok : ClientStatus.Conflict, null, map);
    }

    /// <summary>Begins a change of a map. Returns false if a flush of the map is running: the request then runs after the flush, and
    /// blocks no thread.</summary>
    private bool Enter(KeyValueMap map, FrameHeader header, ReadOnlySpan<byte> payload)
    {
        bool isEntered;
        do
        {
            isEntered = map.TryEnter();
        }
        while (!isEntered && !Defer(map, header, payload));

        return isEntered;
    }

    private bool Defer(KeyValueMap map, FrameHeader header, ReadOnlySpan<byte> payload)
    {
        byte[] request = payload.ToArray();
        _deferred = map.TryDefer(() => requests.Answer(header, request));
        return _deferred is not null;
    }

    private void Scan(FrameHeader header, PayloadReader reader)
    {
        IRemoteMap map = ReadableOf(header, reader.ShortBytes());
        byte[] prefix = reader.ShortBytes().ToArray();
        byte[] after = reader.ShortBytes().ToArray();
        RemoteRequests.RequireComplete(header, reader);
        _scans.RemoveAll(static task => task.IsCompleted);
        if (_scans.Count >= MapScan.MaxWaiting)
        {
            throw new RemoteRefusalException(ClientStatus.LimitExceeded,
                $"The connection has {MapScan.MaxWaiting} scans under way, its maximum. Wait for one.");
        }

        MapScan scan = new(map, prefix, after, Reader, session.Ended);
        _scans.Add(Task.Run(() => ScanAsync(header, scan)));
    }

    private async Task ScanAsync(FrameHeader header, MapScan scan)
    {
        FrameBuilder frame = new();
        using ScanTurns.Turn turn = await server.Scans.EnterAsync(session.Identity!.Name, session.Ended).ConfigureAwait(false);
        try
        {
            // A scan of a large map would keep a thread of the pool from other work.
            await Task.Factory.StartNew(() => scan.Write(frame.Begin()), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default).ConfigureAwait(false);
            session.Output.Write(frame.End(header.Op, header.Id));
        }
        catch (Exception failure) when (failure is RemoteRefusalException or EstreamException)
        {
            ClientStatus status = (failure as RemoteRefusalException)?.Status ?? ClientStatus.Failed;
            session.Output.Write(frame.Begin().Raw(Encoding.UTF8.GetBytes(failure.Message)).End(header.Op, header.Id, status));
        }
    }

    private void Watch(FrameHeader header, PayloadReader reader)
    {
        ReadOnlySpan<byte> name = reader.ShortBytes();
        IRemoteMap map = ReadableOf(header, name);
        byte[] key = reader.ShortBytes().ToArray();
        RemoteRequests.RequireComplete(header, reader);
        string text = Encoding.UTF8.GetString(name);
        _watches.Add(header.Id, map, key, Reader, () => parts.Access.MayReadMap(identity, text)
            ? null
            : QueueAccess.WhyNot(identity, "read", "map", text));
    }

    private IRemoteMap ReadableOf(FrameHeader header, ReadOnlySpan<byte> name)
    {
        IRemoteMap map = MapOf(header, name);
        return _mayRead ? map : throw Refusal("read", name);
    }

    private RemoteRefusalException Refusal(string act, ReadOnlySpan<byte> map) =>
        new(ClientStatus.Forbidden, QueueAccess.WhyNot(identity, act, "map", Encoding.UTF8.GetString(map)));

    /// <summary>Finds the map of a request, and what the client may do with it. Consecutive requests mostly name the same map.</summary>
    private IRemoteMap MapOf(FrameHeader header, ReadOnlySpan<byte> name)
    {
        // A reload of the configuration replaces the rights and may replace the map.
        QueueAccess access = parts.Access;
        if (_lastMap is { } last && ReferenceEquals(access, _lastAccess) && name.SequenceEqual(_lastName))
        {
            return last;
        }

        string text = RemoteRequests.Name(header, name);
        (bool mayRead, bool mayWrite) = (access.MayReadMap(identity, text), identity.Scopes.MayWriteMap(text));
        if (!mayRead && !mayWrite)
        {
            throw Refusal("read", name);
        }

        if (!parts.Maps.TryGetValue(text, out IRemoteMap? map))
        {
            throw new RemoteRefusalException(ClientStatus.NotFound,
                $"The host has no map '{text}'. Add it to Estream:Client:Maps or Estream:Maps.");
        }

        _lastName = name.ToArray();
        _lastAccess = access;
        (_lastMap, _mayRead, _mayWrite) = (map, mayRead, mayWrite);
        return map;
    }

    private KeyValueMap WritableOf(FrameHeader header, ReadOnlySpan<byte> name, ReadOnlySpan<byte> key)
    {
        RemoteServer.Require(identity.Role, AccessRole.Operator, "change a map");
        if (key.Length > ByteMap.MaxKeyBytes)
        {
            throw new RemoteRefusalException(ClientStatus.Invalid,
                $"The key has {key.Length} bytes; the maximum is {ByteMap.MaxKeyBytes}.");
        }

        IRemoteMap map = MapOf(header, name);
        if (!_mayWrite)
        {
            throw Refusal("change", name);
        }

        return map.Writable ?? throw new RemoteRefusalException(ClientStatus.Forbidden, map.WhyReadOnly);
    }

    private static TimeSpan? TimeToLive(FrameHeader header, long millis) => millis switch
    {
        0 => null,
        > 0 and < (long)100 * 365 * 86_400 * 1000 => TimeSpan.FromMilliseconds(millis),
        _ => throw RemoteRequests.Malformed(header),
    };

    private void Reply(FrameHeader header, ClientStatus status, long? version, KeyValueMap map)
    {
        if (map.WaitsForAcknowledgement)
        {
            _unacknowledged.Add((header, status, version, map, map.Changes));
        }
        else
        {
            Reply(header, status, version);
        }
    }

    private void Reply(FrameHeader header, ClientStatus status, long? version)
    {
        FrameBuilder frame = _frame.Begin();
        session.Output.Write((version is { } number ? frame.Int64(number) : frame).End(header.Op, header.Id, status));
    }

    private async ValueTask AcknowledgeAllAsync(CancellationToken cancellation)
    {
        foreach ((FrameHeader header, ClientStatus status, long? version, KeyValueMap map, long changes) in _unacknowledged)
        {
            try
            {
                await map.WaitAcknowledgedAsync(changes, cancellation).ConfigureAwait(false);
                Reply(header, status, version);
            }
            catch (Exception failure) when (failure is EstreamException or (InvalidOperationException and not ObjectDisposedException))
            {
                byte[] reason = Encoding.UTF8.GetBytes(
                    $"The change was made here, but may not survive a failure of this machine: {failure.Message}");
                session.Output.Write(_frame.Begin().Raw(reason).End(header.Op, header.Id, ClientStatus.Failed));
            }
        }

        _unacknowledged.Clear();
    }

    private void Describe(FrameHeader header, PayloadReader reader)
    {
        IRemoteMap map = MapOf(header, reader.ShortBytes());
        RemoteRequests.RequireComplete(header, reader);
        RemoteMapInfo info = map.Info;
        session.Output.Write(_frame.Begin().Byte((byte)info.Role).Byte(MapFrames.FlagsOf(info)).Int64(info.AsOf)
            .Raw(Encoding.UTF8.GetBytes(info.Owner)).End(header.Op, header.Id));
    }
}
