using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>Appends the changes of a map to a queue, one message each. <see cref="MapChange.TryRead"/> decodes them.</summary>
/// <remarks>
/// <para>
/// Thread-safe with <see cref="AppenderMode.Shared"/>: the sink creates one appender for each thread that writes to the map at the same
/// time, and keeps them. <see cref="AppenderMode.Exclusive"/> is for a map with one writer and one thread at a time: no other process may
/// append to the queue, and an event costs no atomic instruction.
/// </para>
/// <para>Tailers see an event before readers of the map see the change. Allocates only appenders. The queue may hold other messages too,
/// but the events of two maps cannot be told apart.</para>
/// </remarks>
public sealed class QueueChangeSink : IChangeSink, IDisposable
{
    // Shorter events are built in a buffer and appended in one call, which is faster than a claim.
    private const int LargestCopied = 128;

    private readonly Lock _gate = new();
    private readonly Stack<QueueAppender> _resting = [];
    private readonly EstreamQueue _queue;
    private readonly QueueAppender? _only;
    private QueueAppender? _idle;
    private bool _isDisposed;

    // The position of the last event of this sink.
    private long _told;

    /// <summary>Creates a sink that appends to a queue, and its first appender.</summary>
    /// <param name="queue">The queue, open for writing. The caller owns it and disposes it after the sink.</param>
    /// <param name="mode">Shared if other writers append to the queue too, as for a map with several writers.</param>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The queue has an exclusive appender, or has any appender and <paramref name="mode"/> is
    /// exclusive.</exception>
    /// <exception cref="EstreamStorageException">A segment could not be created or opened.</exception>
    public QueueChangeSink(EstreamQueue queue, AppenderMode mode = AppenderMode.Shared)
    {
        ArgumentNullException.ThrowIfNull(queue);
        _queue = queue;
        QueueAppender appender = queue.CreateAppender(mode);
        _only = mode == AppenderMode.Exclusive ? appender : null;
        _idle = mode == AppenderMode.Exclusive ? null : appender;
    }

    /// <inheritdoc/>
    public bool IsForOneWriter => _only is not null;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Key and value together are longer than <see cref="EstreamQueue.MaxMessageBytes"/>.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was appended; try
    /// again later.</exception>
    /// <exception cref="EstreamLeaseException">All 256 appender slots are taken.</exception>
    /// <exception cref="ObjectDisposedException">The sink or the queue was disposed.</exception>
    public void Append(in MapChange change)
    {
        if (_only is { } only)
        {
            Volatile.Write(ref _told, Append(only, in change));
            return;
        }

        QueueAppender appender = Rent();
        try
        {
            NoteTold(Append(appender, in change));
        }
        finally
        {
            Return(appender);
        }
    }

    private static long Append(QueueAppender appender, in MapChange change)
    {
        int bytes = change.EncodedBytes;
        if (bytes <= LargestCopied)
        {
            Span<byte> copy = stackalloc byte[LargestCopied];
            change.Write(copy);
            return appender.Append(copy[..bytes]);
        }

        using AppendClaim claim = appender.Claim(bytes);
        change.Write(claim.Span);
        claim.Commit();
        return claim.Position;
    }

    /// <summary>
    /// Blocks until the events are durable, including earlier events of other sinks: see <see cref="EstreamQueue.WaitDurable"/>.
    /// </summary>
    /// <exception cref="EstreamStorageException">The flush failed.</exception>
    /// <exception cref="ObjectDisposedException">The sink or the queue was disposed.</exception>
    public void Flush()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
        }

        // Includes events of crashed writers: the map may have their changes.
        _queue.Shared.Dead.TryClearUpAll();
        _queue.WaitDurable(Math.Max(Volatile.Read(ref _told), _queue.EndPosition() - FrameLayout.Alignment));
    }

    /// <summary>Disposes the appenders. No map may use the sink afterwards. Idempotent.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _only?.Dispose();
            Interlocked.Exchange(ref _idle, null)?.Dispose();
            while (_resting.TryPop(out QueueAppender? appender))
            {
                appender.Dispose();
            }
        }
    }

    private void NoteTold(long position)
    {
        long seen = Volatile.Read(ref _told);
        while (seen < position)
        {
            long found = Interlocked.CompareExchange(ref _told, position, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    private QueueAppender Rent()
    {
        if (Interlocked.Exchange(ref _idle, null) is { } idle)
        {
            return idle;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _resting.TryPop(out QueueAppender? resting) ? resting : _queue.CreateAppender(AppenderMode.Shared);
        }
    }

    private void Return(QueueAppender appender)
    {
        if (Interlocked.Exchange(ref _idle, appender) is { } other)
        {
            lock (_gate)
            {
                _resting.Push(other);
            }
        }
    }
}
