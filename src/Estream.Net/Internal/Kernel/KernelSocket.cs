using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Estream.Net.Internal.Kernel;

/// <summary>System calls on sockets that the framework does not offer, without allocation.</summary>
internal static unsafe class KernelSocket
{
    // struct sk_meminfo ends with the count of dropped packets.
    private const int MemoryInfoWords = 9;
    private const int MemoryInfoDrops = 8;

    /// <summary>Sets an integer option.</summary>
    /// <returns>0, or the errno.</returns>
    public static int TrySetOption(SafeHandle socket, int level, int name, int value)
    {
        // SAFETY: the kernel reads the four bytes of the local during the call.
        return NativeMethods.SetOption(Descriptor(socket), level, name, &value, sizeof(int)) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Returns the packets that the kernel dropped because the socket's receive buffer was full, as SO_RXQ_OVFL reports it. A
    /// 32-bit count.</summary>
    public static uint ReadDrops(int socket)
    {
        uint* words = stackalloc uint[MemoryInfoWords];
        int length = MemoryInfoWords * sizeof(uint);

        // SAFETY: the kernel writes at most `length` bytes, which the stack has.
        int result = NativeMethods.GetOption(socket, NativeMethods.LevelSocket, NativeMethods.OptionMemoryInfo, words, &length);
        return result == 0 && length == MemoryInfoWords * sizeof(uint) ? words[MemoryInfoDrops] : 0;
    }

    /// <summary>Waits until one of up to two sockets is readable.</summary>
    /// <param name="first">A descriptor.</param>
    /// <param name="second">A descriptor, or -1.</param>
    /// <param name="timeout">The longest wait; negative for no limit.</param>
    /// <param name="isSecondReadable">Whether the second socket is readable.</param>
    public static bool WaitReadable(int first, int second, TimeSpan timeout, out bool isSecondReadable)
    {
        NativeMethods.PollEntry* entries = stackalloc NativeMethods.PollEntry[2];
        entries[0] = new NativeMethods.PollEntry { Descriptor = first, Events = NativeMethods.PollIn };
        entries[1] = new NativeMethods.PollEntry { Descriptor = second, Events = NativeMethods.PollIn };
        NativeMethods.TimeSpec limit = new()
        {
            Seconds = timeout.Ticks / TimeSpan.TicksPerSecond,
            Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick,
        };

        // SAFETY: entries and limit are on the stack during the call. A signal ends the wait early, which the contract of Wait allows.
        int ready = NativeMethods.Poll(entries, 2, timeout < TimeSpan.Zero ? null : &limit, null);
        isSecondReadable = ready > 0 && entries[1].Returned != 0;
        return ready > 0;
    }

    /// <summary>Wakes the driver of an AF_XDP socket to send.</summary>
    /// <returns>0, or the errno.</returns>
    // SAFETY: the call has no buffers.
    public static int WakeSender(int socket) =>
        NativeMethods.SendTo(socket, null, 0, NativeMethods.DontWait, null, 0) >= 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Wakes the driver of an AF_XDP socket to receive, or polls it once.</summary>
    /// <returns>0, or the errno.</returns>
    // SAFETY: the call has no buffers.
    public static int WakeReceiver(int socket) =>
        NativeMethods.ReceiveFrom(socket, null, 0, NativeMethods.DontWait, null, null) >= 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Creates a socket that is closed with its handle.</summary>
    /// <returns>Null if the kernel refuses; the errno is then the thread's last error.</returns>
    public static SafeFileHandle? TryCreate(int family, int type, int protocol)
    {
        int descriptor = NativeMethods.Socket(family, type | NativeMethods.CloseOnExec, protocol);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    public static int Descriptor(SafeHandle socket) => (int)socket.DangerousGetHandle();
}
