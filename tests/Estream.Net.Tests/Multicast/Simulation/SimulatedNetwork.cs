using Estream.Net.Multicast;
using Estream.Net.Multicast.Internal;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Simulation;

/// <summary>How unreliable a network is.</summary>
internal sealed record NetworkFaults
{
    public double Loss { get; init; } = 0.05;

    public double Duplication { get; init; } = 0.02;

    public double Damage { get; init; } = 0.002;

    /// <summary>The probability that a sender is refused because the transport is full.</summary>
    public double Refusal { get; init; } = 0.01;

    public long MinDelayNanos { get; init; } = 50_000;

    /// <summary>More than the time between two packets, so packets overtake each other.</summary>
    public long MaxDelayNanos { get; init; } = 2_000_000;
}

/// <summary>
/// A group of nodes that exchange packets with loss, duplication, damage, delay and reordering. Seeded: the same calls have the same
/// outcome. Time passes only in <see cref="Pass"/>.
/// </summary>
internal sealed class SimulatedNetwork(int seed, NetworkFaults faults)
{
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<Packet, (long Time, long Number)> _flying = new();
    private readonly SortedDictionary<int, Node> _nodes = [];
    private long _number;

    public ManualClock Clock { get; } = new();

    public long Packets { get; private set; }

    /// <summary>Receives every packet as it is sent.</summary>
    public Action<byte[], PacketAddress>? Observer { get; set; }

    public static PacketAddress AddressOf(int node) => new((UInt128)(0xFFFF_0A00_0000UL + (uint)node), 4000, 0);

    /// <summary>Adds a node; its sender works until the node is removed.</summary>
    public IPacketSender Add(int node, Action<byte[], PacketAddress> receive)
    {
        Node added = new(this, node, receive);
        _nodes.Add(node, added);
        return added;
    }

    public void Remove(int node) => _nodes.Remove(node);

    /// <summary>Lets time pass and delivers what is due.</summary>
    public void Pass(long nanos)
    {
        long end = Clock.MonotonicNanos + nanos;
        while (_flying.TryPeek(out Packet? packet, out (long Time, long Number) due) && due.Time <= end)
        {
            _ = _flying.Dequeue();
            Clock.PassNanos(Math.Max(0, due.Time - Clock.MonotonicNanos));
            if (_nodes.TryGetValue(packet.To, out Node? node))
            {
                node.Receive(packet.Bytes, packet.From);
            }
        }

        Clock.PassNanos(end - Clock.MonotonicNanos);
    }

    /// <summary>Sends a packet that no node has built.</summary>
    public void Inject(int from, int to, byte[] bytes) => Fly(from, to, bytes);

    private void Fly(int from, int to, byte[] bytes)
    {
        for (int copies = _random.NextDouble() < faults.Duplication ? 2 : 1; copies > 0; copies--)
        {
            if (_random.NextDouble() < faults.Loss)
            {
                continue;
            }

            byte[] arriving = bytes;
            if (_random.NextDouble() < faults.Damage)
            {
                arriving = [.. bytes];
                arriving[_random.Next(arriving.Length)] ^= (byte)(1 << _random.Next(8));
            }

            long delay = _random.NextInt64(faults.MinDelayNanos, faults.MaxDelayNanos);
            _flying.Enqueue(new Packet(to, AddressOf(from), arriving), (Clock.MonotonicNanos + delay, _number++));
        }
    }

    private bool Send(int from, int? to, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        if (!_nodes.ContainsKey(from) || _random.NextDouble() < faults.Refusal)
        {
            return false;
        }

        Packets++;
        byte[] bytes = [.. header, .. payload];
        Observer?.Invoke(bytes, AddressOf(from));
        foreach (int node in _nodes.Keys)
        {
            if (to is null ? node != from : node == to)
            {
                Fly(from, node, bytes);
            }
        }

        return true;
    }

    private sealed record Packet(int To, PacketAddress From, byte[] Bytes);

    private sealed class Node(SimulatedNetwork network, int number, Action<byte[], PacketAddress> receive) : IPacketSender
    {
        public void Receive(byte[] bytes, PacketAddress from) => receive(bytes, from);

        public int MaxPacketBytes => PacketLayout.MaxPacketBytes;

        public bool TrySendToGroup(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) => network.Send(number, null, header, payload);

        public bool TrySend(in PacketAddress address, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
        {
            int to = (int)(uint)(ulong)(address.Value - 0xFFFF_0A00_0000UL);
            return network.Send(number, to, header, payload);
        }
    }
}
