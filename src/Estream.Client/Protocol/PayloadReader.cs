using System.Buffers;
using System.Buffers.Binary;

namespace Estream.Client.Protocol;

/// <summary>
/// Reads the fields of a payload. After the first field that does not fit, all later fields are empty and <see cref="IsValid"/> is false,
/// so a caller checks once, after the last field.
/// </summary>
internal ref struct PayloadReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;
    private bool _failed;

    /// <summary>Whether all fields were present.</summary>
    public readonly bool IsValid => !_failed;

    /// <summary>Whether all fields were present, and nothing follows the last field.</summary>
    public readonly bool IsComplete => !_failed && _rest.IsEmpty;

    /// <summary>Takes all remaining bytes.</summary>
    public ReadOnlySpan<byte> Rest() => Take(_rest.Length);

    public byte Byte() => Take(1) is [byte value] ? value : (byte)0;

    public ushort UInt16() => Take(sizeof(ushort)) is { Length: > 0 } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

    public uint UInt32() => Take(sizeof(uint)) is { Length: > 0 } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    public long Int64() => Take(sizeof(long)) is { Length: > 0 } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    /// <summary>Reads bytes with a length of two bytes before them.</summary>
    public ReadOnlySpan<byte> ShortBytes() => Take(UInt16());

    /// <summary>Reads bytes with a length of four bytes before them.</summary>
    public ReadOnlySpan<byte> LongBytes() => Take(UInt32());

    /// <summary>Takes a number of bytes.</summary>
    public ReadOnlySpan<byte> Take(long count)
    {
        if (_failed || count > _rest.Length)
        {
            _failed = true;
            _rest = default;
            return default;
        }

        ReadOnlySpan<byte> taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    /// <summary>Returns a payload as one span; copies it to <paramref name="scratch"/> if it is in several segments.</summary>
    public static ReadOnlySpan<byte> Span(in ReadOnlySequence<byte> payload, ref byte[] scratch)
    {
        if (payload.IsSingleSegment)
        {
            return payload.FirstSpan;
        }

        int length = (int)payload.Length;
        if (scratch.Length < length)
        {
            scratch = new byte[Math.Max(length, 2 * scratch.Length)];
        }

        payload.CopyTo(scratch);
        return scratch.AsSpan(0, length);
    }
}
