using System.Net;
using System.Net.Sockets;
using Estream.Net.Internal;
using Estream.Net.Internal.Kernel;

namespace Estream.Net.Udp;

/// <summary>
/// UDP packets over a socket of the kernel: sendmmsg and recvmmsg on the memory of the arena, one system call per batch. With segmentation
/// offload, the kernel carries up to 64 packets of one size to one destination as one.
/// </summary>
internal sealed partial class UdpTransport : PacketTransport
{
    /// <summary>The longest payload that UDP allows over IPv4.</summary>
    public const int LongestPayload = 65507;

    private const int MaxReceiveMessages = 64;
    private const int MergedReceiveMessages = 32;

    // One merged packet has up to 64 KiB. The rest of the stride spreads the first bytes of the buffers over the sets of the caches.
    private const int MergedStride = (64 << 10) + 4096 + 64;

    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly PacketArena _arena;
    private readonly MessageBatch _receive;
    private readonly MessageBatch _send;
    private readonly SendQueue _queue;
    private readonly int[] _packetsOfMessage;
    private readonly int _receiveStride;
    private readonly bool _isMerging;
    private int _arrived;
    private int _message;
    private int _offset;
    private bool _isSegmenting;
    private int _singles;
    private long _sent;
    private long _sentBytes;
    private long _sendDropped;
    private long _invalid;
    private int _lastSendError;

    private UdpTransport(PacketTransportOptions options, Socket socket, PacketArena arena, int receiveMessages, bool isMerging)
        : base(PacketTransportKind.Udp, options, arena, payloadOffset: 0, Math.Min(options.FrameBytes, LongestPayload))
    {
        (_socket, _arena, _isMerging) = (socket, arena, isMerging);
        _descriptor = KernelSocket.Descriptor(socket.SafeHandle);
        _receiveStride = isMerging ? MergedStride : options.FrameBytes;
        _receive = new MessageBatch(arena.All, receiveMessages, receiveMessages);
        for (int i = 0; i < receiveMessages; i++)
        {
            _receive.SetVector(i, (long)i * _receiveStride, isMerging ? 64 << 10 : options.FrameBytes);
            _receive.SetParts(i, i, 1);
        }

        _send = new MessageBatch(arena.All, options.BatchSize, options.BatchSize);
        _packetsOfMessage = new int[options.BatchSize];
        _queue = new SendQueue(options.FramesPerDirection);
        _isSegmenting = options.UseSegmentationOffload;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        Description = $"udp {(options.Interface is null ? "" : options.Interface + " ")}{LocalEndPoint}, "
            + (isMerging ? "segmentation offload" : "no segmentation offload");
    }

    public override IPEndPoint LocalEndPoint { get; }

    public override string Description { get; }

    public override int Pending => _queue.Count;

    /// <summary>The messages that were given to the kernel; fewer than the packets if it segments.</summary>
    internal long MessagesSent { get; private set; }

    /// <summary>Opens the transport in the namespace of the calling thread.</summary>
    /// <exception cref="EstreamTransportException">The kernel refused the socket or an option.</exception>
    public static UdpTransport Create(PacketTransportOptions options)
    {
        Socket socket = UdpSocket.Open(options);
        PacketArena? arena = null;
        try
        {
            bool isMerging = options.UseSegmentationOffload && KernelSocket.TrySetOption(
                socket.SafeHandle, NativeMethods.LevelUdp, NativeMethods.OptionUdpGro, 1) == 0;
            int messages = isMerging ? MergedReceiveMessages : Math.Min(MaxReceiveMessages, options.FramesPerDirection);
            long receiveBytes = (long)messages * (isMerging ? MergedStride : options.FrameBytes);
            arena = new PacketArena(receiveBytes, options.FramesPerDirection, options.FrameBytes);
            return new UdpTransport(options, socket, arena, messages, isMerging);
        }
        catch
        {
            arena?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits until packets may have arrived at this transport or another one.</summary>
    public bool WaitEither(UdpTransport other, TimeSpan timeout) =>
        _message < _arrived || other._message < other._arrived
            || KernelSocket.WaitReadable(_descriptor, other._descriptor, timeout, out _);

    private protected override int ReceiveCore(Span<ReceivedSlot> slots)
    {
        if (_message == _arrived)
        {
            (_message, _offset) = (0, 0);
            _arrived = _receive.Receive(_descriptor, _receive.MessageCount);
        }

        int count = 0;
        while (count < slots.Length && _message < _arrived)
        {
            if (!TryTake(ref slots[count]))
            {
                _invalid++;
                continue;
            }

            count++;
        }

        return count;
    }

    // Buffers belong to the kernel again from the next recvmmsg on, which comes after all packets of this one are taken and released.
    private protected override void ReleaseCore()
    {
    }

    private protected override bool WaitCore(TimeSpan timeout) =>
        _message < _arrived || KernelSocket.WaitReadable(_descriptor, -1, timeout, out _);

    private protected override PacketCounters ReadCountersCore() => new()
    {
        Sent = _sent,
        SentBytes = _sentBytes,
        SendDropped = _sendDropped,
        ReceiveDropped = KernelSocket.ReadDrops(_descriptor),
        InvalidPackets = _invalid,
        LastSendError = _lastSendError,
    };

    private protected override void CloseCore()
    {
        _receive.Dispose();
        _send.Dispose();
        _socket.Dispose();
    }

    /// <summary>Takes the next packet of the received messages.</summary>
    /// <returns>False for a packet that does not fit in a frame; its message is then skipped.</returns>
    private bool TryTake(ref ReceivedSlot slot)
    {
        (int length, bool isTruncated) = _receive.Received(_message);
        int start = _offset;
        int left = length - start;
        int segment = _isMerging ? _receive.SegmentBytes(_message) : 0;
        int taken = segment > 0 ? Math.Min(segment, left) : left;
        slot.Offset = ((long)_message * _receiveStride) + start;
        slot.Length = taken;
        slot.Source = _receive.Source(_message);
        _offset += taken;
        if (isTruncated || _offset >= length)
        {
            _message++;
            _offset = 0;
        }

        return !isTruncated;
    }
}
