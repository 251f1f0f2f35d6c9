using System.Runtime.InteropServices;

namespace Estream.Core.Internal;

/// <summary>
/// membarrier(2): a full fence that one thread makes all running threads of all registered processes execute. Whoever waits rarely pays
/// for the fence, so that whoever publishes often need not.
/// </summary>
internal static class ProcessBarrier
{
    private static readonly long s_callNumber = !OperatingSystem.IsLinux()
        ? -1
        : RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => 324, Architecture.Arm64 => 283, _ => -1 };

    private static readonly Lazy<bool> s_isRegistered = new(() => Call(NativeMethods.BarrierRegister));

    /// <summary>
    /// Lets the barriers of other processes reach the threads of this one, from the first time this is asked on.
    /// </summary>
    /// <returns>Whether they do. Where not, the threads of this process have to fence for themselves.</returns>
    public static bool IsRegistered => s_isRegistered.Value;

    /// <summary>Returns when every running thread of every registered process has executed a full fence. Some microseconds.</summary>
    /// <returns>False where the kernel does not do it.</returns>
    public static bool TryIssue()
    {
        // Also this process's own threads are only reached when it is registered.
        return IsRegistered && Call(NativeMethods.BarrierEverywhere);
    }

    private static bool Call(int command) => s_callNumber >= 0 && NativeMethods.ProcessBarrier(s_callNumber, command, 0, 0) == 0;
}
