using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// The one writer of a queue. One thread at a time. An append is a copy and a handful of stores: no lock, no atomic operation, no
/// system call, no allocation, except where a segment ends.
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
    private readonly SegmentSupply _supply;
    private Segment _segment;
    private RegionSpan _memory;
    private long _offset;

    // Where the quick path ends: a little before the next place where the supply wants to hear of the progress, or 0 while a claim is
    // open, when the segment has to be left, and after disposal, so that one compare covers all the rare cases.
    private long _quickEnd;

    // Number of the next message in the low half and time in the high one, as a frame stores them. A segment holds fewer than 2^26 messages.
    private long _numberAndTime;
    private long _lastNow;
    private uint _checksumSeed;
    private bool _checksums;
    private bool _claimOpen;
    private long _claimTicket;
    private bool _disposed;

    private QueueAppender(EstreamQueue queue, QueueOptions options, WriterLease lease, SegmentSupply supply, Segment segment)
    {
        _queue = queue;
        _clock = options.Clock;
        _systemClock = options.Clock as SystemClock;
        _checksum = options.Checksum;
        _lease = lease;
        _supply = supply;
        _segment = segment;
        _memory = segment.Region.All;
        _checksums = segment.HasChecksums;
        _checksumSeed = segment.ChecksumSeed;
        BasePosition = segment.Index * queue.SegmentBytes;
    }

    /// <summary>The position the next message will have, unless it starts a new segment.</summary>
    public long NextPosition => BasePosition + _offset;

    /// <summary>The sequence number the next message will have.</summary>
    public long NextSequence => _segment.FirstSequence + (uint)_numberAndTime;

    internal long BasePosition { get; private set; }

    /// <summary>Appends a message.</summary>
    /// <param name="payload">Its bytes; none are allowed.</param>
    /// <returns>Its position.</returns>
    /// <exception cref="ArgumentException">It is longer than <see cref="EstreamQueue.MaxMessageBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be made (disk full). Nothing was appended; try again later.</exception>
    public long Append(ReadOnlySpan<byte> payload)
    {
        ReadClock();
        long offset = _offset;
        if (offset + payload.Length > _quickEnd)
        {
            offset = MakeRoom(payload.Length);
        }

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
        return BasePosition + offset;
    }

    /// <summary>Reserves space for a message to be written in place. One claim at a time; dispose it before the next call.</summary>
    /// <param name="maxLength">The most bytes the message may have; <see cref="AppendClaim.Commit(int)"/> may take fewer.</param>
    /// <exception cref="ArgumentException">It is negative or more than <see cref="EstreamQueue.MaxMessageBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">A claim is open.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be made (disk full). Nothing was claimed; try again later.</exception>
    public AppendClaim Claim(int maxLength)
    {
        ReadClock();
        long offset = _offset;
        if (maxLength < 0 || offset + maxLength > _quickEnd)
        {
            offset = MakeRoom(maxLength);
        }

        _claimOpen = true;
        _quickEnd = 0;
        return new AppendClaim(this, _memory.Span(offset + FrameLayout.HeaderBytes, maxLength), offset, ++_claimTicket);
    }

    internal void CommitClaim(long ticket, long offset, int length)
    {
        if (!TryCloseClaim(ticket))
        {
            throw new InvalidOperationException("This claim is not open any more: it was committed or disposed, or its appender was. Claim again.");
        }

        RegionSpan memory = _memory;
        uint checksum = _checksums
            ? Crc32C.Append(Crc32C.Append(_checksumSeed, _numberAndTime), memory.ReadOnlySpan(offset + FrameLayout.HeaderBytes, length))
            : 0;
        Publish(memory, offset, length, checksum);
    }

    /// <summary>Ends the claim if it is the open one: a copy of a claim that was used has another ticket than the next claim.</summary>
    internal bool TryCloseClaim(long ticket)
    {
        if (!_claimOpen || ticket != _claimTicket)
        {
            return false;
        }

        _claimOpen = false;
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
