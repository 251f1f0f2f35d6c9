using Estream.Cli.Data;
using Estream.Client;
using Estream.Core;
using Estream.Queue;

namespace Estream.Cli.Commands;

/// <summary>A queue that receives messages of the command line. Not thread-safe.</summary>
internal interface IAppendTarget : IAsyncDisposable
{
    /// <summary>The maximum length of a message.</summary>
    int MaxMessageBytes { get; }

    /// <summary>The number of messages that are stored.</summary>
    long Stored { get; }

    /// <summary>Returns the newest messages; none if the queue is empty or may not be read.</summary>
    /// <param name="count">The maximum number of messages.</param>
    ValueTask<IReadOnlyList<byte[]>> ReadNewestAsync(int count);

    /// <summary>Appends a message, which is copied.</summary>
    ValueTask AppendAsync(ReadOnlyMemory<byte> message);

    /// <summary>Waits until all messages are stored with the durability of the queue.</summary>
    ValueTask FlushAsync();
}

/// <summary>A queue of the data folder, to which no host appends.</summary>
internal sealed class LocalAppendTarget : IAppendTarget
{
    private readonly CancellationToken _cancellation;
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private long _last = -1;

    private LocalAppendTarget(EstreamQueue queue, QueueAppender appender, CancellationToken cancellation) =>
        (_queue, _appender, _cancellation) = (queue, appender, cancellation);

    public int MaxMessageBytes => _queue.MaxMessageBytes;

    public long Stored { get; private set; }

    /// <exception cref="CliException">A host appends to the queue, or the queue is partitioned or replicated.</exception>
    public static LocalAppendTarget Open(CliContext context, string queue, QueueKeyRing? keys)
    {
        string directory = new DataFolder(context.DataFolder).Resolve(DataFolder.Queues, queue);
        if (PartitionedQueue.IsPartitioned(directory))
        {
            throw new CliException($"The queue '{queue}' has partitions. Name one of them, such as {queue}.0000.");
        }

        EstreamQueue opened = EstreamQueue.Open(directory, OptionsOf(directory, queue, keys));
        try
        {
            return new LocalAppendTarget(opened, opened.CreateAppender(AppenderMode.Exclusive), context.Cancellation);
        }
        catch (EstreamLeaseException owned)
        {
            opened.Dispose();
            throw new CliException($"{owned.Message} If a host appends to the queue, append through the host: --host "
                + $"unix:{Path.Combine(context.DataFolder, "run", "client.sock")}.");
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public ValueTask<IReadOnlyList<byte[]>> ReadNewestAsync(int count)
    {
        using QueueTailer tailer = _queue.CreateTailer();
        QueueInfo info = _queue.GetInfo();
        tailer.SeekToSequence(Math.Max(info.NextSequence - count, info.FirstSequence));
        List<byte[]> messages = [];
        while (messages.Count < count && tailer.TryRead(out QueueMessage message))
        {
            messages.Add(message.Payload.ToArray());
        }

        return ValueTask.FromResult<IReadOnlyList<byte[]>>(messages);
    }

    public ValueTask AppendAsync(ReadOnlyMemory<byte> message)
    {
        _last = _appender.Append(message.Span);
        Stored++;
        return default;
    }

    public ValueTask FlushAsync() =>
        _last >= 0 && _queue.IngressDurability.IsDurable ? _queue.WaitDurableAsync(_last, _cancellation) : default;

    public ValueTask DisposeAsync()
    {
        _appender.Dispose();
        _queue.Dispose();
        return default;
    }

    // An appender records its options in the queue, so use the options that are already recorded.
    private static QueueOptions OptionsOf(string directory, string name, QueueKeyRing? keys)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory, new QueueOptions { Keys = keys });
        QueueInfo info = queue.GetInfo();
        return info.IngressDurability == Durability.Quorum || info.IngressDurability == Durability.QuorumAndFlush
            ? throw new CliException($"The queue '{name}' is replicated, and only its host waits for the other machines. Append "
                + "through the host with --host.")
            : new QueueOptions
            {
                Keys = keys,
                IngressDurability = info.IngressDurability,
                RetainedBytes = info.Retention.RetainedBytes,
                RetainedAge = info.Retention.RetainedAge,
            };
    }
}

/// <summary>A queue of a host.</summary>
internal sealed class HostAppendTarget : IAppendTarget
{
    private static readonly TimeSpan s_readLimit = TimeSpan.FromSeconds(5);

    private readonly CancellationToken _cancellation;
    private readonly EstreamClient _client;
    private readonly RemoteQueue _queue;
    private readonly RemoteQueueInfo _info;
    private readonly RemoteAppender _appender;

    private HostAppendTarget(EstreamClient client, RemoteQueue queue, RemoteQueueInfo info, CancellationToken cancellation) =>
        (_client, _queue, _info, _appender, _cancellation) = (client, queue, info, queue.CreateAppender(), cancellation);

    public int MaxMessageBytes => _info.MaxMessageBytes;

    public long Stored => _appender.Acknowledged;

    /// <summary>Opens a queue of a host. The result owns the client.</summary>
    public static async Task<HostAppendTarget> OpenAsync(EstreamClient client, string name, CancellationToken cancellation)
    {
        try
        {
            RemoteQueue queue = client.Queue(name);
            return new HostAppendTarget(client, queue, await queue.GetInfoAsync(cancellation).ConfigureAwait(false), cancellation);
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<IReadOnlyList<byte[]>> ReadNewestAsync(int count)
    {
        List<byte[]> newest = [];
        if (_info.NextSequence == _info.FirstSequence)
        {
            return newest;
        }

        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        late.CancelAfter(s_readLimit);
        try
        {
            MessageSubscription messages = await _queue.SubscribeAsync(
                new SubscribeOptions { From = SubscribeStart.AtSequence(Math.Max(_info.NextSequence - count, _info.FirstSequence)) },
                late.Token).ConfigureAwait(false);
            await using (((IAsyncDisposable)messages).ConfigureAwait(false))
            {
                await foreach (RemoteMessage message in messages.WithCancellation(late.Token).ConfigureAwait(false))
                {
                    newest.Add(message.Payload.ToArray());
                    if (message.Sequence >= _info.NextSequence - 1)
                    {
                        break;
                    }
                }
            }
        }
        catch (EstreamClientException refused) when (refused.Status is ClientStatus.Forbidden or ClientStatus.NotFound)
        {
            // The token may append and not read.
        }
        catch (OperationCanceledException) when (!_cancellation.IsCancellationRequested)
        {
            // Retention has deleted the last message.
        }

        return newest;
    }

    public ValueTask AppendAsync(ReadOnlyMemory<byte> message)
    {
        try
        {
            return _appender.AppendAsync(message, _cancellation);
        }
        catch (ArgumentException tooLong)
        {
            throw new CliException(tooLong.Message.Split(" (Parameter", 2)[0], ExitCode.No);
        }
    }

    public async ValueTask FlushAsync() => await _appender.FlushAsync(_cancellation).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _appender.DisposeAsync().ConfigureAwait(false);
        await _client.DisposeAsync().ConfigureAwait(false);
    }
}
