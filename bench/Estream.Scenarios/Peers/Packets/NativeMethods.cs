using System.Runtime.InteropServices;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Peers.Packets;

/// <summary>The calls of the C library of a program that sends packets without a library, or reads the clock of a process. Structures of
/// packets are in memory that the caller has laid out.</summary>
internal static class NativeMethods
{
    public const int DontWait = 0x40;
    public const int NewNetworkNamespace = 0x40000000;
    public const int TryAgain = 11;

    private const string LibC = "libc";

    [DllImport(LibC, EntryPoint = "sendmmsg", SetLastError = true)]
    public static extern int SendMessages(int socket, nint messages, uint count, int flags);

    [DllImport(LibC, EntryPoint = "recvmmsg", SetLastError = true)]
    public static extern int ReceiveMessages(int socket, nint messages, uint count, int flags, nint timeout);

    [DllImport(LibC, EntryPoint = "setns", SetLastError = true)]
    public static extern int EnterNamespace(int descriptor, int kind);

    [DllImport(LibC, EntryPoint = "clock_gettime")]
    public static extern int ReadClock(int clock, out ProcessClock.Time time);
}
