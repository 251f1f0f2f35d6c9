using System.Runtime.InteropServices;

namespace Estream.Net.Internal.Kernel;

/// <summary>All calls of the C library, and the constants and structures of Linux that they use.</summary>
internal static unsafe partial class NativeMethods
{
    public const int FamilyIPv4 = 2;
    public const int FamilyIPv6 = 10;
    public const int FamilyNetlink = 16;
    public const int FamilyXdp = 44;
    public const int SocketRaw = 3;
    public const int CloseOnExec = 0x80000;
    public const int DontWait = 0x40;
    public const int Truncated = 0x20;
    public const short PollIn = 1;

    public const int ErrorPermission = 1;
    public const int ErrorInterrupted = 4;
    public const int ErrorIo = 5;
    public const int ErrorNoDevice = 19;
    public const int ErrorNoDeviceOrAddress = 6;
    public const int ErrorTryAgain = 11;
    public const int ErrorAccess = 13;
    public const int ErrorBusy = 16;
    public const int ErrorInvalid = 22;
    public const int ErrorNoSystemCall = 38;
    public const int ErrorMessageSize = 90;
    public const int ErrorNotSupported = 95;
    public const int ErrorNoFamily = 97;
    public const int ErrorNetDown = 100;
    public const int ErrorNoBuffers = 105;

    public const int LevelSocket = 1;
    public const int LevelXdp = 283;
    public const int LevelUdp = 17;
    public const int OptionBindToDevice = 25;
    public const int OptionBusyPoll = 46;
    public const int OptionMemoryInfo = 55;
    public const int OptionPreferBusyPoll = 69;
    public const int OptionBusyPollBudget = 70;
    public const int OptionReceiveBufferForce = 33;
    public const int OptionSendBufferForce = 32;
    public const int OptionUdpSegment = 103;
    public const int OptionUdpGro = 104;

    public const int XdpMapOffsets = 1;
    public const int XdpReceiveRing = 2;
    public const int XdpSendRing = 3;
    public const int XdpRegisterMemory = 4;
    public const int XdpFillRing = 5;
    public const int XdpCompletionRing = 6;
    public const int XdpStatistics = 7;
    public const int XdpOptions = 8;
    public const ushort XdpCopy = 2;
    public const ushort XdpUseNeedWakeup = 8;
    public const uint XdpRingNeedsWakeup = 1;
    public const uint XdpOptionZeroCopy = 1;
    public const long MapReceiveRing = 0;
    public const long MapSendRing = 0x80000000;
    public const long MapFillRing = 0x100000000;
    public const long MapCompletionRing = 0x180000000;

    public const int ProtReadWrite = 3;
    public const int MapShared = 1;
    public const int MapPopulate = 0x8000;

    public const long InterfaceIndex = 0x8933;
    public const long InterfaceMtu = 0x8921;
    public const long InterfaceHardwareAddress = 0x8927;
    public const int NewNetworkNamespace = 0x40000000;

    private const string LibC = "libc";

    [LibraryImport(LibC, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport(LibC, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int socket, void* address, int length);

    [LibraryImport(LibC, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int socket, int level, int name, void* value, int length);

    [LibraryImport(LibC, EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(int socket, int level, int name, void* value, int* length);

    [LibraryImport(LibC, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int socket, nint request, void* argument);

    [LibraryImport(LibC, EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int socket, long offset);

    [LibraryImport(LibC, EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* address, nuint length);

    [LibraryImport(LibC, EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int socket, void* bytes, nuint length, int flags, void* address, int addressLength);

    [LibraryImport(LibC, EntryPoint = "recvfrom", SetLastError = true)]
    public static partial nint ReceiveFrom(int socket, void* bytes, nuint length, int flags, void* address, int* addressLength);

    [LibraryImport(LibC, EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMessages(int socket, MessageHeader* messages, uint count, int flags);

    [LibraryImport(LibC, EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMessages(int socket, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport(LibC, EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport(LibC, EntryPoint = "setns", SetLastError = true)]
    public static partial int EnterNamespace(int descriptor, int kind);

    /// <summary>The bpf call, for which the C library has no function.</summary>
    [LibraryImport(LibC, EntryPoint = "syscall", SetLastError = true)]
    public static partial long Bpf(long number, long command, void* attributes, ulong size);

    /// <summary>struct mmsghdr of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _padding;
        public uint Length;
        private readonly uint _tail;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>struct timespec of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct sockaddr_xdp.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct XdpAddress
    {
        public ushort Family;
        public ushort Flags;
        public uint Interface;
        public uint Queue;
        public uint SharedSocket;
    }

    /// <summary>struct xdp_umem_reg, with the field of Linux 6.8.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct XdpMemory
    {
        public ulong Address;
        public ulong Length;
        public uint ChunkBytes;
        public uint Headroom;
        public uint Flags;
        public uint MetadataBytes;
    }

    /// <summary>struct xdp_ring_offset.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct XdpRingOffset
    {
        public ulong Producer;
        public ulong Consumer;
        public ulong Entries;
        public ulong Flags;
    }

    /// <summary>struct xdp_mmap_offsets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct XdpRingOffsets
    {
        public XdpRingOffset Receive;
        public XdpRingOffset Send;
        public XdpRingOffset Fill;
        public XdpRingOffset Completion;
    }
}
