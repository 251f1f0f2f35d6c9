using System.Runtime.InteropServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// The time slice of a thread: how long the scheduler lets the thread run before it runs other threads of the same CPU. When a thread with
/// a short slice wakes up, it preempts a running thread with a longer slice. A thread that works for some microseconds after each event
/// then does not wait for milliseconds behind a compute-bound thread. Its share of the processor time stays the same.
/// </summary>
/// <remarks>Linux 6.12 or later (EEVDF scheduler; sched_setattr(2), <c>sched_runtime</c>); no effect on earlier kernels. Needs no
/// privileges. Thread-safe: each call affects only the calling thread. Use it on threads that your code starts, not on threads of the
/// pool. A new thread inherits the slice of the thread that starts it.</remarks>
// SAFETY: the attributes are spans on the stack of this class, with the length of the struct; each offset is inside it.
public static unsafe class TimeSlice
{
    /// <summary>The shortest slice that Linux grants.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMicroseconds(100);

    private const int AttributeBytes = 48;
    private const int PolicyOffset = 4;
    private const int RuntimeOffset = 24;
    private const int NormalPolicy = 0;

    private static readonly (long Get, long Set)? s_calls = !OperatingSystem.IsLinux()
        ? null
        : RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => (315, 314),
            Architecture.Arm64 => (275, 274),
            _ => null,
        };

    /// <summary>Requests the shortest slice for the calling thread, unless the thread has a real-time or other special policy. Makes
    /// two system calls.</summary>
    /// <returns>Whether the kernel has accepted the request. Kernels before 6.12 may accept and ignore it.</returns>
    public static bool TryShorten()
    {
        Span<byte> attributes = stackalloc byte[AttributeBytes];
        attributes.Clear();
        if (!TryRead(attributes) || MemoryMarshal.Read<int>(attributes[PolicyOffset..]) != NormalPolicy)
        {
            return false;
        }

        MemoryMarshal.Write(attributes[RuntimeOffset..], Shortest.Ticks * TimeSpan.NanosecondsPerTick);

        // SAFETY: the attributes are on this stack, and their first word has their length, which TryRead has set.
        fixed (byte* first = attributes)
        {
            return NativeMethods.SetScheduling(s_calls!.Value.Set, 0, first, 0) == 0;
        }
    }

    /// <summary>The slice that the calling thread has requested; zero if the kernel chooses it.</summary>
    internal static TimeSpan Current()
    {
        Span<byte> attributes = stackalloc byte[AttributeBytes];
        attributes.Clear();
        return TryRead(attributes)
            ? TimeSpan.FromTicks(MemoryMarshal.Read<long>(attributes[RuntimeOffset..]) / TimeSpan.NanosecondsPerTick)
            : TimeSpan.Zero;
    }

    private static bool TryRead(Span<byte> attributes)
    {
        // SAFETY: the kernel writes at most the given number of bytes to the span, which is pinned during the call.
        fixed (byte* first = attributes)
        {
            return s_calls is { } calls && NativeMethods.GetScheduling(calls.Get, 0, first, AttributeBytes, 0) == 0;
        }
    }
}
