using Estream.Circuits.Operations.Replication;
using Estream.Core;

namespace Estream.Replication.Internal;

/// <summary>
/// The takeover of a queue by a follower: claims the next epoch until the follower reads that the epoch has begun. The copy then has every
/// confirmed message, and the earlier owner is fenced. Thread-safe.
/// </summary>
/// <remarks>While the leader of a stream changes, a broker may lose a claim, or stop sending entries, without closing the connection. The
/// session therefore ends when no entry arrives for three seconds, and the claim is sent again in the next session.</remarks>
internal sealed class Takeover(string stream, long owner) : IDisposable
{
    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromSeconds(3);

    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _due = new(0);
    private byte[] _buffer = [];
    private volatile bool _isRequested;
    private volatile bool _hasClaimed;
    private volatile bool _hasRead;

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
    /// <param name="write">Writes the claim, and returns its length; 0 while there is no complete copy.</param>
    /// <param name="isComplete">Whether the copy has every frame of the stream.</param>
    /// <param name="cancellation">Ends the task.</param>
    /// <exception cref="EstreamStorageException">During a takeover, no entry has arrived for three seconds.</exception>
    /// <exception cref="EstreamReplicationException">The same, and the copy has less than the stream had.</exception>
    public async Task RunAsync(
        IBatchSession session, Func<Func<int, Memory<byte>>, int> write, Func<bool> isComplete, CancellationToken cancellation)
    {
        bool wasWritten = false;
        while (true)
        {
            TimeSpan limit = IsPending ? s_answerTimeout : Timeout.InfiniteTimeSpan;
            if (!await _due.WaitAsync(limit, cancellation).ConfigureAwait(false))
            {
                if (!wasWritten && _hasRead && !isComplete())
                {
                    throw Incomplete();
                }

                throw new EstreamStorageException(
                    $"Stream '{stream}' has sent no entry for {s_answerTimeout.TotalSeconds} s during a takeover. A majority of its "
                    + "brokers may be down; the connection is opened again.", stream, StorageFailure.Other);
            }

            if (!IsPending || _hasClaimed || write(Rent) is not (> 0 and int length))
            {
                continue;
            }

            (_hasClaimed, wasWritten) = (true, true);
            await session.PublishAsync(_buffer.AsMemory(0, length), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that the follower has processed an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="verdict">The verdict on the entry.</param>
    public void Observe(in EntryHeader entry, Verdict verdict)
    {
        _hasRead = true;
        if (!IsPending)
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
        else
        {
            // The wait for an answer begins again.
            _ = _due.Release();
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

    private bool IsPending => _isRequested && !_done.Task.IsCompleted;

    private EstreamReplicationException Incomplete() => new(
        $"Stream '{stream}' has lost messages that its source has confirmed, or has entries that this host has no key for, so a takeover "
        + "could lose messages. Set the same keys on all hosts, or start the host that published the queue last. If that is not possible, "
        + "stop all hosts, run 'estream replica reset QUEUE' on the host with the best copy, and start that host first.",
        stream, ReplicationFault.Truncated);

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
