using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Net.Internal;

namespace Estream.Net;

/// <summary>
/// Sends and receives UDP packets in batches, in memory that it shares with the kernel: received bytes are read in place, sent bytes are
/// written in place. Implemented by an AF_XDP socket, a UDP socket, and a network in memory.
/// </summary>
/// <example>
/// <code>
/// using PacketTransport transport = PacketTransport.Open(options);
/// using (SendBatch batch = transport.Reserve(1))
/// {
///     if (batch.Count == 1) { batch.SetLength(0, Write(batch[0])); batch.Send(); }
/// }
///
/// while (transport.Wait(timeout))
/// {
///     using ReceivedBatch received = transport.Receive();
///     foreach (ReceivedPacket packet in received) { Handle(packet.Payload, packet.Source); }
/// }
/// </code>
/// </example>
/// <remarks>
/// Not thread-safe: one thread at a time uses a transport and its batches. At most one received batch and one send batch are open at a
/// time. Sending and receiving allocate nothing. As with UDP, packets can be lost, duplicated and reordered.
/// </remarks>
public abstract partial class PacketTransport : IDisposable
{
    private readonly PacketArena _arena;
    private readonly ReceivedSlot[] _received;
    private readonly SendSlot[] _reserved;
    private readonly PacketAddress _remote;
    private readonly bool _hasRemote;
    private readonly bool _isIPv4;
    private readonly int _payloadOffset;
    private int _receivedCount;
    private int _reservedCount;

    // The numbers of the newest batches: an older batch must not touch the frames of a newer one.
    private uint _receiveTurn;
    private uint _sendTurn;
    private long _receivedPackets;
    private long _receivedBytes;
    private bool _isDisposed;

    private protected PacketTransport(
        PacketTransportKind kind, PacketTransportOptions options, PacketArena arena, int payloadOffset, int maxPayloadBytes)
    {
        Kind = kind;
        MaxPayloadBytes = maxPayloadBytes;
        _arena = arena;
        _payloadOffset = payloadOffset;
        _received = new ReceivedSlot[options.BatchSize];
        _reserved = new SendSlot[options.BatchSize];
        _isIPv4 = options.IsIPv4;
        if (options.RemoteEndPoint is { } remote)
        {
            (_remote, _hasRemote) = (new PacketAddress(remote), true);
        }
    }

    /// <summary>The implementation in use; never <see cref="PacketTransportKind.Auto"/>.</summary>
    public PacketTransportKind Kind { get; }

    /// <summary>Why <see cref="PacketTransportKind.Auto"/> uses UDP; null if AF_XDP is in use or UDP was requested.</summary>
    public PacketFallback? Fallback { get; internal set; }

    /// <summary>The address and port at which this transport receives.</summary>
    public abstract IPEndPoint LocalEndPoint { get; }

    /// <summary>The largest payload that this transport sends, in bytes. Depends on the transport, the frames and the interface.</summary>
    public int MaxPayloadBytes { get; }

    /// <summary>The implementation and its mode in one line, for logs and consoles.</summary>
    public abstract string Description { get; }

    /// <summary>The number of sent packets that the kernel has not accepted yet.</summary>
    public abstract int Pending { get; }

    /// <summary>Frames that can be reserved without reclaiming any.</summary>
    internal int FreeSendFrames => _arena.FreeSendFrames;

    private protected PacketArena Arena => _arena;

    /// <summary>Opens a transport.</summary>
    /// <param name="options">The options; <see cref="PacketTransportKind.Memory"/> is opened by <see cref="MemoryNetwork.Open"/>
    /// instead.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="EstreamTransportException">The kernel refused the transport. <see cref="PacketTransportKind.Auto"/> throws this
    /// only if UDP is refused.</exception>
    public static PacketTransport Open(PacketTransportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return NamespaceThread.Run(options.NetworkNamespace, () => OpenHere(options));
    }

    /// <summary>
    /// Returns up to <see cref="PacketTransportOptions.BatchSize"/> packets that have arrived, without waiting. Dispose the batch to
    /// release its frames: the kernel drops packets while it has none.
    /// </summary>
    /// <exception cref="InvalidOperationException">The previous batch is not released.</exception>
    /// <exception cref="EstreamTransportException">The interface of an AF_XDP transport was removed. Dispose the transport.</exception>
    /// <exception cref="ObjectDisposedException">The transport is disposed.</exception>
    public ReceivedBatch Receive()
    {
        if (_receivedCount != 0 || _isDisposed)
        {
            ThrowNotReceiving();
        }

        int count = ReceiveCore(_received);
        _receivedCount = count;
        _receivedPackets += count;
        for (int i = 0; i < count; i++)
        {
            _receivedBytes += _received[i].Length;
        }

        return new ReceivedBatch(this, count, ++_receiveTurn);
    }

