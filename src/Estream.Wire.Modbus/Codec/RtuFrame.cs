using System.Buffers.Binary;

namespace Estream.Wire.Modbus;

/// <summary>Frames of a serial line (Modbus over Serial Line V1.02, 2.5.1): address, PDU and CRC-16.</summary>
public static class RtuFrame
{
    /// <summary>The bytes of a frame in addition to its PDU.</summary>
    public const int Overhead = 3;

    private const int MinFrameBytes = 4;
    private const ushort Polynomial = 0xA001;

    private static readonly ushort[] s_table = CreateTable();

    /// <summary>The CRC of bytes, initial value 0xFFFF (Modbus over Serial Line V1.02, 6.2.2). The frame has its low byte first.</summary>
    public static ushort Crc(ReadOnlySpan<byte> bytes)
    {
        ushort crc = 0xFFFF;
        foreach (byte one in bytes)
        {
            crc = (ushort)((crc >> 8) ^ s_table[(byte)(crc ^ one)]);
        }

        return crc;
    }

    /// <summary>Writes a frame.</summary>
    /// <param name="unit">The address of the unit; 0 for all units.</param>
    /// <param name="pdu">The PDU.</param>
    /// <param name="destination">At least three bytes more than the PDU.</param>
    /// <returns>The bytes written.</returns>
    public static int Write(byte unit, ReadOnlySpan<byte> pdu, Span<byte> destination)
    {
        destination[0] = unit;
        pdu.CopyTo(destination[1..]);
        int length = pdu.Length + 1;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[length..], Crc(destination[..length]));
        return length + 2;
    }

    /// <summary>Checks length and CRC of a whole frame.</summary>
    public static bool IsValid(ReadOnlySpan<byte> frame) =>
        frame.Length is >= MinFrameBytes and <= ModbusLimits.MaxRtuFrameBytes
            && Crc(frame[..^2]) == BinaryPrimitives.ReadUInt16LittleEndian(frame[^2..]);

    /// <summary>The length of the response frame that begins with these bytes.</summary>
    /// <param name="start">The received bytes, beginning with the address.</param>
    /// <param name="request">The PDU of the request.</param>
    /// <returns>The length in bytes; 0 if more bytes are needed to tell; -1 if only silence ends the frame.</returns>
    public static int ResponseLength(ReadOnlySpan<byte> start, ReadOnlySpan<byte> request)
    {
        if (start.Length < 2)
        {
            return 0;
        }

        byte function = start[1];
        if ((function & ModbusLimits.ExceptionBit) != 0)
        {
            return 5;
        }

        switch ((ModbusFunctionCode)function)
        {
            case ModbusFunctionCode.ReadExceptionStatus:
                return 5;
            case ModbusFunctionCode.WriteSingleCoil or ModbusFunctionCode.WriteSingleRegister or ModbusFunctionCode.GetCommEventCounter
                or ModbusFunctionCode.WriteMultipleCoils or ModbusFunctionCode.WriteMultipleRegisters:
                return 8;
            case ModbusFunctionCode.MaskWriteRegister:
                return 10;
            case ModbusFunctionCode.Diagnostics:
                return request.Length + Overhead;
            case ModbusFunctionCode.ReadFifoQueue:
                return start.Length < 4 ? 0 : Limit(4 + BinaryPrimitives.ReadUInt16BigEndian(start[2..]) + 2);
            case ModbusFunctionCode.EncapsulatedInterface:
                return DeviceIdentificationLength(start);
            case ModbusFunctionCode.ReadCoils or ModbusFunctionCode.ReadDiscreteInputs or ModbusFunctionCode.ReadHoldingRegisters
                or ModbusFunctionCode.ReadInputRegisters or ModbusFunctionCode.GetCommEventLog or ModbusFunctionCode.ReportServerId
                or ModbusFunctionCode.ReadFileRecord or ModbusFunctionCode.WriteFileRecord
                or ModbusFunctionCode.ReadWriteMultipleRegisters:
                return start.Length < 3 ? 0 : Limit(3 + start[2] + 2);
            default:
                return -1;
        }
    }

    /// <summary>The length of the request frame that begins with these bytes.</summary>
    /// <param name="start">The received bytes, beginning with the address.</param>
    /// <returns>The length in bytes; 0 if more bytes are needed to tell; -1 if only silence ends the frame.</returns>
    public static int RequestLength(ReadOnlySpan<byte> start)
    {
        if (start.Length < 2)
        {
            return 0;
        }

        return (ModbusFunctionCode)start[1] switch
        {
            >= ModbusFunctionCode.ReadCoils and <= ModbusFunctionCode.WriteSingleRegister => 8,
            ModbusFunctionCode.ReadExceptionStatus or ModbusFunctionCode.GetCommEventCounter or ModbusFunctionCode.GetCommEventLog
                or ModbusFunctionCode.ReportServerId => 4,
            ModbusFunctionCode.WriteMultipleCoils or ModbusFunctionCode.WriteMultipleRegisters =>
                start.Length < 7 ? 0 : Limit(7 + start[6] + 2),
            ModbusFunctionCode.ReadFileRecord or ModbusFunctionCode.WriteFileRecord => start.Length < 3 ? 0 : Limit(3 + start[2] + 2),
            ModbusFunctionCode.MaskWriteRegister => 10,
            ModbusFunctionCode.ReadWriteMultipleRegisters => start.Length < 11 ? 0 : Limit(11 + start[10] + 2),
            ModbusFunctionCode.ReadFifoQueue => 6,
            _ => -1,
        };
    }

    /// <summary>Walks the objects of a device identification (6.21), which has no byte count.</summary>
    private static int DeviceIdentificationLength(ReadOnlySpan<byte> start)
    {
        const int ObjectsAt = 8;
        if (start.Length < 3)
        {
            return 0;
        }

        if (start[2] != DeviceIdentification.MeiType)
        {
            return -1;
        }

        if (start.Length < ObjectsAt)
        {
            return 0;
        }

        int end = ObjectsAt;
        for (int left = start[ObjectsAt - 1]; left > 0; left--)
        {
            if (end > ModbusLimits.MaxRtuFrameBytes)
            {
                return -1;
            }

            if (start.Length < end + 2)
            {
                return 0;
            }

            end += 2 + start[end + 1];
        }

        return Limit(end + 2);
    }

    private static int Limit(int length) => length <= ModbusLimits.MaxRtuFrameBytes ? length : -1;

    private static ushort[] CreateTable()
    {
        ushort[] table = new ushort[256];
        for (int index = 0; index < table.Length; index++)
        {
            ushort crc = (ushort)index;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (ushort)((crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1);
            }

            table[index] = crc;
        }

        return table;
    }
}
