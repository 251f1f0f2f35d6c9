using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>The processor time that the calling thread has used, as the system counts it.</summary>
public static unsafe class ThreadCpuClock
{
    private const int ThreadCpuTime = 3;
    private const long NanosPerSecond = 1_000_000_000;

    /// <summary>
    /// Nanoseconds in user and kernel mode since the thread began; 0 on systems other than Linux. A system call: some 100 ns, more on
    /// virtual machines.
    /// </summary>
    public static long Nanos
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return 0;
            }

            NativeMethods.TimeSpec time;

            // SAFETY: a struct on this stack, written during the call only.
            return NativeMethods.ClockTime(ThreadCpuTime, &time) == 0 ? (time.Seconds * NanosPerSecond) + time.Nanoseconds : 0;
        }
    }
}
