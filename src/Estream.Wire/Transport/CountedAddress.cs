using System.Net;
using System.Net.Sockets;

namespace Estream.Wire;

/// <summary>The address for which limits per address count a connection.</summary>
internal static class CountedAddress
{
    private const int HostBytes = 8;

    // The prefix 64:ff9b::/96 (RFC 6052).
    private static ReadOnlySpan<byte> Nat64 => [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Returns the /64 network of an IPv6 address, because one client can use every address of its network. Returns IPv4,
    /// loopback, link-local and unique local addresses unchanged, because all devices of a site can be in one network. Returns the IPv4
    /// address for an IPv4 address that is mapped to IPv6 or translated by NAT64.</summary>
    public static IPAddress Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address)
            || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal)
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        if (bytes.AsSpan().StartsWith(Nat64))
        {
            return new IPAddress(bytes.AsSpan(Nat64.Length));
        }

        Array.Clear(bytes, bytes.Length - HostBytes, HostBytes);
        return new IPAddress(bytes);
    }
}
