using Estream.Client;
using Estream.Client.Protocol;
using Estream.Core;
using Estream.Host.Runtime;
using Estream.Queue;

namespace Estream.Host.Remote;

/// <summary>What a client subscribed to.</summary>
/// <param name="Queue">The name of the queue.</param>
/// <param name="Start">Where the subscription begins.</param>
/// <param name="Value">The position, sequence number or time of <paramref name="Start"/>.</param>
/// <param name="Cursor">The name of the cursor; empty for none.</param>
/// <param name="Filter">The filter.</param>
internal sealed record SubscribeRequest(string Queue, StartKind Start, long Value, string Cursor, MessageFilter Filter);

/// <summary>
/// Sends the messages of a queue to a client while the client grants credit. Reads ahead of the cursor, which only commits move.
/// </summary>
internal sealed class RemoteSubscription : IQueueUser, IClientSubscription, IDisposable
{
    private const int MaxFrameBytes = 64 << 10;
    private const int MaxScanned = 4096;

    private readonly RemoteSession _session;
    private readonly uint _id;
    private readonly SubscribeRequest _request;
    private readonly QueueTailer _tailer;
    private readonly QueueTailer? _cursor;
    private readonly FrameBuilder _frame = new();
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _granted = new(0, 1);
    private readonly Lock _committing = new();
    private Task _run = Task.CompletedTask;
    private Task? _ended;
    private (ClientStatus Status, string Text)? _ending;
    private readonly ScanTurns? _turns;
    private int _reservedBytes = MaxFrameBytes;
    private long _credit;
    private long _committed = -1;
    private long _sent;

    /// <param name="session">The connection.</param>
    /// <param name="id">The id of the request.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="request">What the client subscribed to.</param>
    /// <param name="credit">The number of bytes that may be sent.</param>
    /// <param name="cursor">The tailer of the cursor, which the subscription closes, even if this constructor throws; null for
    /// none.</param>
    /// <exception cref="EstreamException">The queue cannot be read there.</exception>
    /// <exception cref="ArgumentException">No message is at the position.</exception>
    public RemoteSubscription(
        RemoteSession session, uint id, EstreamQueue queue, SubscribeRequest request, long credit, QueueTailer? cursor = null)
    {
        (_session, _id, _request, _credit, _cursor) = (session, id, request, credit, cursor);
        _turns = request.Filter.SelectsAll ? null : session.FilterTurns;
        try
        {
            _tailer = queue.CreateTailer();
            Seek();
            _sent = _tailer.Position - 1;
        }
        catch
        {
            _cursor?.Dispose();
            _tailer?.Dispose();
            throw;
        }
    }

    /// <summary>Where the subscription begins.</summary>
    public long Position => _tailer.Position;

    /// <summary>The queue, which lists the subscription until its disposal; null before the subscription is added.</summary>
    public QueueRuntime? Owner { get; set; }

    public void Start() => _run = Task.Run(RunAsync);

    /// <summary>Lets the subscription send more bytes.</summary>
    public void Grant(uint bytes)
    {
        if (Interlocked.Add(ref _credit, bytes) > 0)
        {
            Wake();
        }
    }

    /// <summary>Stores that a message and all earlier ones are done.</summary>
    /// <exception cref="EstreamException">The cursor cannot be stored.</exception>
    public (ClientStatus Status, string Text) Commit(long position)
    {
        lock (_committing)
        {
            if (_cursor is null)
            {
                return (ClientStatus.Invalid, "The subscription has no cursor.");
            }

            if (_ending is not null)
            {
                return (ClientStatus.TakenOver, "The subscription has ended.");
            }

            if (position <= _committed)
            {
                return (ClientStatus.Ok, "");
            }

            if (position > Volatile.Read(ref _sent) || !_cursor.TrySeek(position) || !_cursor.TryRead(out QueueMessage message))
            {
                return (ClientStatus.Invalid, $"The subscription has sent no message at position {position}.");
            }

            _cursor.Commit();
            _committed = message.Position;
            return (ClientStatus.Ok, "");
        }
    }

    /// <summary>Ends the subscription, tells the client why unless the client asked, and releases the cursor.</summary>
    public Task EndAsync(ClientStatus status, string text)
    {
        lock (_committing)
        {
            _ending ??= (status, text);
            return _ended ??= EndAsync();
        }
    }

    Task IQueueUser.EndAsync(string reason) => EndAsync(ClientStatus.NotFound, reason);

    /// <inheritdoc/>
    public Task EndIfForbiddenAsync(QueueAccess access) => WhyNot(access) is { } reason
        ? EndAsync(ClientStatus.Forbidden, reason)
        : Task.CompletedTask;

    private string? WhyNot(QueueAccess access) =>
        _request.Cursor.Length > 0 ? access.WhyNotMove(_session.Identity!, _request.Queue, _request.Cursor)
        : access.MayRead(_session.Identity!, _request.Queue) ? null
        : QueueAccess.WhyNot(_session.Identity!, "read", "queue", _request.Queue);

