namespace Estream.Client;

/// <summary>
/// Appends to the partitions of a queue of a host by key, in batches. The host stores each message once. Thread-safe; messages of one
/// thread with the same key keep their order.
/// </summary>
public sealed class RemotePartitionedAppender : IAsyncDisposable
{
    private readonly RemoteQueue[] _partitions;
    private readonly RemoteAppender?[] _appenders;
    private readonly Lock _lock = new();
    private bool _disposed;

    internal RemotePartitionedAppender(RemoteQueue[] partitions)
    {
        _partitions = partitions;
        _appenders = new RemoteAppender?[partitions.Length];
    }

    /// <summary>The number of partitions.</summary>
    public int PartitionCount => _partitions.Length;

    /// <summary>Returns the partition of a key: XXH64 of the key with seed 0, modulo the number of partitions. The same as in
    /// <c>PartitionedQueue.PartitionOf</c>.</summary>
    /// <param name="key">The key; may be empty.</param>
    public int PartitionOf(ReadOnlySpan<byte> key) => RemotePartitionedQueue.PartitionOf(key, _partitions.Length);

    /// <summary>Adds a message to the partition of its key. Waits while more than <see cref="EstreamClientOptions.AppendWindowBytes"/> of
    /// the partition are unacknowledged. The host has stored the message when a later <see cref="FlushAsync"/> completes. The key is not
    /// stored.</summary>
    /// <param name="key">The key; may be empty.</param>
    /// <param name="message">The message; copied.</param>
    /// <param name="cancellation">Cancels the wait; the message is then not added.</param>
    /// <exception cref="EstreamClientException">The host refused an earlier message of the partition.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    /// <remarks>Costs as much as <see cref="RemoteAppender.AppendAsync"/> plus the hash of the key.</remarks>
    public ValueTask AppendAsync(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> message, CancellationToken cancellation = default) =>
        Of(PartitionOf(key.Span)).AppendAsync(message, cancellation);

    /// <summary>Returns the appender of a partition, created at the first call. This object owns the appender: do not dispose it.</summary>
    /// <param name="partition">The number of the partition, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The partition does not exist.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public RemoteAppender Of(int partition)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, _partitions.Length);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _appenders[partition] ??= _partitions[partition].CreateAppender();
        }
    }

    /// <summary>Waits until the host has stored all earlier messages with the durability of the queue.</summary>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="EstreamClientException">The host refused a message of a partition; it and later messages of the partition are not
    /// stored.</exception>
    public Task FlushAsync(CancellationToken cancellation = default) =>
        Task.WhenAll(Opened().Select(appender => appender.FlushAsync(cancellation).AsTask()));

    /// <summary>Flushes the partitions whose appenders have not failed, and closes all. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        RemoteAppender[] opened = Opened();
        lock (_lock)
        {
            _disposed = true;
        }

        await Task.WhenAll(opened.Select(appender => appender.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private RemoteAppender[] Opened()
    {
        lock (_lock)
        {
            return [.. _appenders.OfType<RemoteAppender>()];
        }
    }
}
