using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Estream.Net;

/// <summary>An IPv4 or IPv6 address and a UDP port: the source or destination of a packet. A value without references, so that a packet
/// allocates nothing.</summary>
public readonly record struct PacketAddress
{
    // The 128 bits of the address; an IPv4 address is in its IPv4-mapped form (RFC 4291, 2.5.5.2).
    private readonly UInt128 _value;

    /// <summary>Creates an address.</summary>
    /// <param name="address">An IPv4 or IPv6 address. An IPv4-mapped IPv6 address becomes an IPv4 address.</param>
    /// <param name="port">The port, 0 to 65535.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is out of range.</exception>
    public PacketAddress(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        _value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        Port = (ushort)port;
        ScopeId = address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6 ? (uint)address.ScopeId : 0;
    }

    /// <summary>Creates an address from an end point.</summary>
    /// <param name="endPoint">The end point.</param>
    public PacketAddress(IPEndPoint endPoint)
        : this((endPoint ?? throw new ArgumentNullException(nameof(endPoint))).Address, endPoint.Port)
    {
    }

    internal PacketAddress(UInt128 value, ushort port, uint scopeId) => (_value, Port, ScopeId) = (value, port, scopeId);

    /// <summary>The UDP port.</summary>
    public ushort Port { get; }

    /// <summary>The interface index of a link-local IPv6 address; 0 otherwise.</summary>
    public uint ScopeId { get; }

    /// <summary>Whether this is an IPv4 address.</summary>
    public bool IsIPv4 => _value >> 32 == 0xFFFF;

    /// <summary>Whether this is a multicast address: 224.0.0.0/4 or ff00::/8.</summary>
    public bool IsMulticast => IsIPv4 ? IPv4 >> 28 == 0xE : _value >> 120 == 0xFF;

    /// <summary>The IPv4 address as a number: 127.0.0.1 is 0x7F000001.</summary>
    internal uint IPv4 => (uint)_value;

    internal UInt128 Value => _value;

    /// <summary>Allocates an end point with this address.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _value);
        return new IPEndPoint(IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes, ScopeId), Port);
    }

    /// <inheritdoc/>
    public override string ToString() => ToEndPoint().ToString();

    internal static PacketAddress OfIPv4(uint address, ushort port) => new(((UInt128)0xFFFF << 32) | address, port, 0);
}
