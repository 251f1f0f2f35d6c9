using Estream.Core;
using Estream.Net.Internal.Kernel;

namespace Estream.Net.Xdp;

/// <summary>
/// The destinations of an AF_XDP transport and their link addresses, from the kernel's routes and neighbour table. A destination whose link
/// address is unknown is reached through the network stack, which resolves it. Not thread-safe. Allocates for a new destination only.
/// </summary>
internal sealed class NeighbourTable : IDisposable
{
    /// <summary>The maximum number of destinations; the table starts over when it is full.</summary>
    public const int MaxDestinations = 4096;

    private const long NanosPerSecond = 1_000_000_000;
    private const long UnresolvedNanos = NanosPerSecond / 100;
    private const long ResolvedNanos = NanosPerSecond;

    // The kernel does not see the packets that bypass it. It keeps an entry verified only while it sends to the neighbour itself.
    private const int LookupsPerKernelPacket = 30;

    private readonly Dictionary<PacketAddress, Neighbour> _neighbours = [];
    private readonly RouteSocket _routes;
    private readonly NetworkDevice _device;
    private readonly PacketAddress _source;
    private readonly int _timeToLive;
    private readonly IClock _clock;
    private PacketAddress _last;
    private Neighbour? _lastNeighbour;

    public NeighbourTable(NetworkDevice device, PacketAddress source, PacketTransportOptions options)
    {
        _device = device;
        _source = source;
        _timeToLive = options.MulticastTimeToLive;
        _clock = options.Clock;
        _routes = RouteSocket.Open();
    }

    /// <summary>The time to give to <see cref="Find"/>, read once per batch.</summary>
    public long Now => _clock.MonotonicNanos;

    /// <summary>Returns the neighbour for a destination.</summary>
    public Neighbour Find(in PacketAddress destination, long now)
    {
        Neighbour? neighbour = _lastNeighbour;
        if (neighbour is null || destination != _last)
        {
            if (!_neighbours.TryGetValue(destination, out neighbour))
            {
                neighbour = Add(destination);
            }

            (_last, _lastNeighbour) = (destination, neighbour);
        }

        if (now >= neighbour.NextLookup)
        {
            Look(neighbour, destination, now);
        }

        return neighbour;
    }

    public void Dispose() => _routes.Dispose();

    private Neighbour Add(PacketAddress destination)
    {
        if (_neighbours.Count == MaxDestinations)
        {
            _neighbours.Clear();
        }

        Neighbour neighbour = new();
        _neighbours.Add(destination, neighbour);
        return neighbour;
    }

    private void Look(Neighbour neighbour, PacketAddress destination, long now)
    {
        Span<byte> mac = stackalloc byte[MacAddress.Bytes];
        if (destination.IsMulticast)
        {
            UdpFrame.WriteMulticastMac(mac, destination.IPv4);
            neighbour.Resolve(mac, _device, _source, destination, _timeToLive, _device.Mtu, long.MaxValue);
            return;
        }

        if (neighbour.IsResolved && ++neighbour.Lookups % LookupsPerKernelPacket == 0)
        {
            // For this packet alone: the next one looks again.
            neighbour.UseKernel(now);
        }
        else if (_routes.TryFindNextHop(destination.IPv4, _device.Index, out uint nextHop, out int mtu)
            && _routes.TryFindLinkAddress(nextHop, _device.Index, mac))
        {
            neighbour.Resolve(
                mac, _device, _source, destination, _timeToLive, mtu > 0 ? Math.Min(mtu, _device.Mtu) : _device.Mtu, now + ResolvedNanos);
        }
        else
        {
            neighbour.UseKernel(now + UnresolvedNanos);
        }
    }
}
