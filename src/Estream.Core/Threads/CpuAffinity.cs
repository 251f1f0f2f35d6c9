using System.ComponentModel;
using System.Runtime.InteropServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// Pins threads to CPUs. Pin a thread that polls without waiting to a CPU that no other thread uses: the scheduler then neither moves the
/// thread nor runs other threads in its place.
/// </summary>
/// <remarks>
/// Linux only (sched_setaffinity, sched_getaffinity). Thread-safe: each call affects only the calling thread. Call it on a thread that your
/// code has started, not on a thread of the pool. A new thread inherits the CPUs of the thread that starts it.
/// </remarks>
/// <example>
/// <code>
/// using CpuPin pin = CpuAffinity.Pin(3);
/// while (!cancellation.IsCancellationRequested)
/// {
///     Poll();
/// }
/// </code>
/// </example>
// SAFETY: the pointers are spans of this class, pinned during the call; the kernel gets their length in bytes.
public static unsafe class CpuAffinity
{
    /// <summary>The highest CPU number.</summary>
    public const int MaxCpu = MaskWords * BitsPerWord - 1;

    internal const int MaskWords = 128;
    private const int BitsPerWord = 64;

    /// <summary>Whether this system can pin threads.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Returns the CPUs that the calling thread may run on, ascending. Costs a system call and an array.</summary>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux.</exception>
    public static int[] Current()
    {
        Span<ulong> mask = stackalloc ulong[MaskWords];
        Read(mask);
        List<int> cpus = [];
        for (int cpu = 0; cpu <= MaxCpu; cpu++)
        {
            if ((mask[cpu / BitsPerWord] >> (cpu % BitsPerWord) & 1) != 0)
            {
                cpus.Add(cpu);
            }
        }

        return [.. cpus];
    }

    /// <summary>Pins the calling thread to one CPU until the result is disposed.</summary>
    /// <param name="cpu">The number of the CPU, from 0 to <see cref="MaxCpu"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The machine does not have the CPU, or the control group (cpuset) of the process
    /// excludes it.</exception>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux.</exception>
    public static CpuPin Pin(int cpu)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cpu);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cpu, MaxCpu);
        ulong[] before = new ulong[MaskWords];
        Read(before);
        Span<ulong> mask = stackalloc ulong[MaskWords];
        mask.Clear();
        mask[cpu / BitsPerWord] = 1UL << (cpu % BitsPerWord);
        int error = TryWrite(mask);
        return error switch
        {
            0 => new CpuPin(cpu, before),
            NativeMethods.ErrorInvalid => throw new ArgumentOutOfRangeException(nameof(cpu), cpu,
                $"This process may not run on CPU {cpu}: the machine does not have it, or a cpuset excludes it. Choose one of "
                + $"'{string.Join(',', Current())}'."),
            _ => throw new Win32Exception(error),
        };
    }

    /// <summary>Sets the CPUs of the calling thread.</summary>
    /// <returns>0, or the error number.</returns>
    internal static int TryWrite(ReadOnlySpan<ulong> mask)
    {
        // SAFETY: the mask is pinned during the call, and its length in bytes is passed.
        fixed (ulong* words = mask)
        {
            return NativeMethods.SetAffinity(0, (nuint)(mask.Length * sizeof(ulong)), words) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    private static void Read(Span<ulong> mask)
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("Threads can be pinned to CPUs on Linux only.");
        }

        mask.Clear();
        // SAFETY: the mask is pinned during the call, and the kernel writes at most the length in bytes that is passed.
        fixed (ulong* words = mask)
        {
            if (NativeMethods.GetAffinity(0, (nuint)(mask.Length * sizeof(ulong)), words) < 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            }
        }
    }
}

/// <summary>A pinned thread. Disposing it, on the same thread, restores the CPUs that the thread had before.</summary>
/// <remarks>Not thread-safe. Dispose nested pins in reverse order.</remarks>
public sealed class CpuPin : IDisposable
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private ulong[]? _before;

    internal CpuPin(int cpu, ulong[] before) => (Cpu, _before) = (cpu, before);

    /// <summary>The CPU that the thread is pinned to.</summary>
    public int Cpu { get; }

    /// <summary>Restores the CPUs that the thread had before. Idempotent. If the machine no longer has these CPUs, the thread stays
    /// pinned.</summary>
    /// <exception cref="InvalidOperationException">The calling thread is not the pinned thread.</exception>
    public void Dispose()
    {
        if (_before is null)
        {
            return;
        }

        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException("Dispose a pin on the thread that it pins.");
        }

        _ = CpuAffinity.TryWrite(_before);
        _before = null;
    }
}
