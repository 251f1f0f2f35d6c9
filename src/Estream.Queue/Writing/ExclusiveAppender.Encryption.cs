using Estream.Core;

namespace Estream.Queue.Internal;

// Exclusive appends to an encrypted queue.
internal partial class ExclusiveAppender
{
    /// <summary>Composes frames in private memory and encrypts them into the log as one block.</summary>
    private sealed class Encrypted(QueueAppender appender, EstreamQueue queue, QueueOptions options)
        : ExclusiveAppender(appender, queue, options)
    {
        private readonly BlockWriter _blocks = new(queue);

        private protected override int Overhead => BlockLayout.HeaderBytes;

        private protected override bool HasFastPath => false;

        // Also true in a plaintext segment, in which an appender with keys never writes.
        private protected override bool HasOldKey => _segment.Key.Generation < _queue.Keys!.Current;

        public override long Append(ReadOnlySpan<byte> payload)
        {
            payload.CopyTo(Claim(payload.Length, out long position));
            PublishBlock(_blocks.Complete(payload.Length, _appender.NumberAndTime), 1);
            return position;
        }

        public override Span<byte> Claim(int maxLength, out long position)
        {
            long offset = MakeRoom(maxLength);
            position = _appender.TailBase + offset + BlockLayout.HeaderBytes;
            return _blocks.Payload(maxLength);
        }

        public override long Claim(long stride, long reserve, int maxMessages, OpenBatch batch)
        {
            long offset = MakeRoom((int)stride - FrameLayout.HeaderBytes);
            QueueAppender tail = _appender;
            _blocks.Reserve(stride);
            batch.Begin(_blocks.View, BlockLayout.HeaderBytes, stride - reserve, tail.TailNumber, tail.TailTime, maxMessages);
            return tail.TailBase + offset + BlockLayout.HeaderBytes;
        }

        public override void Commit(int length)
        {
            PublishBlock(_blocks.Complete(length, _appender.NumberAndTime), 1);
            _waiterSignal.Notify();
        }

        public override void Commit(OpenBatch batch)
        {
            batch.Publish();
            PublishBlock(batch.NextOffset - BlockLayout.HeaderBytes, batch.Count);
            _waiterSignal.Notify();
        }

        public override void Dispose()
        {
            _blocks.Dispose();
            base.Dispose();
        }

        private protected override void UseSegmentKey() => _blocks.Enter(_segment);

        // Stores in the same order as for plaintext: everything but the length word, a zero after the block, the length word.
        private void PublishBlock(long innerBytes, int count)
        {
            QueueAppender tail = _appender;
            long offset = tail.TailOffset;
            RegionSpan memory = tail.TailMemory;
            long first = _blocks.Encrypt(offset, innerBytes, tail.TailNumber, (uint)count, tail.TailTime);
            long next = offset + BlockLayout.HeaderBytes + innerBytes;
            memory.WriteInt64(next, 0);
            memory.WriteInt64Release(offset, first);
            tail.TailOffset = next;
            tail.NumberAndTime += count;
        }
    }
}