    private async Task EndAsync()
    {
        await Task.Yield();
        await _end.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_committing)
        {
            Dispose();
        }
    }

    /// <summary>Closes the tailers; called at its end.</summary>
    public void Dispose()
    {
        Owner?.Remove(this);
        _tailer.Dispose();
        _cursor?.Dispose();
        _end.Dispose();
        _granted.Dispose();
    }

    /// <summary>Gives the cursor back.</summary>
    public Task LeaveAsync(CursorOwners owners) =>
        _request.Cursor.Length == 0 ? Task.CompletedTask : owners.LeaveAsync(_request.Queue, _request.Cursor, this);

    private void Seek()
    {
        switch (_request.Start)
        {
            case StartKind.Start:
                _tailer.SeekToStart();
                break;
            case StartKind.End:
                _tailer.SeekToEnd();
                break;
            case StartKind.Sequence:
                _tailer.SeekToSequence(_request.Value);
                break;
            case StartKind.Time:
                _tailer.SeekToTime(_request.Value);
                break;
            case StartKind.Cursor:
                SeekToCursor();
                break;
            default:
                SeekToPosition();
                break;
        }
    }

    // The cursor of a queue without messages has no position that can be sought. Retention may have deleted the position of a cursor that
    // was unused for too long.
    private void SeekToCursor()
    {
        try
        {
            if (_cursor is not null && !_tailer.TrySeek(_cursor.Position))
            {
                _tailer.SeekToStart();
            }
        }
        catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound)
        {
            _tailer.SeekToStart();
        }
    }

    private void SeekToPosition()
    {
        if (_request is { Start: StartKind.Position, Value: 0 })
        {
            _tailer.SeekToStart();
            return;
        }

        bool found = _tailer.TrySeek(_request.Value);
        if (found && _request.Start == StartKind.After)
        {
            found = _tailer.TryRead(out QueueMessage message) && message.Position == _request.Value;
        }

        if (!found)
        {
            throw new ArgumentException($"No message of the queue is at position {_request.Value}.");
        }
    }

    private void Wake()
    {
        try
        {
            _granted.Release();
        }
        catch (Exception late) when (late is SemaphoreFullException or ObjectDisposedException)
        {
            // The loop has not noticed the last grant yet and will see this one too, or it has ended.
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_end.IsCancellationRequested)
            {
                if (Volatile.Read(ref _credit) <= 0)
                {
                    await _granted.WaitAsync(_end.Token).ConfigureAwait(false);
                    continue;
                }

                (bool isSent, bool isAtEnd) = await SendAsync().ConfigureAwait(false);
                if (isAtEnd && !isSent)
                {
                    await _tailer.WaitToReadAsync(_end.Token).ConfigureAwait(false);
                }
                else if (!isSent)
                {
                    // A filter that matches nothing would otherwise keep a thread of the pool until the end of the queue.
                    await Task.Yield();
                }
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // EndAsync has set the reason.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            lock (_committing)
            {
                _ending ??= ReasonOf(failure);
            }
        }

        if (_ending is { Status: not ClientStatus.Ok } ending)
        {
            _session.Output.Write(_frame.Begin().Raw(System.Text.Encoding.UTF8.GetBytes(ending.Text))
                .End(ClientOp.Messages, _id, ending.Status));
            _ = _session.RemoveAsync(_id);
        }
    }

    private static (ClientStatus, string) ReasonOf(Exception failure) => failure switch
    {
        RemoteRefusalException refused => (refused.Status, refused.Message),
        EstreamStorageException { Reason: StorageFailure.NotFound } => (ClientStatus.NotFound, failure.Message),
        _ => (ClientStatus.Failed, failure.Message),
    };

    /// <exception cref="RemoteRefusalException">The client must not read the message. Whether it satisfies the expression would tell the
    /// client about its private fields, so the role is checked before.</exception>
    private bool MatchesFilter(in QueueMessage message)
    {
        if (!_request.Filter.MatchesSchema(message.Payload))
        {
            return false;
        }

        _session.RequireReadable(message);
        return _request.Filter.MatchesFields(message.Payload);
    }

    /// <summary>Reserves output, waits for a turn if there is a filter, and sends the next messages.</summary>
    private async ValueTask<(bool IsSent, bool IsAtEnd)> SendAsync()
    {
        int reservedBytes = _reservedBytes;
        await _session.Output.ReserveAsync(reservedBytes, _end.Token).ConfigureAwait(false);
        try
        {
            if (_turns is null)
            {
                return (Fill(out bool isLast), isLast);
            }

            using ScanTurns.Turn turn = await _turns.EnterAsync(_session.Identity!.Name, _end.Token).ConfigureAwait(false);
            return (Fill(out bool isAtEnd), isAtEnd);
        }
        finally
        {
            _session.Output.Release(reservedBytes);
        }
    }

    /// <summary>Sends the next messages as one frame. Returns false if there was none to send, or if the next one needs a larger
    /// reservation.</summary>
    private bool Fill(out bool isAtEnd)
    {
        int reservedBytes = _reservedBytes;
        _reservedBytes = MaxFrameBytes;
        _frame.Begin();
        long most = Math.Min(MaxFrameBytes, Volatile.Read(ref _credit));
        isAtEnd = false;
        for (int scanned = 0; scanned < MaxScanned && _frame.Length - FrameParser.HeaderBytes < most; scanned++)
        {
            if (!_tailer.TryPeek(out QueueMessage message))
            {
                isAtEnd = true;
                break;
            }

            if (MatchesFilter(message))
            {
                _session.RequireFits(message.Payload, message.Position);
                if (_frame.Length > FrameParser.HeaderBytes && !_session.Fits(_frame.Length + message.Payload.Length))
                {
                    break;
                }

                if (_frame.Length + message.Payload.Length > reservedBytes + MaxFrameBytes)
                {
                    _reservedBytes = message.Payload.Length;
                    break;
                }

                Volatile.Write(ref _sent, message.Position);
                _frame.Int64(message.Position).Int64(message.Sequence).Int64(message.Time).LongBytes(message.Payload);
            }

            _ = _tailer.TryRead(out _);
        }

        int sent = _frame.Length - FrameParser.HeaderBytes;
        if (sent == 0)
        {
            return false;
        }

        Interlocked.Add(ref _credit, -sent);
        _session.Output.Write(_frame.End(ClientOp.Messages, _id));
        return true;
    }
}
