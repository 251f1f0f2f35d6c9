using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream</c> rows of `handoff-throughput`: an exclusive appender on one processor, a tailer on another. Messages are
/// published one by one, or in batches.
/// </summary>
internal sealed class QueueHandoffContender : IContender
{
    private readonly long _messages;
    private readonly BenchQueue _queue;
    private readonly Window _window = new();
    private readonly Writer _writer;
    private readonly Reader _reader;
    private readonly BoundThreads _threads;

    public QueueHandoffContender(ContenderContext context, int batch)
    {
        _messages = new HandoffWorkload(context.Size).Messages;
        _queue = new BenchQueue(context, FrameChecksum.None);
        _writer = new Writer(_queue.Queue.CreateAppender(AppenderMode.Exclusive), _window, batch);
        _reader = new Reader(_queue.Queue.CreateTailer(), _window);
        _queue.Hold();
        _threads = new BoundThreads(2);
    }

    public RunResult Run()
    {
        IReadOnlyList<RunResult> both = _threads.Run(thread => thread == 0 ? _writer.Run(_messages) : _reader.Run(_messages));
        _queue.RequireRecycling();
        return both[1] with
        {
            WaitedNanos = both.Max(r => r.WaitedNanos),
            AllocatedBytes = both.Sum(r => r.AllocatedBytes),
        };
    }

    public void Dispose()
    {
        _threads.Dispose();
        _reader.Dispose();
        _writer.Dispose();
        _queue.Dispose();
    }

    private sealed class Writer(QueueAppender appender, Window window, int batch) : IDisposable
    {
        private readonly byte[] _source = new byte[LogWorkload.PayloadBytes];
        private long _written;

        public RunResult Run(long messages)
        {
            RoundTimer timer = RoundTimer.Start();
            for (long left = messages; left > 0;)
            {
                int count = (int)Math.Min(left, HandoffWorkload.RoomCheckMessages);
                window.WaitForRoom(_written + count);
                if (batch == 1)
                {
                    WriteEach(count);
                }
                else
                {
                    WriteTogether(count);
                }

                left -= count;
            }

            return timer.Stop(messages);
        }

        public void Dispose() => appender.Dispose();

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void WriteEach(int count)
        {
            QueueAppender mine = appender;
            Span<byte> source = _source;
            long written = _written;
            for (int i = 0; i < count; i++)
            {
                Stamp(source, written++);
                mine.Append(source);
            }

            _written = written;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void WriteTogether(int count)
        {
            Span<byte> source = _source;
            long written = _written;
            for (int done = 0; done < count; done += batch)
            {
                int messages = Math.Min(batch, count - done);
                using BatchClaim claim = appender.ClaimBatch(messages * LogWorkload.PayloadBytes, messages);
                for (int i = 0; i < messages; i++)
                {
                    Stamp(source, written++);
                    claim.Append(source);
                }

                claim.Commit();
            }

            _written = written;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Stamp(Span<byte> message, long stamp)
        {
            BinaryPrimitives.WriteInt64LittleEndian(message, stamp);
            BinaryPrimitives.WriteInt64LittleEndian(message[^sizeof(long)..], stamp);
        }
    }

    private sealed class Reader(QueueTailer tailer, Window window) : IDisposable
    {
        private ulong _sum;

        public RunResult Run(long messages)
        {
            _sum = 0;
            RoundTimer timer = RoundTimer.Start();
            for (long left = messages; left > 0;)
            {
                int count = ReadSome((int)Math.Min(left, HandoffWorkload.RoomCheckMessages));
                if (count == 0)
                {
                    Thread.SpinWait(HandoffWorkload.Backoff);
                    continue;
                }

                left -= count;
                window.Taken(count);
            }

            return timer.Stop(messages) with { Check = _sum };
        }

        public void Dispose() => tailer.Dispose();

        [MethodImpl(MethodImplOptions.NoInlining)]
        private int ReadSome(int most)
        {
            QueueTailer mine = tailer;
            ulong sum = 0;
            int count = 0;
            while (count < most && mine.TryRead(out QueueMessage message))
            {
                ReadOnlySpan<byte> payload = message.Payload;
                sum += BinaryPrimitives.ReadUInt64LittleEndian(payload)
                    + BinaryPrimitives.ReadUInt64LittleEndian(payload[^sizeof(ulong)..]);
                count++;
            }

            _sum += sum;
            return count;
        }
    }
}
