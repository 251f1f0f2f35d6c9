namespace Estream.Replication.Internal;

/// <summary>
/// The takeover of a queue by a follower: claims the next epoch until the follower reads that the epoch has begun. The copy then has every
/// confirmed message, and the earlier owner is fenced. Thread-safe.
/// </summary>
internal sealed class Takeover(long owner) : IDisposable
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _due = new(0);
    private byte[] _buffer = [];
    private volatile bool _isRequested;
    private volatile bool _hasClaimed;

    /// <summary>Whether the epoch has begun (true), or the stream does not exist (false).</summary>
    public Task<bool> Done => _done.Task;

    public void Request()
    {
        _isRequested = true;
        _ = _due.Release();
    }

    /// <summary>Prepares for a new connection. An earlier claim may be lost.</summary>
    public void BeginSession() => Retry();

    /// <summary>Publishes claims until it is cancelled.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="write">Writes the claim, and returns its length; 0 while there is no copy.</param>
    /// <param name="cancellation">Ends the task.</param>
    public async Task RunAsync(IBatchSession session, Func<Func<int, Memory<byte>>, int> write, CancellationToken cancellation)
    {
        while (true)
        {
            await _due.WaitAsync(cancellation).ConfigureAwait(false);
            if (!_isRequested || _hasClaimed || write(Rent) is not (> 0 and int length))
            {
                continue;
            }

            _hasClaimed = true;
            await session.PublishAsync(_buffer.AsMemory(0, length), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that the follower has processed an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="verdict">The verdict on the entry.</param>
    public void Observe(in EntryHeader entry, Verdict verdict)
    {
        if (!_isRequested)
        {
            return;
        }

        bool isOwn = entry.Kind == EntryKind.Epoch && entry.Owner == owner;
        if (isOwn && verdict == Verdict.Epoch)
        {
            _ = _done.TrySetResult(true);
        }
        else if (isOwn || !_hasClaimed)
        {
            // Entries of the earlier owner came before the claim, or the first entry has named the queue.
            Retry();
        }
    }

    /// <summary>Notes that the stream does not exist.</summary>
    public void NoteMissing()
    {
        if (_isRequested)
        {
            _ = _done.TrySetResult(false);
        }
    }

    public void Fail(Exception failure) => _ = _done.TrySetException(failure);

    public void Dispose()
    {
        _ = _done.TrySetCanceled();
        _due.Dispose();
    }

    private void Retry()
    {
        _hasClaimed = false;
        _ = _due.Release();
    }

    private Memory<byte> Rent(int length)
    {
        if (_buffer.Length < length)
        {
            _buffer = new byte[length];
        }

        return _buffer;
    }
}
