using System.Net;
using System.Net.Sockets;

namespace Estream.Wire;

/// <summary>The address for which limits per address count a connection.</summary>
internal static class CountedAddress
{
    private const int HostBytes = 8;

    /// <summary>Returns the /64 network of an IPv6 address, because one client can use every address of its network. Returns the loopback
    /// address unchanged, and an IPv4 address, also for an IPv4 address that is mapped to IPv6.</summary>
    public static IPAddress Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        Array.Clear(bytes, bytes.Length - HostBytes, HostBytes);
        return new IPAddress(bytes);
    }
}
