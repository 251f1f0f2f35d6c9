using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// Rows of `witness` on a queue of 64-byte messages. `append-burst`: the cost of an append for its writer, with and without a witness that
/// reads the messages. `attest`: the time a witness needs per message of a filled queue, on one thread, until the last one is attested.
/// </summary>
internal sealed class WitnessedAppends : IContender
{
    private readonly WitnessWorkload _workload;
    private readonly BenchQueue _queue;
    private readonly QueueAppender _appender;
    private readonly BenchWitness? _witness;
    private readonly byte[] _source = new byte[LogWorkload.PayloadBytes];
    private readonly bool _isFilled;
    private ulong _stamp;

    private WitnessedAppends(ContenderContext context, bool isWitnessed, bool isFilled)
    {
        _workload = new WitnessWorkload(context.Size);
        _isFilled = isFilled;
        string directory = Path.Combine(context.Directory, "queue");
        Directory.CreateDirectory(directory);
        _queue = new BenchQueue(context with { Directory = directory }, FrameChecksum.Crc32C);
        _appender = _queue.Queue.CreateAppender(AppenderMode.Exclusive);
        _queue.Hold();
        _witness = isWitnessed ? new BenchWitness(Path.Combine(context.Directory, "attestations"), _queue.Queue) : null;
        if (!isFilled)
        {
            _witness?.Begin();
        }
    }

    public static IContender Bursts(ContenderContext context, bool isWitnessed) =>
        new WitnessedAppends(context, isWitnessed, isFilled: false);

    public static IContender Attesting(ContenderContext context) => new WitnessedAppends(context, isWitnessed: true, isFilled: true);

    public RunResult Run() => (_isFilled ? Attest() : AppendBursts()) with { Check = _stamp };

    public void Dispose()
    {
        _witness?.Dispose();
        _appender.Dispose();
        _queue.Dispose();
    }

    private RunResult Attest()
    {
        Append(_workload.Filled);
        RoundTimer timer = RoundTimer.Start();
        long attested = _witness!.RunToEnd();
        RunResult result = timer.Stop(_workload.Filled);
        return attested == _workload.Filled
            ? result
            : throw new ScenarioException($"{attested} of {_workload.Filled} messages were attested");
    }

    private RunResult AppendBursts()
    {
        List<RunResult> bursts = [];
        for (int burst = 0; burst < _workload.Bursts; burst++)
        {
            RoundTimer timer = RoundTimer.Start();
            Append(_workload.Backlog);
            bursts.Add(timer.Stop(_workload.Backlog));
            _witness?.WaitFor((long)_stamp);
        }

        return new RunResult(bursts.Sum(burst => burst.Operations), bursts.Sum(burst => burst.ElapsedNanos))
        {
            WaitedNanos = bursts.Sum(burst => burst.WaitedNanos),
            AllocatedBytes = bursts.Sum(burst => burst.AllocatedBytes),
        };
    }

    private void Append(long messages)
    {
        for (long left = messages; left > 0; left -= WitnessWorkload.BatchOperations)
        {
            Batch((int)Math.Min(left, WitnessWorkload.BatchOperations));
        }
    }

    // A separate method, so that it reaches the JIT's last tier: see Batches.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Batch(int count)
    {
        QueueAppender appender = _appender;
        Span<byte> source = _source;
        ulong stamp = _stamp;
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(source, stamp++);
            appender.Append(source);
        }

        _stamp = stamp;
    }
}
