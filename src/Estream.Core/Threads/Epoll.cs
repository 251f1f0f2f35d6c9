using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>A socket that became readable.</summary>
/// <param name="Key">The key with which the socket was added.</param>
/// <param name="HasEnded">Whether the peer has ended its half of the connection, or the connection has failed.</param>
public readonly record struct EpollEvent(long Key, bool HasEnded);

/// <summary>
/// An epoll instance of Linux: reports sockets that become readable. Edge-triggered: it reports new bytes once, so read until a read finds
/// fewer bytes than requested. Lives as long as the process. Thread-safe; one thread waits.
/// </summary>
/// <remarks>See epoll(7). The kernel removes a socket when it is closed.</remarks>
public sealed unsafe class Epoll
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const uint Readable = 0x001;
    private const uint Failed = 0x008;
    private const uint HungUp = 0x010;
    private const uint PeerEnded = 0x2000;
    private const uint EdgeTriggered = 1u << 31;
    private const int MaxEventBytes = 16;
    private const int MaxEvents = 256;

    private readonly int _descriptor;

    /// <summary>Creates an instance.</summary>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux.</exception>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public Epoll()
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("epoll exists on Linux only.");
        }

        _descriptor = NativeMethods.EpollCreate(CloseOnExec);
        if (_descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Whether the system has epoll.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    // struct epoll_event is packed on x86-64 only.
    private static int EventBytes => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : MaxEventBytes;

    /// <summary>Starts to report a socket. Reports it at once if it is readable already.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="key">A number that identifies the socket in events.</param>
    /// <exception cref="Win32Exception">The kernel refused, for example because its limit of watched sockets is reached.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void Watch(SafeHandle socket, long key)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Span<byte> request = stackalloc byte[MaxEventBytes];
        MemoryMarshal.Write(request, Readable | PeerEnded | EdgeTriggered);
        MemoryMarshal.Write(request[(EventBytes - sizeof(long))..], key);
        bool isHeld = false;
        try
        {
            socket.DangerousAddRef(ref isHeld);

            // SAFETY: the kernel reads one event from the stack of this method, and the reference keeps the descriptor open.
            fixed (byte* first = request)
            {
                if (NativeMethods.EpollControl(_descriptor, Add, (int)socket.DangerousGetHandle(), first) != 0)
                {
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                }
            }
        }
        finally
        {
            if (isHeld)
            {
                socket.DangerousRelease();
            }
        }
    }

    /// <summary>Waits until a socket is readable.</summary>
    /// <param name="events">Receives the events; at most 256 at a time. Not empty.</param>
    /// <returns>The number of events; 0 if a signal ended the wait.</returns>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    [SkipLocalsInit]
    public int Wait(Span<EpollEvent> events)
    {
        int most = Math.Min(events.Length, MaxEvents);
        ArgumentOutOfRangeException.ThrowIfZero(most, nameof(events));
        Span<byte> raw = stackalloc byte[MaxEvents * MaxEventBytes];
        int count;

        // SAFETY: the kernel writes at most the given number of events, each of at most MaxEventBytes, to the stack of this method.
        fixed (byte* first = raw)
        {
            count = NativeMethods.EpollWait(_descriptor, first, most, timeoutMs: -1);
        }

        if (count < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            return error == NativeMethods.ErrorInterrupted ? 0 : throw new Win32Exception(error);
        }

        for (int index = 0; index < count; index++)
        {
            ReadOnlySpan<byte> one = raw.Slice(index * EventBytes, EventBytes);
            bool hasEnded = (MemoryMarshal.Read<uint>(one) & (Failed | HungUp | PeerEnded)) != 0;
            events[index] = new EpollEvent(MemoryMarshal.Read<long>(one[(EventBytes - sizeof(long))..]), hasEnded);
        }

        return count;
    }
}
