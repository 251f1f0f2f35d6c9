using Estream.Core;
using Estream.Queue;

namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Answers NAKs straight out of the log, within limits for each receiver and for all: requests that wait, ranges and bytes per second,
/// bytes read for one request. Not thread-safe.
/// </summary>
internal sealed class Retransmitter : IDisposable
{
    public const int MaxRequests = 64;
    public const int MaxRequestsOfReceiver = 4;
    private const int Cursors = 4;
    private const int PacketsPerPoll = 64;
    private const int RecentRanges = 64;
    private const long LingerNanos = 5_000_000;
    private const long IdleCursorNanos = 5_000_000_000;

    /// <summary>The most bytes of the log that one request may skip to reach its range.</summary>
    private const long MaxSkippedBytes = 4 << 20;

    private readonly EstreamQueue _queue;
    private readonly PacketOutput _output;
    private readonly TokenBucket _total;
    private readonly TokenBucket? _pace;
    private readonly Request[] _requests = new Request[MaxRequests];
    private readonly Recent[] _recent = new Recent[RecentRanges];
    private readonly LogCursor?[] _cursors = new LogCursor?[Cursors];
    private readonly long[] _cursorUsed = new long[Cursors];
    private int _count;
    private int _nextRecent;

    /// <param name="queue">The source.</param>
    /// <param name="output">Sends the packets.</param>
    /// <param name="bytesPerSecond">The limit for all receivers.</param>
    /// <param name="pace">The limit of the publisher, which live data shares; null for none.</param>
    public Retransmitter(EstreamQueue queue, PacketOutput output, long bytesPerSecond, TokenBucket? pace)
    {
        _pace = pace;
        _queue = queue;
        _output = output;
        _total = new TokenBucket(bytesPerSecond, bytesPerSecond / 10d);
    }

    /// <summary>Packets retransmitted.</summary>
    public long Packets { get; private set; }

    /// <summary>Bytes retransmitted, headers included.</summary>
    public long Bytes { get; private set; }

    /// <summary>Ranges that were not answered: over a limit, or retransmitted a moment ago.</summary>
    public long Ignored { get; private set; }

    /// <summary>Requests that were refused because the log cannot be read there.</summary>
    public long Unreadable { get; private set; }

    /// <summary>The number of requests that wait.</summary>
    public int Waiting => _count;

    /// <summary>Takes a request.</summary>
    /// <param name="receiver">The receiver that asks.</param>
    /// <param name="range">The range.</param>
    /// <param name="isDirect">Whether to answer to the receiver alone.</param>
    /// <param name="now">The monotonic time.</param>
    /// <returns>Whether the request was accepted.</returns>
    public bool TryAdd(Receiver receiver, in NakRange range, bool isDirect, long now)
    {
        int own = 0;
        for (int index = 0; index < _count; index++)
        {
            ref readonly Request waiting = ref _requests[index];
            own += waiting.Receiver == receiver ? 1 : 0;
            bool isSame = waiting.IsDirect == isDirect && (!isDirect || waiting.Receiver == receiver);
            if (isSame && waiting.Range.Covers(range))
            {
                Ignored++;
                return false;
            }
        }

        if (!receiver.Naks.TryTake(1, now) || own >= MaxRequestsOfReceiver || _count == MaxRequests || (!isDirect && IsRecent(range, now)))
        {
            Ignored++;
            return false;
        }

        _requests[_count++] = new Request { Receiver = receiver, Range = range, Whole = range, IsDirect = isDirect };
        return true;
    }

    /// <summary>Sends what the limits allow.</summary>
    /// <param name="liveEnd">The first address that was not sent live; nothing from there on is sent.</param>
    /// <param name="now">The monotonic time.</param>
    /// <returns>The number of packets sent.</returns>
    public int Poll(long liveEnd, long now)
    {
        int sent = 0;
        int index = 0;
        while (index < _count && sent < PacketsPerPoll && _total.HasAny(now))
        {
            sent += Serve(ref _requests[index], liveEnd, now, PacketsPerPoll - sent);
            if (_requests[index].IsDone)
            {
                _requests.AsSpan(index + 1, _count - index - 1).CopyTo(_requests.AsSpan(index));
                _requests[--_count] = default;
            }
            else
            {
                index++;
            }
        }

        // The receiver that was served first waits behind the others next time.
        if (_count > 1)
        {
            Request first = _requests[0];
            _requests.AsSpan(1, _count - 1).CopyTo(_requests);
            _requests[_count - 1] = first;
        }

        ReleaseIdle(now);
        return sent;
    }

    /// <summary>Drops the requests of receivers that were removed.</summary>
    public void Forget(Receiver receiver)
    {
        for (int index = 0; index < _count; index++)
        {
            _requests[index].IsDone |= _requests[index].Receiver == receiver;
        }
    }

    public void Dispose()
    {
        foreach (LogCursor? cursor in _cursors)
        {
            cursor?.Dispose();
        }

        Array.Clear(_cursors);
    }

