using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>Keeps the changes of a map in a queue, a message each; <see cref="MapChange.TryRead"/> reads them.</summary>
/// <remarks>
/// <para>
/// With <see cref="AppenderMode.Shared"/> thread-safe: as many appenders as threads write to the map at the same time, made when they are
/// needed and kept. With <see cref="AppenderMode.Exclusive"/> for a map with one writer, and one thread at a time as that is: nobody else
/// appends to the queue then, and an event costs no atomic instruction.
/// </para>
/// <para>An event is visible to tailers before the change is to readers of the map. Allocates nothing but appenders. Other messages may lie
/// in the same queue, but events of two maps cannot be told apart.</para>
/// </remarks>
public sealed class QueueChangeSink : IChangeSink, IDisposable
{
    // Up to here an event is made beside the queue and appended in one go, which is quicker than a claim.
    private const int LargestCopied = 128;

    private readonly Lock _gate = new();
    private readonly Stack<QueueAppender> _resting = [];
    private readonly EstreamQueue _queue;
    private readonly QueueAppender? _only;
    private QueueAppender? _idle;
    private bool _isDisposed;

    // The last event of this sink.
    private long _told;

    /// <summary>Makes a sink that appends to a queue, with its first appender.</summary>
    /// <param name="queue">Open for writing; it stays its owner's, who disposes it after the sink.</param>
    /// <param name="mode">Whether others append to the queue as well, as they do where several write to the map.</param>
    /// <exception cref="InvalidOperationException">The queue was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The queue has an exclusive appender; or any, and <paramref name="mode"/> asks for an
    /// exclusive one.</exception>
    /// <exception cref="EstreamStorageException">A segment could not be made or opened.</exception>
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
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be made (disk full). Nothing was appended; try
    /// again later.</exception>
    /// <exception cref="EstreamLeaseException">All 256 places for appenders are taken.</exception>
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

    /// <summary>Blocks until the events are on the device, those of other sinks included that were there before: see
    /// <see cref="EstreamQueue.WaitDurable"/>.</summary>
    /// <exception cref="EstreamStorageException">The device did not take them.</exception>
    /// <exception cref="ObjectDisposedException">The sink or the queue was disposed.</exception>
    public void Flush()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
        }

        // Also of a writer that was killed: the map has what it changed.
        _queue.Shared.Dead.TryClearUpAll();
        _queue.WaitDurable(Math.Max(Volatile.Read(ref _told), _queue.EndPosition() - FrameLayout.Alignment));
    }

    /// <summary>Gives the appenders back. No map may use the sink any more. Idempotent.</summary>
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
