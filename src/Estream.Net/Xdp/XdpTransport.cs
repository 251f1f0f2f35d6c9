using System.Net;
using Estream.Net.Internal;
using Estream.Net.Internal.Kernel;

namespace Estream.Net.Xdp;

/// <summary>
/// UDP packets over an AF_XDP socket: the kernel writes received frames into the arena and sends frames from it, without its network stack.
/// A UDP socket with the same address holds the port, joins the groups, and takes what AF_XDP does not: fragments, packets of other queues,
/// and destinations that are not resolved.
/// </summary>
internal sealed partial class XdpTransport : PacketTransport
{
    /// <summary>The bytes before a payload that is sent: the headers end there, and the payload starts at a cache line.</summary>
    public const int SendHeadroom = 64;

    // Receives between two looks at the UDP socket: empty ones of a program that polls without Wait, and those that found packets in the
    // ring, so that a busy ring does not hold up the packets of the UDP socket.
    private const int PollsPerKernelLook = 64;

    private readonly XdpAttachment _attachment;
    private readonly XdpSocket _xdp;
    private readonly KernelPath _kernelPath;
    private readonly NeighbourTable _neighbours;
    private readonly PacketArena _arena;
    private readonly ulong[] _held;
    private readonly ulong _frameMask;
    private readonly bool _useChecksums;
    private readonly bool _isBusyPolling;
    private int _heldCount;
    private int _emptyPolls;
    private int _fullPolls;
    private bool _isRemoved;
    private bool _isKernelReadable;
    private long _sent;
    private long _sentBytes;
    private long _sendDropped;
    private long _invalid;
    private long _viaKernel;
    private int _lastSendError;

    private XdpTransport(PacketTransportOptions options, XdpParts parts)
        : base(PacketTransportKind.AfXdp, options, parts.Arena, SendHeadroom, MaxPayload(options, parts.Device))
    {
        (_attachment, _kernelPath, _neighbours, _arena) = (parts.Attachment, parts.KernelPath, parts.Neighbours, parts.Arena);
        _xdp = _attachment.Socket;
        _held = new ulong[options.BatchSize];
        _frameMask = ~((ulong)options.FrameBytes - 1);
        _useChecksums = options.UseChecksums;
        _isBusyPolling = options.BusyPollMicroseconds > 0;
        Description = $"af_xdp {parts.Device.Name} queue {options.QueueId}"
            + $"{(parts.Device.ReceiveQueues > 1 ? $" of {parts.Device.ReceiveQueues}" : "")}, {_attachment.ModeText}, {LocalEndPoint}";
        for (int frame = 0; frame < options.FramesPerDirection; frame++)
        {
            _xdp.Fill.Next() = (ulong)frame * (ulong)options.FrameBytes;
        }

        _xdp.Fill.Publish();
    }

    public override IPEndPoint LocalEndPoint => _kernelPath.LocalEndPoint;

    public override string Description { get; }

    public override int Pending => _xdp.Send.Unconsumed;

    private protected override int ReceiveCore(Span<ReceivedSlot> slots)
    {
        ThrowIfRemoved();
        int available = Math.Min(_xdp.Received.Available(), slots.Length);
        if (available == 0)
        {
            return ReceiveElsewhere(slots);
        }

        int count = 0;
        for (int i = 0; i < available; i++)
        {
            XdpDescriptor descriptor = _xdp.Received.Next();
            ReadOnlySpan<byte> frame = _arena.All.ReadOnlySpan((long)descriptor.Address, (int)descriptor.Length);
            if (UdpFrameParser.TryParse(frame, _useChecksums, out int length, out PacketAddress source))
            {
                slots[count].Offset = (long)descriptor.Address + UdpFrame.HeaderBytes;
                slots[count].Length = length;
                slots[count].Source = source;
                _held[count++] = descriptor.Address;
            }
            else
            {
                _invalid++;
                _xdp.Fill.Next() = descriptor.Address & _frameMask;
            }
        }

        _xdp.Received.Release();
        _heldCount = count;
        if (count < available)
        {
            PublishFill();
        }

        return ++_fullPolls % PollsPerKernelLook == 0 && count < slots.Length ? count + ReceiveFromKernel(slots[count..]) : count;
    }