    private int Serve(ref Request request, long liveEnd, long now, int maxPackets)
    {
        if (request.IsDone)
        {
            return 0;
        }

        if (request.Range.From >= liveEnd)
        {
            request.IsDone = true;
            return 0;
        }

        if (!MaySend(request, now))
        {
            // Before a seek, which costs more than a packet.
            return 0;
        }

        int index = CursorFor(request.Range, now);
        int sent = 0;
        try
        {
            LogCursor cursor = _cursors[index]!;
            if (cursor.Seek(request.Range.Anchor, request.Range.From) is { } reason)
            {
                Refuse(ref request, reason);
                return 0;
            }

            while (sent < maxPackets && !request.IsDone && MaySend(request, now) && TrySendNext(ref request, cursor, liveEnd, now))
            {
                sent++;
            }
        }
        catch (EstreamException failure)
        {
            // One segment that cannot be read concerns the receivers that ask for it, and not the others.
            Release(index);
            bool isDeleted = failure is EstreamStorageException { Reason: StorageFailure.NotFound };
            Unreadable += isDeleted ? 0 : 1;
            Refuse(ref request, isDeleted ? RefusalReason.Deleted : RefusalReason.Unreadable);
        }

        return sent;
    }

    private bool MaySend(in Request request, long now) =>
        request.Receiver!.Bytes.HasAny(now) && _total.HasAny(now) && _pace?.HasAny(now) != false;

    private bool TrySendNext(ref Request request, LogCursor cursor, long liveEnd, long now)
    {
        if (!TrySkip(ref request, cursor, liveEnd, out int offset))
        {
            request.IsDone = true;
            return false;
        }

        DataBuilder builder = new(_output.Body, _queue.SegmentBytes);
        _ = builder.TryBuild(cursor, offset, Math.Min(request.Range.To, liveEnd), 0, 0, !_output.IsEncrypted);
        bool isSent = request.IsDirect
            ? _output.TrySend(request.Receiver!.Address, PacketType.Data, PacketFlags.Retransmission, builder.Length, builder.Rest)
            : _output.TrySendToGroup(PacketType.Data, PacketFlags.Retransmission, builder.Length, builder.Rest);
        if (!isSent)
        {
            return false;
        }

        int bytes = PacketLayout.HeaderBytes + builder.Length + builder.Rest.Length;
        Packets++;
        Bytes += bytes;
        request.Receiver!.Bytes.Take(bytes);
        _total.Take(bytes);
        _pace?.Take(bytes);
        bool isComplete = builder.NextOffset == 0;
        request.Range = request.Range with
        {
            Anchor = isComplete ? builder.LastPosition : request.Range.Anchor,
            From = builder.EndAddress,
        };
        if (builder.MustAdvance)
        {
            cursor.Advance();
        }

        if (request.Range.From >= request.Range.To)
        {
            request.IsDone = true;
            Remember(request, now);
        }

        return true;
    }

    // Passes messages that end before the range. The offset is that of the first missing byte in the next message.
    private static bool TrySkip(ref Request request, LogCursor cursor, long liveEnd, out int offset)
    {
        offset = 0;
        while (cursor.TryPeek(out QueueMessage message))
        {
            long position = message.Position;
            if (position >= liveEnd || request.Skipped > MaxSkippedBytes)
            {
                return false;
            }

            long from = request.Range.From;
            if (PacketLayout.EndOf(position, message.Payload.Length) > from)
            {
                offset = (int)Math.Max(0, from - position - PacketLayout.FrameBytes);
                return from < liveEnd;
            }

            request.Skipped += PacketLayout.FrameBytes + message.Payload.Length;
            cursor.Advance();
        }

        return false;
    }

    private void Refuse(ref Request request, RefusalReason reason)
    {
        request.IsDone = true;
        RefusalPacket refusal = new(reason, request.Range.Anchor, request.Receiver!.Id);
        _ = _output.TrySend(request.Receiver.Address, PacketType.Refusal, PacketFlags.None, refusal.Write(_output.Body));
    }

    private int CursorFor(in NakRange range, long now)
    {
        int best = 0;
        for (int index = 0; index < Cursors; index++)
        {
            if (_cursors[index]?.IsAfter(range.Anchor, range.From) == true)
            {
                best = index;
                break;
            }

            best = _cursorUsed[index] < _cursorUsed[best] ? index : best;
        }

        _cursorUsed[best] = now;
        _cursors[best] ??= new LogCursor(_queue);
        return best;
    }

    // An idle cursor pins its segment, and retention would wait for it.
    private void ReleaseIdle(long now)
    {
        for (int index = 0; index < Cursors; index++)
        {
            if (_cursors[index] is not null && now - _cursorUsed[index] > IdleCursorNanos)
            {
                Release(index);
            }
        }
    }

    private void Release(int index)
    {
        _cursors[index]?.Dispose();
        _cursors[index] = null;
        _cursorUsed[index] = 0;
    }

    private bool IsRecent(in NakRange range, long now)
    {
        foreach (ref readonly Recent recent in _recent.AsSpan())
        {
            if (recent.Until > now && recent.Range.Covers(range))
            {
                return true;
            }
        }

        return false;
    }

    private void Remember(in Request request, long now)
    {
        if (!request.IsDirect)
        {
            _recent[_nextRecent] = new Recent { Range = request.Whole, Until = now + LingerNanos };
            _nextRecent = (_nextRecent + 1) % RecentRanges;
        }
    }

    private struct Request
    {
        public Receiver? Receiver;
        public NakRange Range;
        public NakRange Whole;
        public long Skipped;
        public bool IsDirect;
        public bool IsDone;
    }

    private struct Recent
    {
        public NakRange Range;
        public long Until;
    }
}
