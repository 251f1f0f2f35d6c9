using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Writes the dirty pages of a queue in the background: starts writing each piece once the appenders have passed it, and drops written
/// pages some distance later. The log then takes a bounded part of the page cache, and the kernel never writes much at once. An appender
/// that is faster than the device waits only at the start of a segment.
/// </summary>
/// <remarks>
/// Thread-safe. The first piece starts the thread. The calls are hints to the kernel, with one exception: the kernel reports a failed
/// write here and not again, so it counts as a failed flush.
/// </remarks>
internal sealed class DirtyPageWriter : IDisposable
{
    private const long LargestPiece = 1 << 20;
    private const int PiecesPerSegment = 4;

    // The header of a segment with several writers changes with every message.
    private const long HeaderPage = 4096;
    private const int LongestWaitMs = 100;

    private readonly object _gate = new();
    private readonly EstreamQueue _queue;
    private readonly long _piece;

    // _kept: pages up to this many bytes behind the appenders stay in memory, for readers nearby. _most: appenders wait while more than
    // this many bytes are not dropped.
    private readonly long _kept;
    private readonly long _most;

    // Null if this object uses its own thread; a simulation runs the steps instead.
    private readonly TaskScheduler? _turns;
    private Thread? _thread;
    private long _wakeAt;
    private bool _isQueued;
    private bool _ended;

    // Positions, multiples of a piece. The appenders have reached _passed; writing has started up to _begun; pages before _dropped are
    // dropped.
    private long _passed;
    private long _begun;
    private long _dropped;

    public DirtyPageWriter(EstreamQueue queue, QueueOptions options)
    {
        _queue = queue;
        _turns = options.Background == TaskScheduler.Default ? null : options.Background;
        _piece = Math.Min(LargestPiece, queue.SegmentBytes / PiecesPerSegment);

        // MemoryBytes also covers the current segment and the prepared segment.
        _most = Math.Max(options.MemoryBytes - (2 * queue.SegmentBytes), 2 * queue.SegmentBytes);
        _kept = _most / 2;
    }

    /// <summary>Called by appenders about every 64 KiB with their position. Costs a load and a compare, plus a lock once per
    /// piece.</summary>
    public void AdvanceTo(long position)
    {
        if (position >= Volatile.Read(ref _wakeAt))
        {
            Advance(position);
        }
    }

    /// <summary>Waits until enough pages are written and dropped to start another segment. Returns at once after a failed write or after
    /// disposal.</summary>
    public void WaitForRoom()
    {
        if (_turns is not null)
        {
            TakeTurn();
            return;
        }

        lock (_gate)
        {
            while (!_ended && _passed - _dropped > _most)
            {
                Monitor.Wait(_gate, LongestWaitMs);
            }
        }
    }

    /// <summary>Ends the thread. The kernel writes the rest.</summary>
    public void Dispose()
    {
        End();
        _thread?.Join();
    }

    private void Advance(long position)
    {
        lock (_gate)
        {
            if (position < _wakeAt || _ended)
            {
                return;
            }

            _passed = position / _piece * _piece;
            if (_wakeAt == 0)
            {
                // Starts at the first position of this object: it does not write pages that other objects appended before.
                (_begun, _dropped) = (_passed, _passed);
            }

            Volatile.Write(ref _wakeAt, _passed + _piece);
            if (_turns is not null)
            {
                Queue(_turns);
            }
            else if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "estream-queue-write-behind" };
                _thread.Start();
            }

            Monitor.PulseAll(_gate);
        }
    }

    private void Queue(TaskScheduler turns)
    {
        if (!_isQueued)
        {
            _isQueued = true;
            _ = Task.Factory.StartNew(TakeTurn, CancellationToken.None, TaskCreationOptions.None, turns);
        }
    }

    private void TakeTurn()
    {
        lock (_gate)
        {
            _isQueued = false;
        }

        while (TryStep())
        {
        }
    }

    private void Run()
    {
        while (WaitForWork())
        {
            while (TryStep())
            {
            }
        }
    }

    private bool WaitForWork()
    {
        lock (_gate)
        {
            while (!_ended && !HasWork)
            {
                Monitor.Wait(_gate);
            }

            return !_ended;
        }
    }

    private bool HasWork => _begun < _passed || _dropped < _begun - _kept;

    // Starts all writes before it waits for any, so that the disk is never idle.
    private bool TryStep()
    {
        long position;
        bool begins;
        lock (_gate)
        {
            if (_ended || !HasWork)
            {
                return false;
            }

            begins = _begun < _passed;
            position = begins ? _begun : _dropped;
        }

        try
        {
            Visit(position, begins ? Begin : GiveBack);
        }
        catch (EstreamStorageException failure) when (failure.Reason == StorageFailure.Device)
        {
            End();
            _queue.FailDurability(failure);
            return false;
        }
        catch (EstreamException)
        {
            // A segment cannot be opened: the process that reads it reports the error.
        }

        lock (_gate)
        {
            _begun += begins ? _piece : 0;
            _dropped += begins ? 0 : _piece;
            Monitor.PulseAll(_gate);
        }

        return true;
    }

    // Does nothing if the segment no longer exists, or ends before the position because it is one of the first, small ones.
    private void Visit(long position, Action<MemoryRegion, long, long> action)
    {
        if (_queue.Segments.Acquire(position / _queue.SegmentBytes) is not { } segment)
        {
            return;
        }

        try
        {
            long offset = position % _queue.SegmentBytes;
            long start = Math.Max(offset, HeaderPage);
            long end = Math.Min(offset + _piece, segment.Memory.Length);
            if (start < end)
            {
                action(segment.Region, start, end - start);
            }
        }
        finally
        {
            _queue.Segments.Release(segment);
        }
    }

    private static void Begin(MemoryRegion region, long offset, long length) => region.WriteBehind(offset, length);

    private static void GiveBack(MemoryRegion region, long offset, long length)
    {
        region.AwaitWritten(offset, length);
        region.DropBehind(offset, length);
    }

    private void End()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }
}
