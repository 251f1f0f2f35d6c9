namespace Estream.Queue;

/// <summary>
/// Reads all partitions of a queue in turn. Messages of a partition come in their order; messages of different partitions have no order.
/// Not thread-safe.
/// </summary>
/// <remarks>To share the partitions between processes, use <see cref="PartitionedQueue.JoinGroup(string)"/>.</remarks>
public sealed class PartitionedTailer : IDisposable
{
    // Reading on in a partition is faster than changing the partition with each message.
    private const int MaxRun = 256;

    private readonly QueueTailer[] _tailers;
    private int _current;
    private int _run;

    internal PartitionedTailer(PartitionedQueue queue, string? name)
    {
        _tailers = new QueueTailer[queue.PartitionCount];
        try
        {
            for (int partition = 0; partition < _tailers.Length; partition++)
            {
                _tailers[partition] = queue.Partition(partition).CreateTailer(name);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Reads the next message of any partition, if there is one. Continues in the current partition for at most 256 messages while
    /// other partitions are waiting.</summary>
    /// <param name="partition">The partition of the message.</param>
    /// <param name="message">The message; valid until the next call on this tailer. In a named tailer the message counts as consumed when
    /// its partition is read again, or at <see cref="Commit"/>.</param>
    /// <returns>Whether a message was read.</returns>
    /// <inheritdoc cref="QueueTailer.TryRead(out QueueMessage)" path="/exception"/>
    public bool TryRead(out int partition, out QueueMessage message)
    {
        if (_run == MaxRun)
        {
            Advance();
        }

        for (int i = 0; i < _tailers.Length; i++)
        {
            if (_tailers[_current].TryRead(out message))
            {
                _run++;
                partition = _current;
                return true;
            }

            Advance();
        }

        partition = -1;
        message = default;
        return false;
    }

    /// <summary>Marks every message that was read as consumed.</summary>
    public void Commit()
    {
        foreach (QueueTailer tailer in _tailers)
        {
            tailer.Commit();
        }
    }

    /// <summary>Releases the segments and the name. The last message read of each partition does not count as consumed.
    /// Idempotent.</summary>
    public void Dispose()
    {
        foreach (QueueTailer? tailer in _tailers)
        {
            tailer?.Dispose();
        }
    }

    private void Advance() => (_current, _run) = ((_current + 1) % _tailers.Length, 0);
}
