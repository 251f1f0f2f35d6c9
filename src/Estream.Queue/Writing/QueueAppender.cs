using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// Appends to a queue. Not thread-safe; use one appender per thread. An append is a copy and a few stores, plus one atomic addition in <see
/// cref="AppenderMode.Shared"/>: no lock, no system call, no allocation, except where a segment ends.
/// </summary>
/// <remarks>When the call returns, the message is visible to all readers and survives a crash of this process.</remarks>
public sealed partial class QueueAppender : IDisposable
{
    private readonly EstreamQueue _queue;
    private readonly IClock _clock;

    // The usual clock under its sealed type: reading it costs two loads and no interface call.
    private readonly SystemClock? _systemClock;
    private readonly WriterLease _lease;

    // The flag _waiters is set while a tailer of any process sleeps.
    private readonly WaiterSignal _waiterSignal;
    private readonly SignalFlag _waiters;

    private readonly AppendStrategy _strategy;

    // `_strategy` when it is shared and the queue is unencrypted, otherwise null: the fast path needs one null check.
    private readonly SharedAppender? _fastShared;

    // The end of the log as an exclusive appender knows it. Fields of this class, not of a struct or of the strategy: the fast path follows
    // no reference and needs no second register.
    internal RegionSpan TailMemory;
    internal long TailBase;
    internal long TailOffset;

    // The fast path ends here, a little before the next offset at which the slow path has work. It is 0 while a claim is open, when the
    // segment has to be left, after disposal, and always in shared or encrypted mode: one compare covers all these cases.
    internal long FastEnd;

    // Number of the next message in the low half and time in the high half, as a frame stores them. A segment holds fewer than 2^26
    // messages.
    internal long NumberAndTime;
    internal uint ChecksumSeed;
    internal bool HasChecksums;
    private long _lastNow;
    private bool _claimOpen;
    private long _claimTicket;
    private bool _disposed;

    private QueueAppender(EstreamQueue queue, QueueOptions options, WriterLease lease, AppenderMode mode)
    {
        _queue = queue;
        _clock = options.Clock;
        _systemClock = options.Clock as SystemClock;
        _lease = lease;

        // Starts past FastEnd, which is 0, so that in shared mode even an empty message leaves the fast path.
        TailOffset = SegmentLayout.HeaderBytes;
        _strategy = mode == AppenderMode.Shared ? new SharedAppender(queue, options) : ExclusiveAppender.Open(this, queue, options);
        _fastShared = _strategy is SharedAppender { IsEncrypted: false } shared ? shared : null;
        _waiterSignal = queue.WaiterSignal;
        _waiters = _waiterSignal.Flag;
    }

    /// <summary>
    /// The position of the next message, unless it starts a new segment or another appender comes first. In an encrypted queue the position
    /// of the block around the message, 64 bytes earlier.
    /// </summary>
    public long NextPosition => _strategy.NextPosition;

    /// <summary>The sequence number of the next message, unless another appender comes first.</summary>
    public long NextSequence => _strategy.NextSequence;

    internal uint TailNumber => (uint)NumberAndTime;

    internal uint TailTime => (uint)(NumberAndTime >>> 32);

    internal bool IsClaimOpen => _claimOpen;

    /// <summary>Appends a message.</summary>
    /// <param name="payload">The message bytes; may be empty.</param>
    /// <returns>The position of the message.</returns>
    /// <exception cref="ArgumentException">The message is longer than <see cref="EstreamQueue.MaxMessageBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was appended; try
    /// again later.</exception>
    public long Append(ReadOnlySpan<byte> payload)
    {
        ReadClock();
        if (TailOffset + payload.Length > FastEnd)
        {
            return NotifyIfWaiting(_fastShared is { } shared ? shared.AppendPlaintext(payload) : AppendSlow(payload));
        }

        return NotifyIfWaiting(WriteAtTail(payload));
    }

    /// <summary>Claims space for a message written in place. One claim at a time; dispose it before the next call.</summary>
    /// <param name="maxLength">The maximum length of the message in bytes. <see cref="AppendClaim.Commit(int)"/> may publish fewer
    /// bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="maxLength"/> is negative or exceeds <see
    /// cref="EstreamQueue.MaxMessageBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created (disk full). Nothing was claimed; try
    /// again later.</exception>
    public AppendClaim Claim(int maxLength)
    {
        ReadClock();
        long offset = TailOffset;
        if (maxLength < 0 || offset + maxLength > FastEnd)
        {
            Span<byte> span = _strategy.Claim(maxLength, out long position);
            return new AppendClaim(this, span, position, OpenClaim());
        }

        return new AppendClaim(
            this, TailMemory.Span(offset + FrameLayout.HeaderBytes, maxLength), TailBase + offset, OpenClaim());
    }

