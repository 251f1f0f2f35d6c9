using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Estream.Core;
using Microsoft.Win32.SafeHandles;

namespace Estream.Net.Internal.Kernel;

/// <summary>An AF_XDP socket with its registered memory and its four rings. Documentation/networking/af_xdp.rst of Linux.</summary>
internal sealed unsafe class XdpSocket : IDisposable
{
    private const int StatisticsWords = 6;

    private readonly SafeFileHandle _socket;
    private readonly List<XdpRingMapping> _mappings = [];

    private XdpSocket(SafeFileHandle socket) => _socket = socket;

    public int Descriptor => KernelSocket.Descriptor(_socket);

    public XdpProducer<ulong> Fill { get; private set; } = null!;

    public XdpProducer<XdpDescriptor> Send { get; private set; } = null!;

    public XdpConsumer<XdpDescriptor> Received { get; private set; } = null!;

    public XdpConsumer<ulong> Completed { get; private set; } = null!;

    /// <summary>Whether the driver reads and writes the registered memory itself.</summary>
    public bool IsZeroCopy { get; private set; }

    /// <summary>Creates a socket and registers memory with it.</summary>
    /// <param name="frames">The frames; must stay valid and in place until Dispose.</param>
    /// <param name="frameBytes">The size of a frame, 2048 or 4096.</param>
    /// <param name="receiveFrames">The number of entries of the fill ring and the receive ring.</param>
    /// <param name="sendFrames">The number of entries of the send ring and the completion ring.</param>
    /// <exception cref="EstreamTransportException">The kernel refused.</exception>
    public static XdpSocket Open(RegionSpan frames, int frameBytes, int receiveFrames, int sendFrames)
    {
        SafeFileHandle handle = KernelSocket.TryCreate(NativeMethods.FamilyXdp, NativeMethods.SocketRaw, 0)
            ?? throw TransportErrors.Of("create an AF_XDP socket", Marshal.GetLastPInvokeError());
        XdpSocket socket = new(handle);
        try
        {
            socket.Register(frames, frameBytes);
            socket.MapRings(receiveFrames, sendFrames);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Binds the socket to a queue of an interface.</summary>
    /// <returns>0, or the errno.</returns>
    public int TryBind(int interfaceIndex, int queue, bool useNeedWakeup, bool copies)
    {
        NativeMethods.XdpAddress address = new()
        {
            Family = NativeMethods.FamilyXdp,
            Flags = (ushort)((useNeedWakeup ? NativeMethods.XdpUseNeedWakeup : 0) | (copies ? NativeMethods.XdpCopy : 0)),
            Interface = (uint)interfaceIndex,
            Queue = (uint)queue,
        };

        // SAFETY: the kernel reads the local during the call.
        if (NativeMethods.Bind(Descriptor, &address, sizeof(NativeMethods.XdpAddress)) != 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        uint options = 0;
        int length = sizeof(uint);

        // SAFETY: the kernel writes at most four bytes into the local.
        _ = NativeMethods.GetOption(Descriptor, NativeMethods.LevelXdp, NativeMethods.XdpOptions, &options, &length);
        IsZeroCopy = (options & NativeMethods.XdpOptionZeroCopy) != 0;
        return 0;
    }

    /// <summary>Lets receives poll the driver.</summary>
    /// <returns>0, or the errno.</returns>
    public int TryBusyPoll(int microseconds, int budget)
    {
        foreach ((int option, int value) in new[]
        {
            (NativeMethods.OptionPreferBusyPoll, 1),
            (NativeMethods.OptionBusyPoll, microseconds),
            (NativeMethods.OptionBusyPollBudget, budget),
        })
        {
            if (KernelSocket.TrySetOption(_socket, NativeMethods.LevelSocket, option, value) is int error and not 0)
            {
                return error;
            }
        }

        return 0;
    }

    /// <summary>Reads the counts of struct xdp_statistics.</summary>
    public XdpStatistics ReadStatistics()
    {
        ulong* words = stackalloc ulong[StatisticsWords];
        new Span<ulong>(words, StatisticsWords).Clear();
        int length = StatisticsWords * sizeof(ulong);

        // SAFETY: the kernel writes at most `length` bytes, which the stack has.
        _ = NativeMethods.GetOption(Descriptor, NativeMethods.LevelXdp, NativeMethods.XdpStatistics, words, &length);
        return new XdpStatistics((long)words[0], (long)(words[1] + words[2]), (long)words[3], (long)words[4]);
    }

    public void Dispose()
    {
        // Each mapping keeps the socket, and with it the queue of the interface: a queue that is still held refuses the next bind (EBUSY).
        _mappings.ForEach(ring => ring.Dispose());
        _socket.Dispose();
    }

    private void Register(RegionSpan frames, int frameBytes)
    {
        // SAFETY: the region is outside the collected heap, starts at a page, and stays valid until Dispose by the contract of Open.
        NativeMethods.XdpMemory memory = new()
        {
            Address = (ulong)Unsafe.AsPointer(ref frames.Span(0, 1)[0]),
            Length = (ulong)frames.Length,
            ChunkBytes = (uint)frameBytes,
        };
        SetOption(NativeMethods.XdpRegisterMemory, &memory, sizeof(NativeMethods.XdpMemory), "register frames");
    }

    private void MapRings(int receiveFrames, int sendFrames)
    {
        Size(NativeMethods.XdpFillRing, receiveFrames);
        Size(NativeMethods.XdpReceiveRing, receiveFrames);
        Size(NativeMethods.XdpSendRing, sendFrames);
        Size(NativeMethods.XdpCompletionRing, sendFrames);
        NativeMethods.XdpRingOffsets offsets;
        int length = sizeof(NativeMethods.XdpRingOffsets);

        // SAFETY: the kernel writes at most `length` bytes into the local.
        if (NativeMethods.GetOption(Descriptor, NativeMethods.LevelXdp, NativeMethods.XdpMapOffsets, &offsets, &length) != 0
            || length != sizeof(NativeMethods.XdpRingOffsets))
        {
            // Kernels before 5.4 return a shorter structure without the flags that need-wakeup uses.
            throw new EstreamTransportException("AF_XDP needs Linux 5.4 or later. Update the kernel, or use udp.", TransportFailure.Kernel);
        }

        Fill = new(Map(offsets.Fill, receiveFrames, sizeof(ulong), NativeMethods.MapFillRing));
        Completed = new(Map(offsets.Completion, sendFrames, sizeof(ulong), NativeMethods.MapCompletionRing));
        Received = new(Map(offsets.Receive, receiveFrames, sizeof(XdpDescriptor), NativeMethods.MapReceiveRing));
        Send = new(Map(offsets.Send, sendFrames, sizeof(XdpDescriptor), NativeMethods.MapSendRing));
    }

    private void Size(int option, int entries) => SetOption(option, &entries, sizeof(int), "size a ring");

    // SAFETY of the callers: the value is a local of the caller with that length.
    private void SetOption(int option, void* value, int length, string action)
    {
        if (NativeMethods.SetOption(Descriptor, NativeMethods.LevelXdp, option, value, length) != 0)
        {
            throw TransportErrors.Of(action, Marshal.GetLastPInvokeError());
        }
    }

    private XdpRingMapping Map(NativeMethods.XdpRingOffset offsets, int entries, int entryBytes, long page)
    {
        XdpRingMapping ring = XdpRingMapping.TryMap(Descriptor, offsets, entries, entryBytes, page)
            ?? throw TransportErrors.Of("map a ring", Marshal.GetLastPInvokeError());
        _mappings.Add(ring);
        return ring;
    }
}

/// <summary>The counts of the kernel for an AF_XDP socket.</summary>
/// <param name="Dropped">Received packets dropped because no frame was free or they were larger than a frame.</param>
/// <param name="InvalidDescriptors">Refused entries of the fill ring and the send ring.</param>
/// <param name="RingFull">Received packets dropped because the receive ring was full.</param>
/// <param name="FillRingEmpty">How often the kernel found no frame in the fill ring.</param>
internal readonly record struct XdpStatistics(long Dropped, long InvalidDescriptors, long RingFull, long FillRingEmpty);
