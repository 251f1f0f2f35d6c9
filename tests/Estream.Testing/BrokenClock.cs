using Estream.Core;

namespace Estream.Testing;

/// <summary>The clock of the machine, which fails when a test wants it to, with an exception nobody expects of a clock.</summary>
public sealed class BrokenClock : IClock
{
    public const string Message = "the clock has stopped";

    // Threads on which the next look fails: those for which this is true; null for none.
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

    /// <summary>Whether the failure that was asked for has been.</summary>
    public bool HasFailed => Volatile.Read(ref _failsOn) is null;

    /// <summary>The next look from the thread that calls this fails.</summary>
    public void FailHere()
    {
        int here = Environment.CurrentManagedThreadId;
        Volatile.Write(ref _failsOn, thread => thread == here);
    }

    /// <summary>The next look fails, whoever it is.</summary>
    public void FailOnce()
    {
        Volatile.Write(ref _failsOn, static _ => true);
    }
}
