using System.Runtime.InteropServices;

namespace Estream.Core.Internal;

/// <summary>futex(2) on a word of shared memory; polling if the kernel has none.</summary>
internal static unsafe class Futex
{
    /// <summary>The maximum number of words of <see cref="WaitAny"/>.</summary>
    public const int MaxWords = 128;

    // futex_waitv(2), since Linux 5.16. It has the same number on x64 and Arm64.
    private const long WaitAnyCallNumber = 449;
    private const int LongestPollMicroseconds = 1_000;

    // -1 if the number of the call is unknown for this machine, or the kernel does not support it.
    private static long s_callNumber = !OperatingSystem.IsLinux()
        ? -1
        : RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => 202, Architecture.Arm64 => 98, _ => -1 };

    private static bool s_canWaitAny = IsAvailable;

    /// <summary>Whether <see cref="WaitAny"/> can be used: false without futex(2), and after the kernel has refused a call.</summary>
    public static bool CanWaitAny
    {
        get => Volatile.Read(ref s_canWaitAny);
        set => Volatile.Write(ref s_canWaitAny, value);
    }

    public static bool IsAvailable => Volatile.Read(ref s_callNumber) >= 0;

    public static WaitOutcome Wait(RegionSpan word, int expected, TimeSpan timeout)
    {
        Check(word, timeout);
        if (word.ReadInt32Acquire(0) != expected)
        {
            return WaitOutcome.Changed;
        }

        if (timeout == TimeSpan.Zero)
        {
            return WaitOutcome.TimedOut;
        }

        return IsAvailable ? WaitInKernel(word, expected, timeout) : Poll(word, expected, timeout);
    }

    /// <summary>A word and its expected value, for <see cref="WaitAny"/>.</summary>
    public static NativeMethods.FutexWaiter Waiter(RegionSpan word, int expected)
    {
        Check(word, TimeSpan.Zero);
        return new NativeMethods.FutexWaiter
        {
            Expected = unchecked((uint)expected),
            Address = (ulong)word.Address,
            Flags = NativeMethods.FutexOf32Bits,
        };
    }

    /// <summary>Waits until one of 1 to <see cref="MaxWords"/> words is woken. If the kernel refuses the call, returns at once and sets
    /// <see cref="CanWaitAny"/> to false.</summary>
    public static WaitOutcome WaitAny(ReadOnlySpan<NativeMethods.FutexWaiter> words, TimeSpan timeout)
    {
        NativeMethods.TimeSpec end;
        NativeMethods.TimeSpec* endOrNever = null;
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            // SAFETY: a struct on this stack, written during the call only.
            _ = NativeMethods.ClockTime(NativeMethods.ClockMonotonic, &end);
            long nanoseconds = end.Nanoseconds + (timeout.Ticks % TimeSpan.TicksPerSecond * 100);
            end.Seconds += (timeout.Ticks / TimeSpan.TicksPerSecond) + (nanoseconds / 1_000_000_000);
            end.Nanoseconds = nanoseconds % 1_000_000_000;
            endOrNever = &end;
        }

        fixed (NativeMethods.FutexWaiter* first = words)
        {
            // SAFETY: aligned words inside live windows, which the caller keeps alive during the wait; the end is on this stack.
            if (NativeMethods.FutexWaitAny(
                WaitAnyCallNumber, first, words.Length, 0, endOrNever, NativeMethods.ClockMonotonic) >= 0)
            {
                return WaitOutcome.Woken;
            }
        }

        if (OutcomeOf(Marshal.GetLastPInvokeError()) is { } outcome)
        {
            return outcome;
        }

        // The kernel is too old, or a container forbids the call.
        CanWaitAny = false;
        return WaitOutcome.Woken;
    }

    public static int Wake(RegionSpan word, int count)
    {
        Check(word, TimeSpan.Zero);
        if (!IsAvailable)
        {
            return 0;
        }

        // SAFETY: an aligned word inside a live window; the kernel only uses its address.
        long woken = NativeMethods.Futex(s_callNumber, (int*)word.Address, NativeMethods.FutexWake, Math.Max(count, 0), null, null, 0);
        return woken < 0 ? 0 : (int)woken;
    }

    /// <summary>Polls the word with growing pauses.</summary>
    public static WaitOutcome Poll(RegionSpan word, int expected, TimeSpan timeout)
    {
        long end = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : SystemClock.Instance.MonotonicNanos + (timeout.Ticks * 100);
        IdleStrategy idle = IdleStrategy.Backoff(LongestPollMicroseconds);
        while (word.ReadInt32Acquire(0) == expected)
        {
            if (SystemClock.Instance.MonotonicNanos >= end)
            {
                return WaitOutcome.TimedOut;
            }

            idle.Idle(0);
        }

        return WaitOutcome.Changed;
    }

    /// <exception cref="ArgumentException">The word is not aligned.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative and not infinite.</exception>
    public static void Check(RegionSpan word, TimeSpan timeout)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "The timeout must be >= 0, or Timeout.InfiniteTimeSpan.");
        }

        if (word.Address % sizeof(int) != 0)
        {
            throw new ArgumentException("A word to wait on must be aligned to four bytes.", nameof(word));
        }
    }

    private static WaitOutcome WaitInKernel(RegionSpan word, int expected, TimeSpan timeout)
    {
        var limit = new NativeMethods.TimeSpec
        {
            Seconds = timeout.Ticks / TimeSpan.TicksPerSecond,
            Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * 100,
        };
        NativeMethods.TimeSpec* limitOrNever = timeout == Timeout.InfiniteTimeSpan ? null : &limit;

        // SAFETY: an aligned word inside a live window, which the caller keeps alive during the wait; the limit is on this stack.
        if (NativeMethods.Futex(s_callNumber, (int*)word.Address, NativeMethods.FutexWait, expected, limitOrNever, null, 0) == 0)
        {
            return WaitOutcome.Woken;
        }

        int error = Marshal.GetLastPInvokeError();
        if (OutcomeOf(error) is { } outcome)
        {
            return outcome;
        }

        if (error == NativeMethods.ErrorNoSystemCall)
        {
            Volatile.Write(ref s_callNumber, -1);
        }

        // The kernel lacks the call or refuses this word, for example because it has no futexes on file mappings: poll instead.
        return Poll(word, expected, timeout);
    }

    // The outcome of a wait that ended with this error, or null if the kernel refused to wait.
    private static WaitOutcome? OutcomeOf(int error) => error switch
    {
        NativeMethods.ErrorTryAgain => WaitOutcome.Changed,
        NativeMethods.ErrorTimedOut => WaitOutcome.TimedOut,
        NativeMethods.ErrorInterrupted => WaitOutcome.Woken,
        _ => null,
    };
}