    /// <summary>Starts a new segment with the next message, so that a copy has the segments of its source. Exclusive mode only.</summary>
    /// <exception cref="InvalidOperationException">The appender is shared, or a claim is open.</exception>
    internal void StartSegment()
    {
        if (_claimOpen || _strategy is not ExclusiveAppender exclusive)
        {
            throw new InvalidOperationException("Only an exclusive appender without an open claim can start a segment.");
        }

        exclusive.LeaveSegment();
    }

    /// <summary>Stops appending and releases the writer's lease. An open claim is aborted; everything committed stays.
    /// Idempotent.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _claimOpen = false;
        _strategy.Dispose();
        _queue.Keeper.Leave();
        _lease.Dispose();
        _queue.Untrack(this);
    }

    internal static QueueAppender Create(EstreamQueue queue, QueueOptions options, AppenderMode mode)
    {
        WriterLease lease = WriterLease.Take(queue.Files, mode, options);
        QueueAppender? appender = null;
        try
        {
            queue.RequireAppendable();
            appender = new QueueAppender(queue, options, lease, mode);
            queue.Keeper.Enter();
            return appender;
        }
        catch
        {
            appender?._strategy.Dispose();
            lease.Dispose();
            throw;
        }
    }

    internal void CommitClaim(long ticket, int length)
    {
        if (!TryCloseClaim(ticket))
        {
            throw new InvalidOperationException(
                "This claim is not open any more: it was committed or disposed, or its appender was. Claim again.");
        }

        _strategy.Commit(length);
    }

    internal void AbortClaim(long ticket)
    {
        if (TryCloseClaim(ticket))
        {
            _strategy.Abort();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long WriteAtTail(ReadOnlySpan<byte> payload)
    {
        long offset = TailOffset;
        RegionSpan memory = TailMemory;
        uint checksum = 0;
        if (HasChecksums)
        {
            checksum = memory.WriteAndChecksum(
                offset + FrameLayout.HeaderBytes, payload, Crc32C.Append(ChecksumSeed, NumberAndTime));
        }
        else
        {
            memory.Write(offset + FrameLayout.HeaderBytes, payload);
        }

        PublishAtTail(memory, offset, payload.Length, checksum);
        return TailBase + offset;
    }

    // See docs/formats/queue.md, "How one writer appends".
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void PublishAtTail(RegionSpan memory, long offset, int length, uint checksum)
    {
        int frameBytes = FrameLayout.HeaderBytes + length;
        long next = offset + FrameLayout.Stride(frameBytes);
        ref FrameHeader header = ref memory.At<FrameHeader>(offset);
        header.NumberAndTime = NumberAndTime++;
        memory.WriteInt64(next, 0);

        // Orders the stores above before the length word that a reader acquires.
        Volatile.Write(ref header.LengthAndChecksum, FrameLayout.PackLengthAndChecksum(frameBytes, checksum));
        TailOffset = next;
    }

    /// <summary>Makes the next append read the clock again: the times of a new segment count from its own start.</summary>
    internal void ForgetTime() => _lastNow = 0;

    // Not inlined: the fast path stays small enough to be inlined into its caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long AppendSlow(ReadOnlySpan<byte> payload) => _strategy.Append(payload);

    // Called after the store that publishes a message. While no reader sleeps, this costs a load and a compare.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long NotifyIfWaiting(long position)
    {
        if (_waiters.IsUp)
        {
            return Notify(position);
        }

        return position;
    }

    // Returns `position` so that the call is a tail call and no registers are spilled.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Notify(long position)
    {
        _waiterSignal.Notify();
        return position;
    }

    private long OpenClaim()
    {
        _claimOpen = true;
        FastEnd = 0;
        return ++_claimTicket;
    }

    /// <summary>Ends the claim if the ticket is that of the open claim: a copy of a used claim has an older ticket.</summary>
    private bool TryCloseClaim(long ticket)
    {
        if (!_claimOpen || ticket != _claimTicket)
        {
            return false;
        }

        _claimOpen = false;
        _batchOpen = false;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReadClock()
    {
        long now = _systemClock is null ? _clock.CoarseUtcNanos : _systemClock.CoarseUtcNanos;
        if (now != _lastNow)
        {
            SetTime(now);
        }
    }

    // Runs about once a millisecond. Not inlined: the compiler limits how much it inlines into a caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SetTime(long now)
    {
        _lastNow = now;
        _strategy.SetTime(now);
    }
}
