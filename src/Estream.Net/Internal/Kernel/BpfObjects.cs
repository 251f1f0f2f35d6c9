using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Estream.Net.Internal.Kernel;

/// <summary>The bpf system call: a map of AF_XDP sockets, a program, and its link to an interface. Each handle is a descriptor; the kernel
/// frees the object with its last descriptor, also if the process is killed.</summary>
internal static unsafe class BpfObjects
{
    private const int AttributeBytes = 128;
    private const int MapCreate = 0;
    private const int MapUpdate = 2;
    private const int ProgramLoad = 5;
    private const int LinkCreate = 28;
    private const int XdpSocketMap = 17;
    private const int XdpProgram = 6;
    private const int XdpAttachment = 37;
    private const int LogBytes = 16 << 10;

    private static readonly long s_systemCall = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;

    /// <summary>Creates a map from queue numbers to AF_XDP sockets.</summary>
    /// <returns>Null if the kernel refuses; the errno is then the thread's last error.</returns>
    public static SafeFileHandle? CreateSocketMap(int queues)
    {
        uint* attributes = stackalloc uint[AttributeBytes / sizeof(uint)];
        attributes[0] = XdpSocketMap;
        attributes[1] = sizeof(uint);
        attributes[2] = sizeof(uint);
        attributes[3] = (uint)queues;
        return Handle(Call(MapCreate, attributes));
    }

    /// <summary>Puts a socket into a map.</summary>
    /// <returns>0, or the errno.</returns>
    public static int SetSocket(SafeFileHandle map, int queue, int socket)
    {
        uint* attributes = stackalloc uint[AttributeBytes / sizeof(uint)];
        uint key = (uint)queue;
        uint value = (uint)socket;
        attributes[0] = (uint)KernelSocket.Descriptor(map);

        // SAFETY: key and value are locals that live during the call; the kernel reads four bytes of each.
        ((ulong*)attributes)[1] = (ulong)&key;
        ((ulong*)attributes)[2] = (ulong)&value;
        return Call(MapUpdate, attributes) >= 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Loads an XDP program.</summary>
    /// <param name="instructions">The instructions, 8 bytes each.</param>
    /// <param name="log">What the verifier says if it refuses the program; otherwise empty.</param>
    /// <returns>Null if the kernel refuses; the errno is then the thread's last error.</returns>
    public static SafeFileHandle? LoadProgram(ReadOnlySpan<ulong> instructions, out string log)
    {
        log = "";
        int error;
        SafeFileHandle? program = Load(instructions, null, 0);
        if (program is not null)
        {
            return program;
        }

        error = Marshal.GetLastPInvokeError();
        byte[] text = new byte[LogBytes];
        fixed (byte* start = text)
        {
            // SAFETY: the array is pinned during the call. A second call, because a log makes the first one fail if it does not fit.
            program = Load(instructions, start, text.Length);
        }

        if (program is null)
        {
            int end = Array.IndexOf(text, (byte)0);
            log = Encoding.ASCII.GetString(text, 0, Math.Max(end, 0)).Trim();
            Marshal.SetLastPInvokeError(error);
        }

        return program;
    }

    /// <summary>Attaches a program to an interface in the namespace of the calling thread.</summary>
    /// <param name="program">The program.</param>
    /// <param name="interfaceIndex">The interface.</param>
    /// <param name="flags">XDP_FLAGS_SKB_MODE or XDP_FLAGS_DRV_MODE.</param>
    /// <returns>The link; closing it detaches the program. Null if the kernel refuses; the errno is then the thread's last error.</returns>
    public static SafeFileHandle? Attach(SafeFileHandle program, int interfaceIndex, uint flags)
    {
        uint* attributes = stackalloc uint[AttributeBytes / sizeof(uint)];
        attributes[0] = (uint)KernelSocket.Descriptor(program);
        attributes[1] = (uint)interfaceIndex;
        attributes[2] = XdpAttachment;
        attributes[3] = flags;
        return Handle(Call(LinkCreate, attributes));
    }

    private static SafeFileHandle? Load(ReadOnlySpan<ulong> instructions, byte* log, int logBytes)
    {
        uint* attributes = stackalloc uint[AttributeBytes / sizeof(uint)];
        ReadOnlySpan<byte> license = "Apache-2.0\0"u8;
        fixed (ulong* code = instructions)
        fixed (byte* licenseText = license)
        {
            // SAFETY: code, license and log are pinned during the call, and their lengths are those given.
            attributes[0] = XdpProgram;
            attributes[1] = (uint)instructions.Length;
            ((ulong*)attributes)[1] = (ulong)code;
            ((ulong*)attributes)[2] = (ulong)licenseText;
            attributes[6] = log is null ? 0u : 1u;
            attributes[7] = (uint)logBytes;
            ((ulong*)attributes)[4] = (ulong)log;
            "estream_udp"u8.CopyTo(new Span<byte>((byte*)attributes + 48, 16));
            attributes[17] = XdpAttachment;
            return Handle(Call(ProgramLoad, attributes));
        }
    }

    // SAFETY: every caller passes AttributeBytes zeroed bytes of its stack, as large as the union bpf_attr needs to be for these commands.
    private static long Call(int command, uint* attributes) => NativeMethods.Bpf(s_systemCall, command, attributes, AttributeBytes);

    private static SafeFileHandle? Handle(long descriptor) =>
        descriptor < 0 ? null : new SafeFileHandle((nint)descriptor, ownsHandle: true);
}
