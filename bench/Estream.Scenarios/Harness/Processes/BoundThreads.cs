using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace Estream.Scenarios.Harness;

/// <summary>
/// Threads that live for all rounds, each bound to its own processor if there are enough. A round starts on all threads at the
/// same moment. The rest of the process is not bound, because the background compiler would starve. bench/peers/together.cpp does the same.
/// If no processor is left over, the process's other threads run on the processors of the round. Their time is part of the
/// row's cost, not a disturbance, and is not counted as waiting.
/// </summary>
internal sealed class BoundThreads : IDisposable
{
    // Longer than the 100 ms for which the product's clock thread runs after the last append: the next row needs its processors alone.
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(150);

    private readonly Thread[] _threads;
    private readonly Barrier _begin;
    private readonly Barrier _end;
    private readonly RunResult[] _results;
    private readonly long[] _ran;
    private readonly bool _hasSpareProcessor;
    private Func<int, RunResult>? _work;
    private Exception? _failure;
    private int _arrived;

    /// <summary>Starts the threads. Call this from the program's first thread, because new threads inherit its binding.</summary>
    public BoundThreads(int count)
    {
        _begin = new Barrier(count + 1);
        _end = new Barrier(count + 1);
        _results = new RunResult[count];
        _ran = new long[count];
        _threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() => Loop(i)) { IsBackground = true })];
        int[] processors = AllowedProcessors();
        if (OperatingSystem.IsLinux() && processors.Length >= count)
        {
            _hasSpareProcessor = processors.Length > count;
            StartBound(processors);
        }
        else
        {
            Array.ForEach(_threads, thread => thread.Start());
        }
    }

    /// <summary>Runs the work on every thread, numbered from 0, and returns the results in that order.</summary>
    public IReadOnlyList<RunResult> Run(Func<int, RunResult> work)
    {
        _work = work;
        _arrived = 0;
        TimeSpan before = Environment.CpuUsage.TotalTime;
        _begin.SignalAndWait();
        _end.SignalAndWait();
        if (_failure is not null)
        {
            throw new ScenarioException($"a thread of the round failed: {_failure.Message}");
        }

        TimeSpan used = Environment.CpuUsage.TotalTime - before;
        Thread.Sleep(s_rest);
        return _hasSpareProcessor ? _results : Undisturbed(_results, (used.Ticks * TimeSpan.NanosecondsPerTick) - _ran.Sum());
    }

    public void Dispose()
    {
        _work = null;
        _begin.SignalAndWait();
        Array.ForEach(_threads, thread => thread.Join());
        _begin.Dispose();
        _end.Dispose();
    }

    /// <summary>Combines the parts into one round: operations, checks and allocations are added, times are the mean of the
    /// threads.</summary>
    public static RunResult Combined(IReadOnlyList<RunResult> parts)
    {
        return new RunResult(parts.Sum(p => p.Operations), parts.Sum(p => p.ElapsedNanos) / parts.Count)
        {
            WaitedNanos = parts.Sum(p => p.WaitedNanos ?? 0) / parts.Count,
            AllocatedBytes = parts.Sum(p => p.AllocatedBytes),
            Check = parts.Aggregate(0UL, (sum, p) => sum + (p.Check ?? 0)),
        };
    }

    /// <summary>Returns the parts with only the waiting that the process's own other threads cannot have caused.</summary>
    /// <param name="parts">The results of the threads of the round.</param>
    /// <param name="helperNanos">How long the other threads ran meanwhile.</param>
    public static IReadOnlyList<RunResult> Undisturbed(IReadOnlyList<RunResult> parts, long helperNanos)
    {
        long waited = parts.Sum(p => p.WaitedNanos ?? 0);
        double share = waited == 0 ? 0 : Math.Clamp((double)(waited - helperNanos) / waited, 0, 1);
        return [.. parts.Select(part => part with { WaitedNanos = (long?)(part.WaitedNanos * share) })];
    }

    [SupportedOSPlatform("linux")]
    private void StartBound(int[] processors)
    {
        using Process self = Process.GetCurrentProcess();
        nint all = self.ProcessorAffinity;
        for (int i = 0; i < _threads.Length; i++)
        {
            // On Linux this binds only the first thread, and a new thread inherits the binding of the thread that starts it.
            self.ProcessorAffinity = (nint)1 << processors[i];
            _threads[i].Start();
        }

        self.ProcessorAffinity = all;
    }

    private void Loop(int number)
    {
        while (true)
        {
            _begin.SignalAndWait();
            if (_work is not { } work)
            {
                return;
            }

            // Read before this thread waits for the others: the time that it spins there must not count as time of helper threads.
            long before = SchedulerTimes.OfThisThread().RanNanos;
            Interlocked.Increment(ref _arrived);
            while (Volatile.Read(ref _arrived) < _threads.Length)
            {
                Thread.SpinWait(1);
            }

            try
            {
                _results[number] = work(number);
                _ran[number] = SchedulerTimes.OfThisThread().RanNanos - before;
            }
            catch (Exception e)
            {
                _failure = e;
            }

            _end.SignalAndWait();
        }
    }

    /// <summary>Parses a list such as <c>0-1,4</c>; returns as many as fit in the mask of <see
    /// cref="Process.ProcessorAffinity"/>.</summary>
    private static int[] AllowedProcessors()
    {
        string list = ProcFile.Value("/proc/self/status", "Cpus_allowed_list");
        return [.. list.Split(',').SelectMany(Range).Where(processor => processor < nint.Size * 8)];
    }

    private static IEnumerable<int> Range(string part)
    {
        int[] ends = [.. part.Split('-').Select(end => int.TryParse(end, CultureInfo.InvariantCulture, out int number) ? number : -1)];
        return ends[0] < 0 ? [] : Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
    }
}
