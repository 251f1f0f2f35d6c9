using System.Collections.Concurrent;
using Estream.Core;

namespace Estream.Wire.Fhir.Tests.Rig;

/// <summary>A clock that names the threads that ask for the time, and can hold the threads of long searches. Thread-safe.</summary>
internal sealed class ThreadClock : IClock
{
    private readonly ConcurrentQueue<string> _threads = new();

    /// <summary>Threads of long searches wait until this event is set. Initially set.</summary>
    public ManualResetEventSlim Gate { get; } = new(initialState: true);

    /// <summary>The names of the threads that asked for the time; empty for threads of the pool.</summary>
    public IReadOnlyCollection<string> Threads => _threads;

    public long UtcNanos
    {
        get
        {
            string thread = Thread.CurrentThread.Name ?? "";
            _threads.Enqueue(thread);
            if (thread.Contains("scan", StringComparison.Ordinal))
            {
                Gate.Wait();
            }

            return SystemClock.Instance.UtcNanos;
        }
    }

    public long CoarseUtcNanos => SystemClock.Instance.CoarseUtcNanos;

    public long MonotonicNanos => SystemClock.Instance.MonotonicNanos;

    /// <summary>Forgets the threads.</summary>
    public void Clear() => _threads.Clear();
}
