using System.Net;
using Estream.Net.Memory;

namespace Estream.Net;

/// <summary>
/// A network inside the process, for tests and simulations. Packets reach the transports with the destination address and port, or the
/// members of the destination group. A seed determines every fault, so one thread gets the same packets in each run.
/// </summary>
/// <remarks>The network is thread-safe; each of its transports is used by one thread at a time.</remarks>
public sealed class MemoryNetwork
{
    private const int FirstFreePort = 49152;

    private readonly List<MemoryTransport> _transports = [];
    private readonly Random _random;
    private int _nextPort = FirstFreePort;

    /// <summary>Creates a network without transports.</summary>
    /// <param name="seed">Determines the faults.</param>
    public MemoryNetwork(int seed = 0) => _random = new Random(seed);

    /// <summary>What happens to packets that are sent from now on.</summary>
    public MemoryFaults Faults { get; set; }

    internal Lock Gate { get; } = new();

    /// <summary>Opens a transport. <see cref="PacketTransportOptions.Transport"/> and options of interfaces have no effect.</summary>
    /// <param name="options">The options. Local port 0 gets a free port.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="EstreamTransportException">Another transport of this network has the local address and port.</exception>
    public PacketTransport Open(PacketTransportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        lock (Gate)
        {
            IPEndPoint local = options.LocalEndPoint.Port == 0
                ? new IPEndPoint(options.LocalEndPoint.Address, _nextPort++)
                : options.LocalEndPoint;
            if (options.MulticastGroups.Count == 0 && _transports.Any(other => other.LocalEndPoint.Equals(local)))
            {
                throw new EstreamTransportException($"Another transport of the network has the address {local}. Choose another port.",
                    TransportFailure.InUse);
            }

            MemoryTransport transport = new(this, options with { LocalEndPoint = local });
            _transports.Add(transport);
            return transport;
        }
    }

    /// <summary>Delivers a packet. The caller holds <see cref="Gate"/>.</summary>
    internal void Deliver(MemoryTransport sender, PacketAddress destination, ReadOnlySpan<byte> payload)
    {
        foreach (MemoryTransport receiver in _transports)
        {
            if (receiver.Accepts(destination) && (receiver != sender || !destination.IsMulticast || sender.LoopsBack))
            {
                DeliverTo(receiver, sender.Address, payload);
            }
        }
    }

    internal void Remove(MemoryTransport transport)
    {
        lock (Gate)
        {
            _transports.Remove(transport);
        }
    }

    private void DeliverTo(MemoryTransport receiver, PacketAddress source, ReadOnlySpan<byte> payload)
    {
        if (Happens(Faults.Loss))
        {
            return;
        }

        int copies = Happens(Faults.Duplication) ? 2 : 1;
        for (int copy = 0; copy < copies; copy++)
        {
            int overtaken = Happens(Faults.Reordering) ? _random.Next(1, MemoryTransport.MaxOvertaken + 1) : 0;
            receiver.Arrive(source, payload, overtaken);
        }
    }

    private bool Happens(double probability) => probability > 0 && _random.NextDouble() < probability;
}
