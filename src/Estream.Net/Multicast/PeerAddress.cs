using System.Net;

namespace Estream.Net.Multicast;

/// <summary>
/// The address of a peer as a value: an IPv6 address (or an IPv4 address mapped into IPv6) with scope and port. Compares by value and
/// never allocates, except when converted from or to <see cref="IPEndPoint"/>.
/// </summary>
/// <param name="Ip">The 128 bits of the IPv6 address, most significant byte first.</param>
/// <param name="Scope">The scope id of a link-local address, otherwise 0.</param>
/// <param name="Port">The UDP port.</param>
public readonly record struct PeerAddress(UInt128 Ip, uint Scope, ushort Port)
{
    private const int AddressBytes = 16;

    /// <summary>Converts an end point.</summary>
    /// <param name="endPoint">An IPv4 or IPv6 end point.</param>
    public static PeerAddress From(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        IPAddress address = endPoint.Address.MapToIPv6();
        Span<byte> bytes = stackalloc byte[AddressBytes];
        _ = address.TryWriteBytes(bytes, out _);
        return new PeerAddress(
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes), (uint)address.ScopeId, (ushort)endPoint.Port);
    }

    /// <summary>Converts to an end point. Allocates.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[AddressBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, Ip);
        IPAddress address = new(bytes, Scope);
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, Port);
    }

    /// <inheritdoc/>
    public override string ToString() => ToEndPoint().ToString();
}
