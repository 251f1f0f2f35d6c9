using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `append-shared`: a shared appender for each thread, on one queue.</summary>
internal sealed class QueueSharedContender : IContender
{
    private readonly BenchQueue _queue;
    private readonly Writer[] _writers;
    private readonly BoundThreads _threads;

    public QueueSharedContender(ContenderContext context, FrameChecksum checksum, int writers)
    {
        long messages = new LogWorkload(context.Size).SharedMessages / writers;
        _queue = new BenchQueue(context, checksum);
        _writers = [.. Enumerable.Range(0, writers).Select(_ => new Writer(_queue.Queue.CreateAppender(AppenderMode.Shared), messages))];
        _queue.Hold();
        _threads = new BoundThreads(writers);
    }

    /// <summary>The check value is the sum of every writer's newest stamp, read back.</summary>
    public RunResult Run()
    {
        RunResult whole = BoundThreads.Combined(_threads.Run(writer => _writers[writer].Run()));
        _queue.RequireRecycling();
        return whole with { Check = _writers.Aggregate(0UL, (sum, writer) => sum + _queue.StampAt(writer.LastPosition)) };
    }

    public void Dispose()
    {
        _threads.Dispose();
        Array.ForEach(_writers, writer => writer.Dispose());
        _queue.Dispose();
    }

    /// <summary>Appends the messages of one thread.</summary>
    private sealed class Writer(QueueAppender appender, long messages) : IDisposable
    {
        private readonly byte[] _source = new byte[LogWorkload.PayloadBytes];
        private ulong _stamp;

        public long LastPosition { get; private set; }

        public RunResult Run()
        {
            RoundTimer timer = RoundTimer.Start();
            for (long left = messages; left > 0; left -= LogWorkload.BatchMessages)
            {
                Batch((int)Math.Min(left, LogWorkload.BatchMessages));
            }

            return timer.Stop(messages);
        }

        public void Dispose() => appender.Dispose();

        /// <summary>Called often enough to be compiled separately, as in <see cref="Batches"/>.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private void Batch(int count)
        {
            QueueAppender mine = appender;
            Span<byte> source = _source;
            ulong stamp = _stamp;
            long last = 0;
            for (int i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(source, stamp++);
                last = mine.Append(source);
            }

            _stamp = stamp;
            LastPosition = last;
        }
    }
}
