using System.Text;

namespace Estream.Wire.Modbus;

/// <summary>Reads and writes the objects of a device identification (6.21): vendor, product, revision, and so on.</summary>
public static class DeviceIdentification
{
    internal const byte MeiType = 0x0E;

    private const int HeaderBytes = 7;
    private const byte BasicConformity = 0x81;
    private const byte RegularConformity = 0x82;

    /// <summary>Reads the objects of a response to <see cref="ModbusRequest.ReadDeviceIdentification"/>.</summary>
    /// <param name="pdu">The PDU of the response.</param>
    /// <param name="objects">Receives the objects by their ids: 0 vendor, 1 product code, 2 revision, 3 URL, 4 product name, 5 model,
    /// 6 application.</param>
    /// <param name="next">The object to ask for next; null if there are no more.</param>
    /// <returns>False if the PDU is malformed.</returns>
    public static bool TryRead(ReadOnlySpan<byte> pdu, IDictionary<byte, string> objects, out byte? next)
    {
        ArgumentNullException.ThrowIfNull(objects);
        next = null;
        if (pdu.Length < HeaderBytes || pdu[0] != (byte)ModbusFunctionCode.EncapsulatedInterface || pdu[1] != MeiType)
        {
            return false;
        }

        int at = HeaderBytes;
        for (int left = pdu[6]; left > 0; left--)
        {
            if (pdu.Length - at < 2 || pdu.Length - at - 2 < pdu[at + 1])
            {
                return false;
            }

            objects[pdu[at]] = Encoding.UTF8.GetString(pdu.Slice(at + 2, pdu[at + 1]));
            at += 2 + pdu[at + 1];
        }

        next = pdu[4] == 0xFF ? pdu[5] : null;
        return at == pdu.Length;
    }

    /// <summary>Writes a response with the objects of a category that fit, from an object on.</summary>
    /// <param name="request">The PDU of the request.</param>
    /// <param name="objects">The objects in the order of their ids 0, 1, …; at least the three basic ones.</param>
    /// <param name="destination">Receives the PDU.</param>
    /// <param name="length">The bytes written.</param>
    internal static ModbusExceptionCode TryWrite(
        ReadOnlySpan<byte> request, IReadOnlyList<byte[]> objects, Span<byte> destination, out int length)
    {
        length = 0;
        if (request.Length != 4 || request[2] is 0 or > 4)
        {
            return ModbusExceptionCode.IllegalDataValue;
        }

        byte category = request[2];
        int first = request[3];
        if (category == 4 && first >= objects.Count)
        {
            return ModbusExceptionCode.IllegalDataAddress;
        }

        int end = category switch { 1 => Math.Min(3, objects.Count), 4 => first + 1, _ => objects.Count };
        first = first < end ? first : 0;
        request[..3].CopyTo(destination);
        destination[3] = objects.Count > 3 ? RegularConformity : BasicConformity;
        int at = HeaderBytes;
        int index = first;
        for (; index < end && at + 2 + objects[index].Length <= ModbusLimits.MaxPduBytes; index++)
        {
            destination[at] = (byte)index;
            destination[at + 1] = (byte)objects[index].Length;
            objects[index].CopyTo(destination[(at + 2)..]);
            at += 2 + objects[index].Length;
        }

        destination[4] = index < end ? (byte)0xFF : (byte)0;
        destination[5] = index < end ? (byte)index : (byte)0;
        destination[6] = (byte)(index - first);
        length = at;
        return ModbusExceptionCode.None;
    }
}
