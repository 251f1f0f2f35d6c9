using System.Buffers.Binary;

namespace Estream.Wire.Modbus;

/// <summary>The header of a frame on TCP (Modbus Messaging on TCP/IP V1.0b, 3.1.3): transaction, protocol 0, length, unit.</summary>
/// <param name="TransactionId">Identifies the request; the response repeats it.</param>
/// <param name="UnitId">The unit; 255 or 0 if the endpoint itself is the device.</param>
/// <param name="PduLength">The bytes of the PDU after the header, 1 to 253.</param>
public readonly record struct MbapHeader(ushort TransactionId, byte UnitId, int PduLength)
{
    /// <summary>The length of the header in bytes.</summary>
    public const int Length = 7;

    /// <summary>Writes the header.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, TransactionId);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], (ushort)(PduLength + 1));
        destination[6] = UnitId;
    }

    /// <summary>Reads the header at the start of received bytes.</summary>
    /// <param name="source">The received bytes.</param>
    /// <param name="header">The header, if the result is <see cref="ModbusFrameStatus.Ok"/>.</param>
    /// <returns><see cref="ModbusFrameStatus.Incomplete"/> until the whole frame is there; <see cref="ModbusFrameStatus.Invalid"/> if the
    /// bytes are not Modbus, so that the next frame cannot be found.</returns>
    public static ModbusFrameStatus TryRead(ReadOnlySpan<byte> source, out MbapHeader header)
    {
        header = default;
        if (source.Length < 6)
        {
            return ModbusFrameStatus.Incomplete;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(source[4..]);
        if (BinaryPrimitives.ReadUInt16BigEndian(source[2..]) != 0 || length is < 2 or > ModbusLimits.MaxPduBytes + 1)
        {
            return ModbusFrameStatus.Invalid;
        }

        if (source.Length < 6 + length)
        {
            return ModbusFrameStatus.Incomplete;
        }

        header = new MbapHeader(BinaryPrimitives.ReadUInt16BigEndian(source), source[6], length - 1);
        return ModbusFrameStatus.Ok;
    }
}

/// <summary>The outcome of looking for a frame in received bytes.</summary>
public enum ModbusFrameStatus
{
    /// <summary>A whole frame is there.</summary>
    Ok,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>The bytes are not a frame.</summary>
    Invalid,
}
