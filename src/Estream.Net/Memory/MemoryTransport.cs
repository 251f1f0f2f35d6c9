using System.Net;
using Estream.Net.Internal;

namespace Estream.Net.Memory;

/// <summary>A transport of a <see cref="MemoryNetwork"/>. A send copies each packet into a frame of each receiver.</summary>
internal sealed class MemoryTransport : PacketTransport
{
    /// <summary>The most packets that a reordered packet overtakes.</summary>
    public const int MaxOvertaken = 8;

    private readonly MemoryNetwork _network;
    private readonly PacketArena _arena;
    private readonly PacketAddress[] _groups;
    private readonly ReceivedSlot[] _arrived;
    private readonly long[] _freeFrames;
    private readonly bool _receivesAnyAddress;
    private int _first;
    private int _count;
    private int _freeCount;
    private int _heldCount;
    private readonly long[] _held;
    private readonly SemaphoreSlim _arrival = new(0);
    private long _sent;
    private long _sentBytes;
    private long _dropped;
    private bool _isWaiting;

    public MemoryTransport(MemoryNetwork network, PacketTransportOptions options)
        : this(network, options, new PacketArena(
            (long)options.FramesPerDirection * options.FrameBytes, options.FramesPerDirection, options.FrameBytes))
    {
    }

    private MemoryTransport(MemoryNetwork network, PacketTransportOptions options, PacketArena arena)
        : base(PacketTransportKind.Memory, options, arena, payloadOffset: 0, options.FrameBytes)
    {
        (_network, _arena) = (network, arena);
        LocalEndPoint = options.LocalEndPoint;
        Address = new PacketAddress(LocalEndPoint);
        LoopsBack = options.MulticastLoopback;
        _receivesAnyAddress = LocalEndPoint.Address.Equals(IPAddress.Any) || LocalEndPoint.Address.Equals(IPAddress.IPv6Any);
        _groups = [.. options.MulticastGroups.Select(group => new PacketAddress(group, LocalEndPoint.Port))];
        _arrived = new ReceivedSlot[options.FramesPerDirection];
        _held = new long[options.BatchSize];
        _freeFrames = [.. Enumerable.Range(0, options.FramesPerDirection).Reverse().Select(frame => (long)frame * options.FrameBytes)];
        _freeCount = _freeFrames.Length;
    }

    public override IPEndPoint LocalEndPoint { get; }

    public override string Description => $"memory {LocalEndPoint}";

    public override int Pending => 0;

    public PacketAddress Address { get; }

    public bool LoopsBack { get; }

    public bool Accepts(PacketAddress destination) =>
        destination.IsMulticast
            ? Array.IndexOf(_groups, destination) >= 0
            : destination == Address || (_receivesAnyAddress && destination.Port == Address.Port && destination.IsIPv4 == Address.IsIPv4);

    /// <summary>Puts a packet into a free frame. The caller holds the gate of the network.</summary>
    /// <param name="source">The sender.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="overtaken">The number of waiting packets that this one overtakes, if there are as many.</param>
    public void Arrive(PacketAddress source, ReadOnlySpan<byte> payload, int overtaken)
    {
        if (_freeCount == 0 || payload.Length > MaxPayloadBytes)
        {
            _dropped++;
            return;
        }

        long offset = _freeFrames[--_freeCount];
        payload.CopyTo(_arena.All.Span(offset, payload.Length));
        int place = _count - Math.Min(overtaken, _count);
        for (int i = _count; i > place; i--)
        {
            At(i) = At(i - 1);
        }

        At(place) = new ReceivedSlot { Offset = offset, Length = payload.Length, Source = source };
        _count++;
        if (_isWaiting)
        {
            _isWaiting = false;
            _arrival.Release();
        }
    }

    private protected override int ReceiveCore(Span<ReceivedSlot> slots)
    {
        lock (_network.Gate)
        {
            int count = Math.Min(slots.Length, _count);
            for (int i = 0; i < count; i++)
            {
                slots[i] = At(i);
                _held[i] = slots[i].Offset;
            }

            _first = (_first + count) & (_arrived.Length - 1);
            _count -= count;
            _heldCount = count;
            return count;
        }
    }

    private protected override void ReleaseCore()
    {
        lock (_network.Gate)
        {
            while (_heldCount > 0)
            {
                _freeFrames[_freeCount++] = _held[--_heldCount];
            }
        }
    }

    private protected override bool WaitCore(TimeSpan timeout)
    {
        lock (_network.Gate)
        {
            if (_count > 0 || timeout == TimeSpan.Zero)
            {
                return _count > 0;
            }

            _isWaiting = true;
        }

        _arrival.Wait(timeout);
        lock (_network.Gate)
        {
            // A packet that arrived just after the timeout has released the semaphore, too.
            _isWaiting = false;
            while (_arrival.CurrentCount > 0)
            {
                _arrival.Wait(TimeSpan.Zero);
            }

            return _count > 0;
        }
    }

    private protected override void Submit(ReadOnlySpan<SendSlot> packets)
    {
        lock (_network.Gate)
        {
            foreach (ref readonly SendSlot packet in packets)
            {
                _network.Deliver(this, packet.Destination, _arena.All.ReadOnlySpan(packet.Offset, packet.Length));
                _arena.Return(packet.Frame);
                _sent++;
                _sentBytes += packet.Length;
            }
        }
    }

    private protected override void Reclaim()
    {
    }

    private protected override int FlushCore() => 0;

    private protected override PacketCounters ReadCountersCore()
    {
        lock (_network.Gate)
        {
            return new PacketCounters { Sent = _sent, SentBytes = _sentBytes, ReceiveDropped = _dropped };
        }
    }

    private protected override void CloseCore()
    {
        _network.Remove(this);
        _arrival.Dispose();
    }

    private ref ReceivedSlot At(int index) => ref _arrived[(_first + index) & (_arrived.Length - 1)];
}
