using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// A writer of a queue. One thread at a time; many threads take an appender each. An append is a copy and a handful of stores, and one
/// atomic addition in <see cref="AppenderMode.Shared"/>: no lock, no system call, no allocation, except where a segment ends.
/// </summary>
/// <remarks>A message is visible to all readers, and survives the death of this process, when the call returns.</remarks>
public sealed partial class QueueAppender : IDisposable
{
    private readonly EstreamQueue _queue;
    private readonly IClock _clock;

    // The usual clock under its own sealed type, so that reading it is two loads and not a call through the interface.
    private readonly SystemClock? _systemClock;
    private readonly FrameChecksum _checksum;
    private readonly WriterLease _lease;

    // Up when a tailer sleeps, in whatever process.
    private readonly WakeUp _wakeUp;
    private readonly SignalFlag _sleepers;

    // One of these two is there: what an exclusive appender needs, or all of a shared one.
    private readonly SegmentSupply? _supply;
    private readonly SharedAppender? _shared;

    // The shared one again if it writes in clear, so that the quick path asks one question only.
    private readonly SharedAppender? _quickShared;
    private Segment? _segment;
    private RegionSpan _memory;
    private long _basePosition;
    private long _offset;

    // Where the quick path ends: a little before the next place where the supply wants to hear of the progress, or 0 while a claim is
    // open, when the segment has to be left, after disposal, and always in the shared mode, so that one compare covers all other cases.
    private long _quickEnd;

    // Number of the next message in the low half and time in the high one, as a frame stores them. A segment holds fewer than 2^26
    // messages.
    private long _numberAndTime;
    private long _lastNow;
    private uint _checksumSeed;
    private bool _checksums;
    private bool _claimOpen;
    private long _claimTicket;
    private bool _disposed;

    private QueueAppender(EstreamQueue queue, QueueOptions options, WriterLease lease, SharedAppender shared)
    {
        _queue = queue;
        _clock = options.Clock;
        _systemClock = options.Clock as SystemClock;
        _lease = lease;
        _wakeUp = queue.WakeUp;
        _sleepers = _wakeUp.Flag;
        _shared = shared;
        _quickShared = shared.IsEncrypted ? null : shared;
        _offset = SegmentLayout.HeaderBytes;
    }

    private QueueAppender(EstreamQueue queue, QueueOptions options, WriterLease lease, SegmentSupply supply, Segment segment)
    {
        _queue = queue;
        _clock = options.Clock;
        _systemClock = options.Clock as SystemClock;
        _checksum = options.Checksum;
        _lease = lease;
        _wakeUp = queue.WakeUp;
        _sleepers = _wakeUp.Flag;
        _supply = supply;
        _segment = segment;
        _memory = segment.Memory;
        _checksums = segment.HasChecksums;
        _checksumSeed = segment.ChecksumSeed;
        _basePosition = segment.Index * queue.SegmentBytes;
        _blocks = queue.Keys is null ? null : new BlockWriter(queue);
        _overhead = queue.BlockOverhead;
    }

    /// <summary>
    /// The position the next message will have, unless it starts a new segment or another appender comes first. In an encrypted queue that
    /// of the block around it, 64 bytes before.
    /// </summary>
    public long NextPosition => _shared?.NextPosition ?? _basePosition + _offset;

    /// <summary>The sequence number the next message will have, unless another appender comes first.</summary>
    public long NextSequence => _shared?.NextSequence ?? Current.FirstSequence + (uint)_numberAndTime;

    private Segment Current => _segment ?? throw new ObjectDisposedException(nameof(QueueAppender));

    /// <summary>Appends a message.</summary>
    /// <param name="payload">Its bytes; none are allowed.</param>
    /// <returns>Its position.</returns>
    /// <exception cref="ArgumentException">It is longer than <see cref="EstreamQueue.MaxMessageBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be made (disk full). Nothing was appended; try
    /// again later.</exception>
    public long Append(ReadOnlySpan<byte> payload)
    {
        ReadClock();
        long offset = _offset;
        if (offset + payload.Length > _quickEnd)
        {
            return Shown(_quickShared is { } shared ? AppendShared(shared, payload) : AppendSlow(payload));
        }

        return Shown(Write(offset, payload));
    }

