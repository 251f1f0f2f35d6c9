using System.Buffers.Binary;
using System.Globalization;
using Estream.Core;
using Estream.Queue;

namespace Estream.Cli.Tune;

/// <summary>Percentiles of a latency, in nanoseconds.</summary>
/// <param name="Name">The measured latency.</param>
/// <param name="Count">The number of samples.</param>
/// <param name="P50">The median.</param>
/// <param name="P99">99 % of the samples are at most this.</param>
/// <param name="P999">99.9 % of the samples are at most this.</param>
/// <param name="Max">The longest sample.</param>
internal sealed record TuneLatency(string Name, int Count, long P50, long P99, long P999, long Max)
{
    public static TuneLatency Of(string name, Span<long> samples)
    {
        samples.Sort();
        return samples.IsEmpty
            ? new TuneLatency(name, 0, 0, 0, 0, 0)
            : new TuneLatency(name, samples.Length, At(samples, 0.5), At(samples, 0.99), At(samples, 0.999), samples[^1]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Name}: {Count} samples, p50 {P50 / 1e3:0.0} µs, p99 {P99 / 1e3:0.0} µs, p99.9 {P999 / 1e3:0.0} µs, max {Max / 1e3:0.0} µs");

    private static long At(ReadOnlySpan<long> sorted, double share) =>
        sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}

/// <summary>Measures latencies that the machine adds.</summary>
/// <param name="clock">The clock.</param>
/// <param name="duration">How long each measurement takes.</param>
internal sealed class TuneMeasurement(IClock clock, TimeSpan duration)
{
    private const int MaxSamples = 1 << 20;
    private const long InterruptionNanos = 1_000;
    private const int SleepMicroseconds = 50;
    private const long NanosPerMicro = 1_000;
    private const long SendEveryNanos = 20_000;
    private const int PatienceFactor = 10;

    private readonly long _nanos = (long)duration.TotalNanoseconds;

    /// <summary>Measures interruptions, wake-ups, and the time from append to read of a queue.</summary>
    /// <param name="quiet">The CPUs for the measuring threads; if empty, the CPUs that this process may use.</param>
    public IReadOnlyList<TuneLatency> Run(IReadOnlyCollection<int> quiet)
    {
        int[] allowed = CpuAffinity.Current();
        int[] cpus = [.. allowed.Where(quiet.Contains)];
        cpus = cpus.Length > 0 ? cpus : allowed;
        List<TuneLatency> latencies = [OnCpu(cpus[^1], Interruptions), OnCpu(cpus[^1], WakeUps)];
        if (cpus.Length > 1)
        {
            latencies.Add(HandOff(cpus[^2], cpus[^1]));
        }

        return latencies;
    }

    private static T OnCpu<T>(int cpu, Func<T> measure)
    {
        T? result = default;
        Thread thread = new(() =>
        {
            using CpuPin pin = CpuAffinity.Pin(cpu);
            result = measure();
        });
        thread.Start();
        thread.Join();
        return result!;
    }

    // A loop that only reads the clock: a longer step is an interrupt, another thread, or a pause of the garbage collector.
    private TuneLatency Interruptions()
    {
        long[] samples = new long[MaxSamples];
        int count = 0;
        long last = clock.MonotonicNanos;
        long end = last + _nanos;
        while (last < end && count < MaxSamples)
        {
            long now = clock.MonotonicNanos;
            if (now - last > InterruptionNanos)
            {
                samples[count++] = now - last;
            }

            last = now;
        }

        return TuneLatency.Of("interruptions over 1 µs of a polling thread", samples.AsSpan(0, count));
    }

    private TuneLatency WakeUps()
    {
        long[] samples = new long[MaxSamples];
        int count = 0;
        IdleStrategy idle = IdleStrategy.Sleep(SleepMicroseconds);
        long end = clock.MonotonicNanos + _nanos;
        for (long start = clock.MonotonicNanos; start < end && count < MaxSamples; start = clock.MonotonicNanos)
        {
            idle.Idle(0);
            samples[count++] = Math.Max(0, clock.MonotonicNanos - start - (SleepMicroseconds * NanosPerMicro));
        }

        return TuneLatency.Of("lateness of a sleep of 50 µs", samples.AsSpan(0, count));
    }

    private TuneLatency HandOff(int from, int to)
    {
        string folder = Directory.CreateTempSubdirectory("estream-tune-").FullName;
        try
        {
            using EstreamQueue queue = EstreamQueue.Open(Path.Combine(folder, "queue"));
            using QueueTailer tailer = queue.CreateTailer();
            bool isDone = false;
            Thread sender = new(() =>
            {
                using CpuPin pin = CpuAffinity.Pin(from);
                using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
                Send(appender);
                Volatile.Write(ref isDone, true);
            });
            sender.Start();
            TuneLatency latency = OnCpu(to, () => Receive(tailer, ref isDone));
            sender.Join();
            return latency;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Send(QueueAppender appender)
    {
        Span<byte> message = stackalloc byte[sizeof(long)];
        long end = clock.MonotonicNanos + _nanos;
        for (long now = clock.MonotonicNanos, next = now; now < end; now = clock.MonotonicNanos)
        {
            if (now >= next)
            {
                BinaryPrimitives.WriteInt64LittleEndian(message, now);
                _ = appender.Append(message);
                next = now + SendEveryNanos;
            }
        }
    }

    private TuneLatency Receive(QueueTailer tailer, ref bool isDone)
    {
        long[] samples = new long[MaxSamples];
        int count = 0;
        long limit = clock.MonotonicNanos + (PatienceFactor * _nanos);
        while (count < MaxSamples && clock.MonotonicNanos < limit)
        {
            bool wasDone = Volatile.Read(ref isDone);
            if (tailer.TryRead(out QueueMessage message))
            {
                samples[count++] = clock.MonotonicNanos - BinaryPrimitives.ReadInt64LittleEndian(message.Payload);
            }
            else if (wasDone)
            {
                break;
            }
        }

        return TuneLatency.Of("append to read of a queue between two CPUs", samples.AsSpan(0, count));
    }
}