    private protected override void ReleaseCore()
    {
        for (int i = 0; i < _heldCount; i++)
        {
            _xdp.Fill.Next() = _held[i] & _frameMask;
        }

        if (_heldCount > 0)
        {
            _heldCount = 0;
            PublishFill();
        }
    }

    private protected override bool WaitCore(TimeSpan timeout)
    {
        ThrowIfRemoved();
        if (_xdp.Received.Available() > 0)
        {
            return true;
        }

        bool isReady = KernelSocket.WaitReadable(_xdp.Descriptor, _kernelPath.Descriptor, timeout, out bool isKernelReadable);
        _isKernelReadable |= isKernelReadable;
        if (!isReady)
        {
            NoteRemoval(KernelSocket.WakeReceiver(_xdp.Descriptor));
            ThrowIfRemoved();
        }

        return isReady;
    }

    private protected override PacketCounters ReadCountersCore()
    {
        XdpStatistics statistics = _xdp.ReadStatistics();
        return new PacketCounters
        {
            Sent = _sent,
            SentBytes = _sentBytes,
            SendDropped = _sendDropped,
            ReceiveDropped = statistics.Dropped + KernelSocket.ReadDrops(_kernelPath.Descriptor),
            FillRingEmpty = statistics.FillRingEmpty,
            RingFull = statistics.RingFull,
            InvalidPackets = _invalid,
            InvalidDescriptors = statistics.InvalidDescriptors,
            KernelPath = _viaKernel,
            LastSendError = _lastSendError,
        };
    }

    private protected override void CloseCore()
    {
        _attachment.Dispose();
        _neighbours.Dispose();
        _kernelPath.Dispose();
    }

    private static int MaxPayload(PacketTransportOptions options, NetworkDevice device) => Math.Min(
        options.FrameBytes - SendHeadroom, device.Mtu - UdpFrame.IpHeaderBytes - UdpFrame.UdpHeaderBytes);

    private int ReceiveElsewhere(Span<ReceivedSlot> slots)
    {
        if (_isBusyPolling || _xdp.Fill.NeedsWakeup)
        {
            NoteRemoval(KernelSocket.WakeReceiver(_xdp.Descriptor));
        }

        if (!_isKernelReadable && ++_emptyPolls < PollsPerKernelLook)
        {
            return 0;
        }

        // A socket whose interface is gone stays empty; only a call tells.
        _emptyPolls = 0;
        NoteRemoval(KernelSocket.WakeReceiver(_xdp.Descriptor));
        return ReceiveFromKernel(slots);
    }

    private int ReceiveFromKernel(Span<ReceivedSlot> slots)
    {
        _isKernelReadable = _kernelPath.TryReceive(ref slots[0]);
        _viaKernel += _isKernelReadable ? 1 : 0;
        return _isKernelReadable ? 1 : 0;
    }

    // The kernel unbinds the socket when the interface is removed (ENXIO). An interface that is down (ENETDOWN) can come up again.
    private void NoteRemoval(int error) => _isRemoved |= error is NativeMethods.ErrorNoDeviceOrAddress or NativeMethods.ErrorNoDevice;

    private void ThrowIfRemoved()
    {
        if (_isRemoved)
        {
            throw new EstreamTransportException(
                $"The interface of {Description} was removed. Dispose the transport, and open a new one when the interface is back.",
                TransportFailure.Interface);
        }
    }

    private void PublishFill()
    {
        _xdp.Fill.Publish();
        if (_xdp.Fill.NeedsWakeup)
        {
            NoteRemoval(KernelSocket.WakeReceiver(_xdp.Descriptor));
        }
    }
}