    /// <summary>Reserves space for a message to be written in place. One claim at a time; dispose it before the next call.</summary>
    /// <param name="maxLength">The most bytes the message may have; <see cref="AppendClaim.Commit(int)"/> may take fewer.</param>
    /// <exception cref="ArgumentException">It is negative or more than <see cref="EstreamQueue.MaxMessageBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be made (disk full). Nothing was claimed; try again
    /// later.</exception>
    public AppendClaim Claim(int maxLength)
    {
        ReadClock();
        long offset = _offset;
        if (maxLength < 0 || offset + maxLength > _quickEnd)
        {
            if (_shared is not null)
            {
                return ClaimShared(maxLength);
            }

            if (_blocks is not null)
            {
                return ClaimBlock(maxLength);
            }

            offset = MakeRoom(maxLength);
        }

        _claimOpen = true;
        _quickEnd = 0;
        return new AppendClaim(this, _memory.Span(offset + FrameLayout.HeaderBytes, maxLength), _basePosition + offset, ++_claimTicket);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long AppendShared(SharedAppender shared, ReadOnlySpan<byte> payload) =>
        shared.HasChecksums ? shared.Append<Checksummed>(payload) : shared.Append<Plain>(payload);

    // Kept out of the quick path, which is small enough to become part of its caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long AppendSlow(ReadOnlySpan<byte> payload)
    {
        if (_shared is { } encrypted)
        {
            return encrypted.AppendBlock(payload);
        }

        return _blocks is null ? Write(MakeRoom(payload.Length), payload) : AppendBlock(payload);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Write(long offset, ReadOnlySpan<byte> payload)
    {
        RegionSpan memory = _memory;
        uint checksum = 0;
        if (_checksums)
        {
            checksum = memory.WriteAndChecksum(offset + FrameLayout.HeaderBytes, payload, Crc32C.Append(_checksumSeed, _numberAndTime));
        }
        else
        {
            memory.Write(offset + FrameLayout.HeaderBytes, payload);
        }

        Publish(memory, offset, payload.Length, checksum);
        return _basePosition + offset;
    }

    // Behind the store that shows a message: a load and a compare, as long as nobody sleeps.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Shown(long position)
    {
        if (_sleepers.IsUp)
        {
            return Wake(position);
        }

        return position;
    }

    // Returns what its caller returns, so that it is the last call and nothing has to be put aside for it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Wake(long position)
    {
        _wakeUp.Notify();
        return position;
    }

    internal void CommitClaim(long ticket, int length)
    {
        if (!TryCloseClaim(ticket))
        {
            throw new InvalidOperationException("This claim is not open any more: it was committed or disposed, or its appender was. Claim again.");
        }

        if (_shared is not null)
        {
            _shared.Commit(length);
            return;
        }

        if (_blocks is not null)
        {
            PublishBlock(_blocks.Complete(length, _numberAndTime), 1);
            _wakeUp.Notify();
            return;
        }

        RegionSpan memory = _memory;
        uint checksum = _checksums
            ? Crc32C.Append(Crc32C.Append(_checksumSeed, _numberAndTime), memory.ReadOnlySpan(_offset + FrameLayout.HeaderBytes, length))
            : 0;
        Publish(memory, _offset, length, checksum);
        _wakeUp.Notify();
    }

    internal void AbortClaim(long ticket)
    {
        if (TryCloseClaim(ticket))
        {
            _shared?.Abort();
        }
    }

    /// <summary>Ends the claim if it is the open one: a copy of a claim that was used has another ticket than the next claim.</summary>
    private bool TryCloseClaim(long ticket)
    {
        if (!_claimOpen || ticket != _claimTicket)
        {
            return false;
        }

        _claimOpen = false;
        _batchOpen = false;
        UpdateQuickEnd();
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReadClock()
    {
        long now = _systemClock is null ? _clock.CoarseUtcNanos : _systemClock.CoarseUtcNanos;
        if (now != _lastNow)
        {
            AdvanceTime(now);
        }
    }

    // docs/formats/queue.md, "How a message gets in".
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Publish(RegionSpan memory, long offset, int length, uint checksum)
    {
        int frameBytes = FrameLayout.HeaderBytes + length;
        long next = offset + FrameLayout.Stride(frameBytes);
        ref FrameHeader header = ref memory.At<FrameHeader>(offset);
        header.NumberAndTime = _numberAndTime++;
        memory.WriteInt64(next, 0);

        // Orders the stores above before the length word that a reader acquires.
        Volatile.Write(ref header.LengthAndChecksum, FrameLayout.PackLengthAndChecksum(frameBytes, checksum));
        _offset = next;
    }
}
