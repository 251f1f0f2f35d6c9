using Estream.Core;

namespace Estream.Testing;

/// <summary>The machine's clock, which throws on request an exception that callers do not expect of a clock.</summary>
public sealed class BrokenClock : IClock
{
    public const string Message = "the clock has stopped";

    // Selects the threads on which the next read fails; null for none.
    private Func<int, bool>? _failsOn;

    public long UtcNanos => SystemClock.Instance.UtcNanos;

    public long CoarseUtcNanos => SystemClock.Instance.CoarseUtcNanos;

    public long MonotonicNanos
    {
        get
        {
            Func<int, bool>? failsOn = Volatile.Read(ref _failsOn);
            bool fails = failsOn is not null && failsOn(Environment.CurrentManagedThreadId)
                && Interlocked.CompareExchange(ref _failsOn, null, failsOn) == failsOn;
            return fails ? throw new NotSupportedException(Message) : SystemClock.Instance.MonotonicNanos;
        }
    }

    /// <summary>Whether no requested failure is pending.</summary>
    public bool HasFailed => Volatile.Read(ref _failsOn) is null;

    /// <summary>Makes the next read from the calling thread fail.</summary>
    public void FailHere()
    {
        int here = Environment.CurrentManagedThreadId;
        Volatile.Write(ref _failsOn, thread => thread == here);
    }

    /// <summary>Makes the next read fail, on any thread.</summary>
    public void FailOnce()
    {
        Volatile.Write(ref _failsOn, static _ => true);
    }
}
