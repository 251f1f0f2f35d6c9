using Estream.Net.Udp;
using Estream.Net.Xdp;

namespace Estream.Net;

/// <content>The choice of an implementation.</content>
public abstract partial class PacketTransport
{
    private static PacketTransport OpenHere(PacketTransportOptions options)
    {
        switch (options.Transport)
        {
            case PacketTransportKind.AfXdp:
                return XdpTransport.Create(options);
            case PacketTransportKind.Udp:
                return UdpTransport.Create(options);
            case PacketTransportKind.Auto:
                return OpenBest(options);
            default:
                throw new ArgumentException($"{nameof(options.Transport)} is {options.Transport}. Use Auto, Udp or AfXdp; "
                    + "MemoryNetwork opens transports in memory.", nameof(options));
        }
    }

    private static PacketTransport OpenBest(PacketTransportOptions options)
    {
        try
        {
            return XdpTransport.Create(options);
        }
        catch (EstreamTransportException e)
        {
            UdpTransport udp = UdpTransport.Create(options);
            udp.Fallback = new PacketFallback(e.Failure, e.Message);
            return udp;
        }
    }
}
