using System.Buffers.Binary;
using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>32 bytes as a key of a dictionary.</summary>
internal readonly record struct Hash32(UInt128 First, UInt128 Second)
{
    public static Hash32 Of(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128LittleEndian(bytes), BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]));
}
