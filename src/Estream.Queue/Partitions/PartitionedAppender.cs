namespace Estream.Queue;

/// <summary>Appends to the partitions of a queue by key. Not thread-safe: use one per thread.</summary>
public sealed class PartitionedAppender : IDisposable
{
    private readonly PartitionedQueue _queue;
    private readonly AppenderMode _mode;
    private readonly QueueAppender?[] _appenders;
    private bool _disposed;

    internal PartitionedAppender(PartitionedQueue queue, AppenderMode mode)
    {
        (_queue, _mode) = (queue, mode);
        _appenders = new QueueAppender?[queue.PartitionCount];
    }

    /// <summary>Appends a message to the partition of its key. The key is not stored.</summary>
    /// <param name="key">The key; may be empty.</param>
    /// <param name="payload">The message bytes; may be empty.</param>
    /// <returns>The partition, and the position of the message in the partition.</returns>
    /// <inheritdoc cref="QueueAppender.Append(ReadOnlySpan{byte})" path="/exception"/>
    /// <inheritdoc cref="Of" path="/exception"/>
    /// <remarks>Costs as much as <see cref="QueueAppender.Append(ReadOnlySpan{byte})"/> plus the hash of the key. Allocates nothing after
    /// the first message of a partition.</remarks>
    public (int Partition, long Position) Append(ReadOnlySpan<byte> key, ReadOnlySpan<byte> payload)
    {
        int partition = _queue.PartitionOf(key);
        return (partition, Of(partition).Append(payload));
    }

    /// <summary>Returns the appender of a partition, for claims, batches and durable appends. A batch belongs to one partition: group the
    /// messages by <see cref="PartitionedQueue.PartitionOf(ReadOnlySpan{byte})"/>. This object owns the appender: do not dispose
    /// it.</summary>
    /// <param name="partition">The number of the partition, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The partition does not exist.</exception>
    /// <exception cref="Core.EstreamException">The partition cannot be opened, or another process has the right to append; see
    /// <see cref="EstreamQueue.CreateAppender"/>.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public QueueAppender Of(int partition)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return (uint)partition < (uint)_appenders.Length && _appenders[partition] is { } open ? open : Open(partition);
    }

    /// <summary>Releases the right to append to each partition. Everything committed stays. Idempotent.</summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (QueueAppender? appender in _appenders)
        {
            appender?.Dispose();
        }
    }

    private QueueAppender Open(int partition)
    {
        QueueAppender appender = _queue.Partition(partition).CreateAppender(_mode);
        _appenders[partition] = appender;
        return appender;
    }
}
