using System.Runtime.InteropServices;

namespace Estream.Core.Internal;

/// <summary>
/// membarrier(2): a full fence that one thread makes all running threads of all registered processes execute. A thread that rarely waits
/// pays for the fence, so that a thread that often publishes need not.
/// </summary>
internal static class ProcessBarrier
{
    private static readonly long s_callNumber = !OperatingSystem.IsLinux()
        ? -1
        : RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => 324, Architecture.Arm64 => 283, _ => -1 };

    private static readonly Lazy<bool> s_isRegistered = new(() => Call(NativeMethods.BarrierRegister));

    /// <summary>
    /// Registers this process at the first call, so that barriers of other processes reach its threads.
    /// </summary>
    /// <returns>Whether it is registered. If not, the threads of this process must fence themselves.</returns>
    public static bool IsRegistered => s_isRegistered.Value;

    /// <summary>Returns when every running thread of every registered process has executed a full fence. Some microseconds.</summary>
    /// <returns>False if the kernel does not support it.</returns>
    public static bool TryIssue()
    {
        // The call reaches the threads of this process only if it is registered too.
        return IsRegistered && Call(NativeMethods.BarrierEverywhere);
    }

    private static bool Call(int command) => s_callNumber >= 0 && NativeMethods.ProcessBarrier(s_callNumber, command, 0, 0) == 0;
}
