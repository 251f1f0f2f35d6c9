using System.Runtime.InteropServices;
using Estream.Core;
using Estream.Net.Internal;
using Estream.Net.Internal.Kernel;
using Microsoft.Win32.SafeHandles;

namespace Estream.Net.Xdp;

/// <summary>An AF_XDP socket on a queue of an interface, and the XDP program that feeds it. The kernel detaches the program when this
/// object is disposed or the process ends, however it ends.</summary>
internal sealed class XdpAttachment : IDisposable
{
    /// <summary>XDP_PACKET_HEADROOM: the bytes that the kernel leaves free before a received frame.</summary>
    public const int KernelHeadroom = 256;

    private const uint GenericFlag = 2;
    private const uint NativeFlag = 4;
    private const int BusyPollBudget = 64;

    // The kernel frees a queue in the background after its socket is closed, so a queue that was just released is busy for a moment.
    private const int BindAttempts = 200;
    private const int LongestPauseMicroseconds = 5_000;

    private readonly SafeFileHandle _map;
    private readonly SafeFileHandle _program;
    private readonly SafeFileHandle _link;

    private XdpAttachment(SafeFileHandle map, SafeFileHandle program, SafeFileHandle link, XdpSocket socket, string mode)
    {
        (_map, _program, _link, Socket) = (map, program, link, socket);
        ModeText = $"{mode} mode, {(socket.IsZeroCopy ? "zero-copy" : "copy")}";
    }

    public XdpSocket Socket { get; }

    /// <summary>The mode in words.</summary>
    public string ModeText { get; }

    /// <summary>Opens a socket, attaches the program and connects both.</summary>
    /// <param name="options">The options.</param>
    /// <param name="device">The interface.</param>
    /// <param name="arena">The frames: those for receiving first, then those for sending.</param>
    /// <param name="port">The UDP port to receive at.</param>
    /// <param name="addresses">The IPv4 addresses to receive at.</param>
    /// <exception cref="EstreamTransportException">The kernel refused in every allowed mode; the message is that of the last
    /// one.</exception>
    public static XdpAttachment Open(
        PacketTransportOptions options, NetworkDevice device, PacketArena arena, ushort port, IReadOnlyCollection<uint> addresses)
    {
        SafeFileHandle map = BpfObjects.CreateSocketMap(options.QueueId + 1) ?? throw Refused("create a BPF map");
        SafeFileHandle? program = null;
        try
        {
            ulong[] code = XdpFilter.Assemble(
                KernelSocket.Descriptor(map), device.Mac, port, addresses, options.FrameBytes - KernelHeadroom);
            program = BpfObjects.LoadProgram(code, out string log)
                ?? throw Refused(log.Length == 0 ? "load the XDP program" : $"load the XDP program: {log}");
            if (options.XdpMode != XdpMode.Auto)
            {
                return OpenMode(options, device, arena, map, program, options.XdpMode);
            }

            try
            {
                return OpenMode(options, device, arena, map, program, XdpMode.Native);
            }
            catch (EstreamTransportException e) when (e.Failure is TransportFailure.Driver or TransportFailure.Other)
            {
                return OpenMode(options, device, arena, map, program, XdpMode.Generic);
            }
        }
        catch
        {
            program?.Dispose();
            map.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _link.Dispose();
        Socket.Dispose();
        _program.Dispose();
        _map.Dispose();
    }

    private static XdpAttachment OpenMode(PacketTransportOptions options, NetworkDevice device, PacketArena arena, SafeFileHandle map,
        SafeFileHandle program, XdpMode mode)
    {
        // The program comes first: some drivers create the queues for AF_XDP only when a program is attached.
        string text = mode == XdpMode.Native ? "native" : "generic";
        SafeFileHandle link = BpfObjects.Attach(program, device.Index, mode == XdpMode.Native ? NativeFlag : GenericFlag)
            ?? throw Refused($"attach the XDP program to '{device.Name}' in {text} mode");
        XdpSocket? socket = null;
        try
        {
            RegionSpan frames = arena.All.Slice(0, arena.FrameRegionBytes);
            socket = XdpSocket.Open(frames, options.FrameBytes, options.FramesPerDirection, options.FramesPerDirection);
            if (options.BusyPollMicroseconds > 0 && socket.TryBusyPoll(options.BusyPollMicroseconds, BusyPollBudget) is int busy and not 0)
            {
                throw TransportErrors.Of("poll the driver (SO_PREFER_BUSY_POLL, Linux 5.11)", busy);
            }

            Bind(socket, options, device, text);
            if (BpfObjects.SetSocket(map, options.QueueId, socket.Descriptor) is int error and not 0)
            {
                throw TransportErrors.Of("put the socket into the BPF map", error);
            }

            return new XdpAttachment(map, program, link, socket, text);
        }
        catch
        {
            socket?.Dispose();
            link.Dispose();
            throw;
        }
    }

    private static void Bind(XdpSocket socket, PacketTransportOptions options, NetworkDevice device, string mode)
    {
        IdleStrategy pause = IdleStrategy.Sleep(LongestPauseMicroseconds);
        int error;
        int attempt = 0;
        do
        {
            // Without a flag the kernel tries zero-copy first. It does so in generic mode too, where the driver could not deliver.
            error = socket.TryBind(device.Index, options.QueueId, options.UseNeedWakeup, copies: mode == "generic");
            if (error == NativeMethods.ErrorBusy)
            {
                pause.Idle(0);
            }
        }
        while (error == NativeMethods.ErrorBusy && ++attempt < BindAttempts);
        if (error != 0)
        {
            throw TransportErrors.Of($"bind to queue {options.QueueId} of '{device.Name}' in {mode} mode", error);
        }
    }

    private static EstreamTransportException Refused(string action) => TransportErrors.Of(action, Marshal.GetLastPInvokeError());
}
