using System.Runtime.CompilerServices;
using Estream.Client.Connection;
using Estream.Client.Protocol;
using Estream.Client.Queues;

namespace Estream.Client;

/// <summary>
/// Appends to a queue of a host in batches. The host stores each message once, although this object sends unacknowledged messages again
/// after a lost connection or a restart of the host. Thread-safe; one appender keeps the order of one thread's messages.
/// </summary>
/// <remarks>A message is sent at once if nothing is in flight, and otherwise with the next batch. Appends allocate nothing per
/// message; a wait for room allocates some 100 bytes per acknowledged batch.</remarks>
public sealed class RemoteAppender : IAsyncDisposable
{
    private static readonly TimeSpan s_retryPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The maximum length of the fields before the messages: queue name, producer, number, count.</summary>
    private const int AppendHeaderBytes = 1024;

    private readonly EstreamClient _client;
    private readonly string _queue;
    private readonly Guid _producer;
    private readonly Lock _lock = new();
    private readonly LinkedList<AppendBlock> _sent = [];
    private readonly Stack<LinkedListNode<AppendBlock>> _free = new();
    private LinkedListNode<AppendBlock> _current;
    private ClientConnection? _connection;
    private long _nextSequence;
    private long _unacknowledgedBytes;
    private long _acknowledged;
    private long _lastPosition = -1;
    private bool _isRecovering;
    private bool _disposed;
    private Exception? _failure;
    private TaskCompletionSource? _progress;

    internal RemoteAppender(EstreamClient client, string queue, Guid producer, long last)
    {
        (_client, _queue, _producer) = (client, queue, producer);
        (_nextSequence, _acknowledged) = (last + 1, last);
        _current = Begin();
    }

    private int MaxBlockBytes => _client.MaxFrameBytes - FrameParser.HeaderBytes - AppendHeaderBytes;

    /// <summary>The number of the next message. The messages of a producer are numbered 1, 2, 3, …</summary>
    public long NextNumber => Volatile.Read(ref _nextSequence);

    /// <summary>The number of the last message that the host has acknowledged; 0 before the first.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>The position of the first message of the last acknowledged request; -1 before the first request, or if the host does not
    /// know the position any more.</summary>
    public long LastPosition => Volatile.Read(ref _lastPosition);