    /// <summary>Waits until packets may have arrived.</summary>
    /// <param name="timeout">The longest wait; zero for a check only, <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>False after the timeout. True can also come without a packet; <see cref="Receive"/> then returns an empty batch.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    /// <exception cref="EstreamTransportException">The interface of an AF_XDP transport was removed. Dispose the transport.</exception>
    /// <exception cref="ObjectDisposedException">The transport is disposed.</exception>
    public bool Wait(TimeSpan timeout)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "Use zero or more, or Timeout.InfiniteTimeSpan.");
        }

        return WaitCore(timeout);
    }

    /// <summary>Reserves frames for packets to send.</summary>
    /// <param name="count">The number of packets, at least 1; more than <see cref="PacketTransportOptions.BatchSize"/> counts as
    /// that.</param>
    /// <returns>A batch with as many frames as are free, at most <paramref name="count"/>. Empty while all frames wait to be sent: call
    /// <see cref="Flush"/> and try again.</returns>
    /// <exception cref="InvalidOperationException">The previous batch is neither sent nor disposed.</exception>
    /// <exception cref="ObjectDisposedException">The transport is disposed.</exception>
    public SendBatch Reserve(int count)
    {
        if (count < 1 || _reservedCount != 0 || _isDisposed)
        {
            ThrowNotReserving(count);
        }

        int wanted = Math.Min(count, _reserved.Length);
        if (_arena.FreeSendFrames < wanted)
        {
            Reclaim();
            wanted = Math.Min(wanted, _arena.FreeSendFrames);
        }

        for (int i = 0; i < wanted; i++)
        {
            ref SendSlot slot = ref _reserved[i];
            slot.Frame = _arena.Take();
            slot.Offset = _arena.OffsetOf(slot.Frame) + _payloadOffset;
            slot.Length = SendSlot.NoLength;
            slot.Destination = _remote;
            slot.HasDestination = _hasRemote;
        }

        _reservedCount = wanted;
        return new SendBatch(this, wanted, ++_sendTurn);
    }

    /// <summary>Continues to send queued packets, and takes back frames that the kernel has sent.</summary>
    /// <returns><see cref="Pending"/> afterwards.</returns>
    /// <exception cref="EstreamTransportException">The interface of an AF_XDP transport was removed. Dispose the transport.</exception>
    /// <exception cref="ObjectDisposedException">The transport is disposed.</exception>
    public int Flush()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return FlushCore();
    }

    /// <summary>Reads the counters. One or two system calls; call it from the thread that uses the transport.</summary>
    /// <exception cref="ObjectDisposedException">The transport is disposed.</exception>
    public PacketCounters ReadCounters()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return ReadCountersCore() with { Received = _receivedPackets, ReceivedBytes = _receivedBytes };
    }

    /// <summary>Closes the transport: packets that are queued for sending may be lost, and an XDP program is detached.
    /// Idempotent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            // Spans of an open batch die with the arena; the counts make its members throw.
            (_isDisposed, _receivedCount, _reservedCount) = (true, 0, 0);
            CloseCore();
            _arena.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override string ToString() => Description;

    /// <summary>Fills slots with arrived packets; their frames stay in use until <see cref="ReleaseCore"/>.</summary>
    private protected abstract int ReceiveCore(Span<ReceivedSlot> slots);

    /// <summary>Takes back the frames of the last received batch.</summary>
    private protected abstract void ReleaseCore();

    private protected abstract bool WaitCore(TimeSpan timeout);

    /// <summary>Takes ownership of the frames of packets and starts to send them.</summary>
    private protected abstract void Submit(ReadOnlySpan<SendSlot> packets);

    /// <summary>Returns frames of sent packets to the arena.</summary>
    private protected abstract void Reclaim();

    private protected abstract int FlushCore();

    private protected abstract PacketCounters ReadCountersCore();

    private protected abstract void CloseCore();

    [DoesNotReturn]
    private void ThrowNotReceiving()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        throw new InvalidOperationException("The previous received batch is not released. Dispose it before the next Receive.");
    }

    [DoesNotReturn]
    private void ThrowNotReserving(int count)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        throw new InvalidOperationException("The previous send batch is open. Send or dispose it before the next Reserve.");
    }
}
