using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Appending alone to an encrypted queue: frames are composed in private memory and encrypted into their place.
public sealed partial class QueueAppender
{
    private readonly BlockWriter? _blocks;
    private readonly int _overhead;

    // Also true in a segment in clear, in which an appender with keys never writes.
    private bool HasOldKey => _blocks is not null && Current.Key.Generation < _queue.Keys!.Current;

    private long AppendBlock(ReadOnlySpan<byte> payload)
    {
        long offset = MakeRoom(payload.Length);
        payload.CopyTo(_blocks!.Payload(payload.Length));
        PublishBlock(_blocks.Complete(payload.Length, _numberAndTime), 1);
        return _basePosition + offset + _overhead;
    }

    private AppendClaim ClaimBlock(int maxLength)
    {
        long offset = MakeRoom(maxLength);
        Span<byte> span = _blocks!.Payload(maxLength);
        _claimOpen = true;
        return new AppendClaim(this, span, _basePosition + offset + _overhead, ++_claimTicket);
    }

    // In the same order as in clear: everything but the length word, a zero behind it, the length word.
    private void PublishBlock(long innerBytes, int count)
    {
        long offset = _offset;
        RegionSpan memory = _memory;
        long first = _blocks!.Encrypt(offset, innerBytes, (uint)_numberAndTime, (uint)count, (uint)(_numberAndTime >>> 32));
        long next = offset + BlockLayout.HeaderBytes + innerBytes;
        memory.WriteInt64(next, 0);
        memory.WriteInt64Release(offset, first);
        _offset = next;
        _numberAndTime += count;
        UpdateQuickEnd();
    }
}