    /// <summary>Adds a message. Waits while more than <see cref="EstreamClientOptions.AppendWindowBytes"/> are unacknowledged. The host has
    /// stored the message when a later <see cref="FlushAsync"/> completes.</summary>
    /// <param name="message">The message; copied.</param>
    /// <param name="cancellation">Cancels the wait; the message is then not added.</param>
    /// <exception cref="EstreamClientException">The host refused an earlier message; the appender cannot be used any more.</exception>
    public ValueTask AppendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation = default) =>
        TryAppend(message.Span) ? default : WaitAndAppendAsync(message, cancellation);

    /// <summary>Adds a message, unless more than <see cref="EstreamClientOptions.AppendWindowBytes"/> are unacknowledged.</summary>
    /// <param name="message">The message; copied.</param>
    /// <returns>Whether the message was added.</returns>
    /// <exception cref="EstreamClientException">The host refused an earlier message; the appender cannot be used any more.</exception>
    public bool TryAppend(ReadOnlySpan<byte> message)
    {
        lock (_lock)
        {
            ThrowIfUnusable();
            if (_unacknowledgedBytes >= _client.Options.AppendWindowBytes)
            {
                return false;
            }

            RequireFits(message.Length, 1);
            if (_current.Value.FrameBytes + message.Length + sizeof(int) > MaxBlockBytes)
            {
                SendCurrent();
            }

            Add(message);
            if (_sent.Count == 0 || _current.Value.FrameBytes >= _client.Options.AppendBatchBytes)
            {
                SendCurrent();
            }

            return true;
        }
    }

    /// <summary>Waits until the host has stored all earlier messages with the durability of the queue.</summary>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The same as <see cref="LastPosition"/>.</returns>
    /// <exception cref="EstreamClientException">The host refused a message; it and later messages are not stored.</exception>
    public async ValueTask<long> FlushAsync(CancellationToken cancellation = default)
    {
        long through;
        lock (_lock)
        {
            ThrowIfUnusable();
            through = _nextSequence - 1;
            SendCurrent();
        }

        while (Volatile.Read(ref _acknowledged) < through)
        {
            await ProgressAsync(through).WaitAsync(cancellation).ConfigureAwait(false);
        }

        return LastPosition;
    }

    /// <summary>Flushes, unless the appender has failed, and closes it. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        bool isUsable;
        lock (_lock)
        {
            isUsable = !_disposed && _failure is null;
        }

        if (isUsable)
        {
            await FlushAsync().ConfigureAwait(false);
        }

        lock (_lock)
        {
            _disposed = true;
        }
    }

    /// <summary>Appends messages as one request, and returns the position of the first.</summary>
    internal Task<long> AppendTogetherAsync(IReadOnlyList<ReadOnlyMemory<byte>> messages)
    {
        TaskCompletionSource<long> waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            ThrowIfUnusable();
            RequireFits(messages.Sum(static message => (long)message.Length), messages.Count);
            SendCurrent();
            foreach (ReadOnlyMemory<byte> message in messages)
            {
                Add(message.Span);
            }

            _current.Value.Waiter = waiter;
            SendCurrent();
        }

        return waiter.Task;
    }

    internal void OnResponse(AppendBlock block, FrameHeader header, ReadOnlySpan<byte> payload)
    {
        lock (_lock)
        {
            if (header.Id != block.RequestId)
            {
                return;
            }

            if (header.Status == ClientStatus.Ok)
            {
                PayloadReader reader = new(payload);
                Acknowledge(block, reader.Int64());
            }
            else if (header.Status == ClientStatus.Unavailable)
            {
                Recover(s_retryPause);
            }
            else if (!_isRecovering || header.Status != ClientStatus.OutOfSequence)
            {
                Fail(Response.Error(header.Status, payload, $"Queue '{_queue}' refused messages from number {block.FirstSequence}"));
            }
        }
    }

    internal void OnConnectionLost()
    {
        lock (_lock)
        {
            Recover(TimeSpan.Zero);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAndAppendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        do
        {
            await ProgressAsync(Volatile.Read(ref _acknowledged) + 1).WaitAsync(cancellation).ConfigureAwait(false);
        }
        while (!TryAppend(message.Span));
    }

    /// <summary>Completes at the next acknowledgement or failure; at once if a message is acknowledged.</summary>
    private Task ProgressAsync(long through)
    {
        lock (_lock)
        {
            ThrowIfUnusable();
            if (_acknowledged >= through)
            {
                return Task.CompletedTask;
            }

            _progress ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _progress.Task;
        }
    }

    private LinkedListNode<AppendBlock> Begin()
    {
        if (!_free.TryPop(out LinkedListNode<AppendBlock>? node))
        {
            node = new LinkedListNode<AppendBlock>(new AppendBlock(this));
        }

        node.Value.Reset(_nextSequence);
        return node;
    }

    private void Add(ReadOnlySpan<byte> message)
    {
        _current.Value.Add(message);
        _nextSequence++;
        _unacknowledgedBytes += message.Length + sizeof(int);
    }

    private void RequireFits(long bytes, int count)
    {
        if (bytes + ((long)count * sizeof(int)) > MaxBlockBytes)
        {
            throw new ArgumentException(
                $"{count} messages of {bytes} bytes do not fit in a request of {_client.MaxFrameBytes} bytes, the limit of the host. Send "
                + "less at once, or set Client:MaxFrameBytes of the host.");
        }
    }

    private void SendCurrent()
    {
        if (_current.Value.Count == 0)
        {
            return;
        }

        LinkedListNode<AppendBlock> full = _current;
        _sent.AddLast(full);
        _current = Begin();
        if (_isRecovering)
        {
            return;
        }

        if (_connection is { IsOpen: true })
        {
            Send(full.Value);
        }
        else
        {
            Recover(TimeSpan.Zero);
        }
    }

    private void Send(AppendBlock block)
    {
        // The response cannot be handled before this lock is released.
        block.RequestId = _connection!.Send(ClientOp.Append, (block, _queue, _producer),
            static (frame, given) => given.block.Write(frame, given._queue, given._producer), block);
    }

    private void Acknowledge(AppendBlock block, long position)
    {
        _acknowledged = block.FirstSequence + block.Count - 1;
        _lastPosition = position;
        _unacknowledgedBytes -= block.FrameBytes;
        block.Waiter?.TrySetResult(position);
        LinkedListNode<AppendBlock> node = _sent.First!;
        _sent.RemoveFirst();
        _free.Push(node);
        if (_sent.Count == 0)
        {
            SendCurrent();
        }

        ReleaseProgress();
    }

    /// <summary>Sends everything that is not acknowledged again, after a pause and over an open connection.</summary>
    private void Recover(TimeSpan pause)
    {
        if (_isRecovering || _failure is not null)
        {
            return;
        }

        _isRecovering = true;
        foreach (AppendBlock block in _sent)
        {
            block.RequestId = 0;
        }

        _ = Task.Run(() => RecoverAsync(pause));
    }

    private async Task RecoverAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause).ConfigureAwait(false);
            ClientConnection connection = await _client.ConnectionAsync(CancellationToken.None).ConfigureAwait(false);
            lock (_lock)
            {
                _connection = connection;
                _isRecovering = false;
                foreach (AppendBlock block in _sent.ToArray())
                {
                    Send(block);
                }
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            lock (_lock)
            {
                Fail(failure);
            }
        }
    }

    private void Fail(Exception failure)
    {
        _failure ??= failure;
        foreach (AppendBlock block in _sent)
        {
            block.Waiter?.TrySetException(failure);
        }

        _current.Value.Waiter?.TrySetException(failure);
        ReleaseProgress();
    }

    private void ReleaseProgress()
    {
        _progress?.TrySetResult();
        _progress = null;
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_failure is EstreamClientException refused)
        {
            throw new EstreamClientException(refused.Message, refused.Status, refused);
        }

        if (_failure is not null)
        {
            throw new EstreamClientException(
                $"The appender of queue '{_queue}' has failed: {_failure.Message}", ClientStatus.Failed, _failure);
        }
    }
}
