using System.Buffers.Binary;
using System.Text;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Core;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Remote;

/// <summary>Does the requests of one connection. The read loop calls it; only <see cref="RemoveAsync"/> is thread-safe.</summary>
internal sealed class RemoteRequests : IAsyncDisposable
{
    private const int MaxNameBytes = 255;

    private readonly RemoteServer _server;
    private readonly RemoteSession _session;
    private readonly HostComponents _components;
    private readonly Identity _identity;
    private readonly AppendService _appends;
    private readonly MapRequests _maps;
    private readonly GroupRequests _groups;
    private readonly StreamRequests _streams;
    private readonly FrameBuilder _frame = new();
    private readonly SubscriptionTable _subscriptions = new();
    private readonly Dictionary<EstreamQueue, long> _undurable = [];
    private readonly List<(FrameHeader Header, long Value, EstreamQueue Queue)> _acknowledgements = [];
    private readonly List<Task> _tasks = [];
    private volatile bool _isRemoving;
    private byte[] _lastName = [];
    private int[] _lengths = [];
    private IngressSink? _lastSink;
    private QueueAccess? _lastAccess;

    public RemoteRequests(RemoteServer server, RemoteSession session, HostComponents components, Identity identity)
    {
        (_server, _session, _components, _identity) = (server, session, components, identity);
        Parts = components.Remote!;
        _appends = new AppendService(Parts);
        _maps = new MapRequests(this, server, session, Parts, identity);
        _groups = new GroupRequests(this, session, _appends, identity);
        _streams = new StreamRequests(server, session, Parts, identity, _subscriptions);
    }

    public RemoteParts Parts { get; }

    /// <summary>Whether a request waits for a flush. No other request may run before <see cref="AcknowledgeAsync"/> has
    /// completed.</summary>
    public bool IsWaiting => _maps.IsWaiting;

    /// <summary>Records a completed request in the audit queue. Thread-safe.</summary>
    public void RecordDone(ClientOp action, string detail) => RemoteServer.RecordDone(_components, _session, action.ToString(), detail);

    /// <summary>Does one request. Exceptions other than <see cref="RemoteRefusalException"/> with ProtocolError do not end the
    /// connection.</summary>
    public void Answer(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        try
        {
            Parts.RequireOpen();
            Do(header, payload);
        }
        catch (RemoteRefusalException refused) when (refused.Status != ClientStatus.ProtocolError)
        {
            if (refused.Status == ClientStatus.Forbidden)
            {
                _server.RecordRefused(_components, _session, header.Op.ToString(), refused.Message);
            }

            Refuse(header, refused.Status, refused.Message);
        }
        catch (EstreamException failure)
        {
            Refuse(header, failure.IsTransient ? ClientStatus.Unavailable : ClientStatus.Failed, failure.Message);
        }
        catch (InvalidOperationException failure) when (failure is not ObjectDisposedException)
        {
            // The queue takes no more messages. A lost connection would only make the client send the same messages again.
            Refuse(header, ClientStatus.Failed, failure.Message);
        }
    }

