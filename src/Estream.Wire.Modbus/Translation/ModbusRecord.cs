using System.Buffers.Binary;

namespace Estream.Wire.Modbus.Translation;

/// <summary>
/// A request with its response as the payload of a <see cref="WireMessage"/>: device index, times, transaction, unit, poll number, and both
/// PDUs. Little-endian.
/// </summary>
internal readonly ref struct ModbusRecord
{
    private const int HeaderBytes = 32;

    /// <summary>The longest record in bytes.</summary>
    public const int MaxBytes = HeaderBytes + (2 * ModbusLimits.MaxPduBytes);

    private readonly ReadOnlySpan<byte> _bytes;

    private ModbusRecord(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The index of the device; -1 for the device of a server.</summary>
    public int Device => BinaryPrimitives.ReadInt32LittleEndian(_bytes);

    public long RequestedAt => BinaryPrimitives.ReadInt64LittleEndian(_bytes[4..]);

    public long AnsweredAt => BinaryPrimitives.ReadInt64LittleEndian(_bytes[12..]);

    public ushort TransactionId => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[20..]);

    public byte Unit => _bytes[22];

    /// <summary>The number of the poll; 0 for none.</summary>
    public ulong Sequence => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[24..]);

    public ReadOnlySpan<byte> Request => _bytes.Slice(HeaderBytes, _bytes[23]);

    public ReadOnlySpan<byte> Response => _bytes[(HeaderBytes + _bytes[23])..];

    /// <returns>False if the bytes are too short, or one of the PDUs is empty or too long.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ModbusRecord record)
    {
        record = new ModbusRecord(bytes);
        return bytes.Length > HeaderBytes && bytes[23] is > 0 and <= ModbusLimits.MaxPduBytes
            && bytes.Length - HeaderBytes - bytes[23] is > 0 and <= ModbusLimits.MaxPduBytes;
    }

    /// <returns>The bytes written.</returns>
    public static int Write(
        int device, long requestedAt, long answeredAt, ushort transaction, byte unit, long sequence,
        ReadOnlySpan<byte> request, ReadOnlySpan<byte> response, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, device);
        BinaryPrimitives.WriteInt64LittleEndian(destination[4..], requestedAt);
        BinaryPrimitives.WriteInt64LittleEndian(destination[12..], answeredAt);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[20..], transaction);
        destination[22] = unit;
        destination[23] = (byte)request.Length;
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], sequence);
        request.CopyTo(destination[HeaderBytes..]);
        response.CopyTo(destination[(HeaderBytes + request.Length)..]);
        return HeaderBytes + request.Length + response.Length;
    }
}
