using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Replication.Internal;

/// <summary>One feed of a map on the side of its owner: a queue with a snapshot and the changes since, and its publisher. Not thread-safe.
/// </summary>
internal sealed class MapFeed : IAsyncDisposable
{
    private const int StackBytes = 512;

    private readonly QueuePublisher _publisher;
    private readonly QueueAppender _appender;

    private MapFeed(long number, EstreamQueue queue, QueuePublisher publisher, QueueAppender appender)
    {
        (Number, Queue, _publisher, _appender) = (number, queue, publisher, appender);
    }

    public long Number { get; }

    public EstreamQueue Queue { get; }

    /// <summary>The position of the newest message of this process; -1 if there is none.</summary>
    public long Last { get; private set; } = -1;

    /// <summary>The bytes of the log.</summary>
    public long Bytes => Queue.BytesBetween(Queue.OldestPosition(), Queue.EndPosition());

    public ReplicationStatus Status => _publisher.GetStatus();

    /// <summary>Opens a feed, or creates it.</summary>
    /// <exception cref="EstreamException">The feed is in use, damaged, or cannot be created.</exception>
    public static MapFeed Open(long number, MapStreams streams, MapFiles files, QueueOptions options)
    {
        EstreamQueue queue = EstreamQueue.Open(files.Feed(number), options);
        QueuePublisher? publisher = null;
        try
        {
            // The publisher compares the log with what was confirmed, before anything is appended.
            publisher = streams.PublishFeed(number, queue);
            return new MapFeed(number, queue, publisher, queue.CreateAppender(AppenderMode.Exclusive));
        }
        catch
        {
            publisher?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            queue.Dispose();
            throw;
        }
    }

    /// <summary>Appends a change.</summary>
    /// <exception cref="EstreamStorageException">The disk is full, or another process owns the map now.</exception>
    public void Append(in MapChange change)
    {
        Queue.RequireQuorum().ThrowIfFailed();
        if (change.EncodedBytes <= StackBytes)
        {
            Span<byte> message = stackalloc byte[StackBytes];
            change.Write(message);
            Last = _appender.Append(message[..change.EncodedBytes]);
            return;
        }

        using AppendClaim claim = _appender.Claim(change.EncodedBytes);
        change.Write(claim.Span);
        claim.Commit();
        Last = claim.Position;
    }

    /// <summary>Appends an event as another feed has it.</summary>
    public void Append(ReadOnlySpan<byte> message) => Last = _appender.Append(message);

    /// <summary>Appends an empty message. Its time tells replicas that they have all changes before that time.</summary>
    /// <exception cref="EstreamStorageException">The disk is full, or another process owns the map now.</exception>
    public void Pulse()
    {
        Queue.RequireQuorum().ThrowIfFailed();
        Last = _appender.Append([]);
    }

    /// <summary>Appends the entries of a map, and a pulse.</summary>
    /// <returns>A position after the snapshot, and not after the next message.</returns>
    public long Append(VersionedByteMapSnapshot snapshot)
    {
        foreach (VersionedByteMapEntry entry in snapshot)
        {
            Append(new MapChange(MapChangeKind.Put, entry.Key, entry.Value, entry.Version, entry.ExpiresAt));
        }

        Pulse();
        return Last + 1;
    }

    /// <summary>Makes all messages durable on this machine, including those of an earlier process.</summary>
    /// <exception cref="EstreamStorageException">The flush failed.</exception>
    public void Flush()
    {
        if (Bytes > 0)
        {
            Queue.WaitDurable(Queue.EndPosition() - 1);
        }
    }

    /// <summary>Completes when a majority of the brokers has every message up to a position.</summary>
    /// <exception cref="EstreamException">Another process owns the map now, or replication failed.</exception>
    public ValueTask WaitConfirmedAsync(long position, CancellationToken cancellation) =>
        position < 0 ? default : Queue.WaitQuorumAsync(position, cancellation);

    public async ValueTask DisposeAsync()
    {
        _appender.Dispose();
        await _publisher.DisposeAsync().ConfigureAwait(false);
        Queue.Dispose();
    }
}