    /// <summary>Sends the acknowledgements of the requests of one read, once their messages have the durability of their queue, and their
    /// changes are confirmed.</summary>
    public async ValueTask AcknowledgeAsync(CancellationToken cancellation)
    {
        if (_maps.IsWaiting)
        {
            await _maps.WaitAsync().ConfigureAwait(false);
        }

        if (_acknowledgements.Count > 0)
        {
            await AcknowledgeDurableAsync(cancellation).ConfigureAwait(false);
        }

        await _maps.AcknowledgeAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends a subscription that cannot continue.</summary>
    public async Task RemoveAsync(uint id)
    {
        if (_subscriptions.Remove(id) is { } ended)
        {
            await ended.EndAsync(ClientStatus.Ok, "").ConfigureAwait(false);
            await ended.LeaveAsync(Parts.Cursors).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the stream subscriptions of widgets whose component has changed. Thread-safe.</summary>
    public void EndChangedStreams() => _streams.EndChanged();

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (uint id in _subscriptions.Ids)
        {
            await RemoveAsync(id).ConfigureAwait(false);
        }

        await _groups.DisposeAsync().ConfigureAwait(false);
        await _maps.DisposeAsync().ConfigureAwait(false);
    }

    private void Do(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Op)
        {
            case ClientOp.Ping:
                _session.Output.Write(_frame.Begin().End(ClientOp.Ping, header.Id));
                break;
            case ClientOp.Append:
                Append(header, payload);
                break;
            case ClientOp.Producer:
                DescribeProducer(header, payload);
                break;
            case ClientOp.QueueInfo:
                Describe(header, payload);
                break;
            case ClientOp.QueuePartitions:
                CountPartitions(header, payload);
                break;
            case ClientOp.Subscribe:
                Subscribe(header, payload);
                break;
            case ClientOp.StreamSubscribe:
                _streams.Subscribe(header, payload);
                break;
            case ClientOp.Credit:
                Grant(header, payload);
                break;
            case ClientOp.Commit:
                Commit(header, payload);
                break;
            case ClientOp.Unsubscribe:
                Unsubscribe(header, payload);
                break;
            case ClientOp.CursorRemove:
                RemoveCursor(header, payload);
                break;
            case ClientOp.GroupJoin or ClientOp.GroupDone or ClientOp.GroupLeave or ClientOp.GroupRemove:
                _groups.Do(header, payload);
                break;
            default:
                _maps.Do(header, payload);
                break;
        }
    }

    private void Append(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        ReadOnlySpan<byte> name = reader.ShortBytes();
        ReadOnlySpan<byte> id = reader.Take(16);
        long first = reader.Int64();
        ReadOnlySpan<int> lengths = ReadLengths(ref reader);
        ReadOnlySpan<byte> messages = reader.Rest();
        if (!reader.IsValid || lengths.Length == 0 || first < 1 || first > long.MaxValue - lengths.Length
            || !AddsUpTo(lengths, messages.Length))
        {
            throw Malformed(header);
        }

        RemoteServer.Require(_identity.Role, AccessRole.Operator, "append");
        IngressSink sink = SinkOf(name);
        ClientStatus status = _appends.Append(sink, new Guid(id), first, messages, lengths, out long position, out string reason);
        if (status != ClientStatus.Ok)
        {
            Refuse(header, status, reason);
            return;
        }

        Acknowledge(header, position, sink);
    }

    /// <summary>Responds with the number of the last message that the queue has of a producer. The client takes that message for stored, so
    /// the response waits for its durability.</summary>
    private void DescribeProducer(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        ReadOnlySpan<byte> name = reader.ShortBytes();
        ReadOnlySpan<byte> id = reader.Take(16);
        RequireComplete(header, reader);
        RemoteServer.Require(_identity.Role, AccessRole.Operator, "append");
        IngressSink sink = SinkOf(name);
        Acknowledge(header, _appends.LastOf(sink, new Guid(id)), sink);
    }

    /// <summary>Responds when the messages of the queue so far are durable.</summary>
    public void Acknowledge(FrameHeader header, long value, IngressSink sink)
    {
        (EstreamQueue queue, long newest) = sink.Newest;
        _acknowledgements.Add((header, value, queue));
        if (sink.Durability.IsDurable)
        {
            _undurable[queue] = newest;
        }
    }

    /// <summary>Reads a count and as many lengths; valid until the next call.</summary>
    public ReadOnlySpan<int> ReadLengths(ref PayloadReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.Take((long)reader.UInt32() * sizeof(int));
        int count = bytes.Length / sizeof(int);
        if (_lengths.Length < count)
        {
            _lengths = new int[Math.Max(count, 2 * _lengths.Length)];
        }

        for (int i = 0; i < count; i++)
        {
            _lengths[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
        }

        return _lengths.AsSpan(0, count);
    }

    public static bool AddsUpTo(ReadOnlySpan<int> lengths, int total)
    {
        long sum = 0;
        foreach (int length in lengths)
        {
            if (length < 0)
            {
                return false;
            }

            sum += length;
        }

        return sum == total;
    }

    private async ValueTask AcknowledgeDurableAsync(CancellationToken cancellation)
    {
        Dictionary<EstreamQueue, string>? failed = null;
        foreach ((EstreamQueue queue, long position) in _undurable)
        {
            try
            {
                await queue.WaitDurableAsync(position, cancellation).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is EstreamException or (InvalidOperationException and not ObjectDisposedException))
            {
                // The messages are stored, so the table keeps their numbers: if the client sends them again, they fail here again.
                (failed ??= [])[queue] = failure.Message;
            }
        }

        _undurable.Clear();
        foreach ((FrameHeader header, long value, EstreamQueue queue) in _acknowledgements)
        {
            if (failed is not null && failed.TryGetValue(queue, out string? reason))
            {
                Refuse(header, ClientStatus.Failed, $"The messages are stored but perhaps not durable: {reason}");
            }
            else
            {
                _session.Output.Write(_frame.Begin().Int64(value).End(header.Op, header.Id));
            }
        }

        _acknowledgements.Clear();
    }

    private void Describe(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        string name = Name(header, reader.ShortBytes());
        RequireComplete(header, reader);
        bool mayAppend = _identity.Role >= AccessRole.Operator && Parts.Access.WhyNotAppend(_identity, name) is null;
        if (!mayAppend)
        {
            RequireRead(name);
        }

        QueueInfo info = QueueOf(name).GetInfo();
        bool isWritable = mayAppend && Parts.Sinks.TryGet(name, out _);
        _session.Output.Write(_frame.Begin().Int64(info.FirstSequence).Int64(info.NextSequence).Int64(info.EndPosition)
            .UInt32((uint)AppendService.MaxMessageBytes(QueueOf(name).MaxMessageBytes)).Byte((byte)(isWritable ? 1 : 0))
            .End(ClientOp.QueueInfo, header.Id));
    }

    private void CountPartitions(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        string name = Name(header, reader.ShortBytes());
        RequireComplete(header, reader);
        if (Parts.Access.WhyNotAppend(_identity, name) is not null)
        {
            RequireRead(name);
        }

        uint count = (uint)Parts.PartitionsOf(name);
        if (count == 0)
        {
            _ = QueueOf(name);
        }

        _session.Output.Write(_frame.Begin().UInt32(count).End(ClientOp.QueuePartitions, header.Id));
    }

    private void Subscribe(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        string name = Name(header, reader.ShortBytes());
        byte start = reader.Byte();
        long value = reader.Int64();
        uint credit = reader.UInt32();
        string cursor = Name(header, reader.ShortBytes(), mayBeEmpty: true);
        string schema = Name(header, reader.ShortBytes(), mayBeEmpty: true);
        string filter = Encoding.UTF8.GetString(reader.ShortBytes());
        RequireComplete(header, reader);
        if (start > (byte)StartKind.Cursor || (start == (byte)StartKind.Cursor && cursor.Length == 0))
        {
            throw Malformed(header);
        }

        RemoteServer.Require(_identity.Role, cursor.Length > 0 ? AccessRole.Operator : AccessRole.Viewer, "use a cursor");
        if (cursor.Length > 0)
        {
            RequireMove(name, cursor);
        }
        else
        {
            RequireRead(name);
        }

        SubscribeRequest request = new(name, (StartKind)start, value, cursor, MessageFilter.Create(Parts.Schemas, schema, filter));
        QueueRuntime queue = RuntimeOf(name);
        _subscriptions.Reserve(header);
        _tasks.RemoveAll(static task => task.IsCompleted);
        _tasks.Add(Task.Run(() => BeginAsync(header, queue, request, credit)));
    }

    /// <summary>Opens a subscription, which may have to wait for the end of another one with its cursor.</summary>
    private async Task BeginAsync(FrameHeader header, QueueRuntime owner, SubscribeRequest request, uint credit)
    {
        FrameBuilder frame = new();
        EstreamQueue queue = owner.Queue;
        try
        {
            RemoteSubscription subscription = request.Cursor.Length == 0
                ? new RemoteSubscription(_session, header.Id, queue, request, credit)
                : await Parts.Cursors.TakeOverAsync(request.Queue, request.Cursor, queue,
                    cursor => new RemoteSubscription(_session, header.Id, queue, request, credit, cursor)).ConfigureAwait(false);
            subscription.Owner = owner;
            if (!owner.TryAdd(subscription))
            {
                await subscription.EndAsync(ClientStatus.NotFound, "").ConfigureAwait(false);
                await subscription.LeaveAsync(Parts.Cursors).ConfigureAwait(false);
                throw NoQueue(request.Queue);
            }

            _subscriptions.Set(header.Id, subscription);
            _session.Output.Write(frame.Begin().Int64(subscription.Position).End(ClientOp.Subscribe, header.Id));

            // A reload may have replaced the rights since the request was checked.
            await subscription.EndIfForbiddenAsync(Parts.Access).ConfigureAwait(false);
            subscription.Start();
        }
        catch (Exception refused) when (refused is EstreamException or ArgumentException or RemoteRefusalException
            or ObjectDisposedException)
        {
            _subscriptions.Remove(header.Id);
            _session.Output.Write(frame.Begin().Raw(Encoding.UTF8.GetBytes(refused.Message))
                .End(ClientOp.Subscribe, header.Id, StatusOf(refused)));
        }
    }

    private static ClientStatus StatusOf(Exception refused) => refused switch
    {
        RemoteRefusalException { Status: var status } => status,
        EstreamLeaseException => ClientStatus.Conflict,
        EstreamStorageException { Reason: StorageFailure.NotFound } or ObjectDisposedException => ClientStatus.NotFound,
        ArgumentException => ClientStatus.Invalid,
        _ => ClientStatus.Failed,
    };

    /// <summary>Removes a cursor. The removal flushes a directory, so the read loop does not wait for it.</summary>
    private void RemoveCursor(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        string name = Name(header, reader.ShortBytes());
        string cursor = Name(header, reader.ShortBytes());
        RequireComplete(header, reader);
        RemoteServer.Require(_identity.Role, AccessRole.Operator, "remove a cursor");
        RequireMove(name, cursor);
        EstreamQueue queue = QueueOf(name);
        if (_isRemoving)
        {
            throw new RemoteRefusalException(ClientStatus.LimitExceeded, "The connection already removes a cursor. Wait for the response.");
        }

        _isRemoving = true;
        _tasks.RemoveAll(static task => task.IsCompleted);
        _tasks.Add(Task.Run(() => RemoveCursorAsync(header, name, cursor, queue)));
    }

    private async Task RemoveCursorAsync(FrameHeader header, string name, string cursor, EstreamQueue queue)
    {
        FrameBuilder frame = new();
        ClientStatus status = ClientStatus.Ok;
        _ = frame.Begin();
        try
        {
            bool existed = await Parts.Cursors.RemoveAsync(name, cursor, queue).ConfigureAwait(false);
            if (existed)
            {
                RecordDone(header.Op, $"Removed cursor '{cursor}' of queue '{name}'.");
            }

            _ = frame.Byte((byte)(existed ? 1 : 0));
        }
        catch (Exception refused) when (refused is EstreamException or ArgumentException or RemoteRefusalException)
        {
            status = StatusOf(refused);
            _ = frame.Raw(Encoding.UTF8.GetBytes(refused.Message));
        }
        finally
        {
            // The client may send the next request as soon as it has the response.
            _isRemoving = false;
        }

        _session.Output.Write(frame.End(header.Op, header.Id, status));
    }

    private void Grant(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        uint bytes = reader.UInt32();
        RequireComplete(header, reader);
        _subscriptions.Find(header.Id)?.Grant(bytes);
    }

    private void Commit(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        uint id = reader.UInt32();
        long position = reader.Int64();
        RequireComplete(header, reader);
        (ClientStatus status, string text) = _subscriptions.Find(id)?.Commit(position)
            ?? (ClientStatus.NotFound, "The subscription has ended.");
        _session.Output.Write(_frame.Begin().Raw(Encoding.UTF8.GetBytes(text)).End(ClientOp.Commit, header.Id, status));
    }

    private void Unsubscribe(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        uint id = reader.UInt32();
        RequireComplete(header, reader);
        _tasks.RemoveAll(static task => task.IsCompleted);
        _tasks.Add(Task.Run(async () =>
        {
            await RemoveAsync(id).ConfigureAwait(false);
            _session.Output.Write(new FrameBuilder().Begin().End(ClientOp.Unsubscribe, header.Id));
        }));
    }

    /// <summary>Finds the queue of an append. Consecutive appends mostly name the same queue.</summary>
    public IngressSink SinkOf(ReadOnlySpan<byte> name)
    {
        // A reload of the configuration replaces the rights and may remove the queue.
        QueueAccess access = Parts.Access;
        if (_lastSink is not null && ReferenceEquals(access, _lastAccess) && name.SequenceEqual(_lastName))
        {
            return _lastSink;
        }

        string text = Encoding.UTF8.GetString(name);
        if (access.WhyNotAppend(_identity, text) is { } reason)
        {
            throw new RemoteRefusalException(ClientStatus.Forbidden, reason);
        }

        // A queue that a reload adds is not in Queues before the reload is complete.
        if (!Parts.Sinks.TryGet(text, out IngressSink? sink) || !Parts.Queues.ContainsKey(text))
        {
            throw Parts.Queues.ContainsKey(text)
                ? new RemoteRefusalException(ClientStatus.Forbidden, $"Only a pipeline or the host itself writes queue '{text}'.")
                : NoQueue(text);
        }

        _lastName = name.ToArray();
        _lastSink = sink;
        _lastAccess = access;
        return sink;
    }

    /// <exception cref="RemoteRefusalException">The client may not read the queue, whether it exists or not.</exception>
    public void RequireRead(string queue)
    {
        if (!Parts.Access.MayRead(_identity, queue))
        {
            throw new RemoteRefusalException(ClientStatus.Forbidden, QueueAccess.WhyNot(_identity, "read", "queue", queue));
        }
    }

    /// <exception cref="RemoteRefusalException">The client may not use or remove the cursor or group.</exception>
    public void RequireMove(string queue, string cursor)
    {
        if (Parts.Access.WhyNotMove(_identity, queue, cursor) is { } reason)
        {
            throw new RemoteRefusalException(ClientStatus.Forbidden, reason);
        }
    }

    private EstreamQueue QueueOf(string name) => RuntimeOf(name).Queue;

    private QueueRuntime RuntimeOf(string name) =>
        Parts.Queues.TryGetValue(name, out QueueRuntime? queue) ? queue : throw NoQueue(name);

    public RemoteRefusalException NoQueue(string name) => new(ClientStatus.NotFound, Parts.PartitionsOf(name) is > 0 and var count
        ? $"Queue '{name}' has {count} partitions. Name one, from '{PartitionName.Of(name, 0)}' to '{PartitionName.Of(name, count - 1)}'. "
            + "To append by key or to join a group, use PartitionedQueue."
        : $"The host has no queue '{name}'. Add it to Estream:Queues.");

    public void Refuse(FrameHeader header, ClientStatus status, string text) =>
        _session.Output.Write(_frame.Begin().Raw(Encoding.UTF8.GetBytes(text)).End(header.Op, header.Id, status));

    public static string Name(FrameHeader header, ReadOnlySpan<byte> name, bool mayBeEmpty = false) =>
        name.Length <= MaxNameBytes && (mayBeEmpty || name.Length > 0) ? Encoding.UTF8.GetString(name) : throw Malformed(header);

    public static void RequireComplete(FrameHeader header, PayloadReader reader)
    {
        if (!reader.IsComplete)
        {
            throw Malformed(header);
        }
    }

    public static RemoteRefusalException Malformed(FrameHeader header) =>
        new(ClientStatus.ProtocolError, $"The payload of the {header.Op} frame {header.Id} is malformed.");
}
