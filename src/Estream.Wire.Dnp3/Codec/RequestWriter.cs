using System.Buffers.Binary;

namespace Estream.Wire.Dnp3.Codec;

/// <summary>Writes the objects of the requests of a master. Each method returns the octets written.</summary>
internal static class RequestWriter
{
    private const byte ClassGroup = 60;
    private const int TimeBytes = 6;

    /// <summary>The classes of a read, or of a request about unsolicited responses.</summary>
    /// <param name="classes">Bit 0: class 0, bit 1: class 1, and so on. Events come before class 0 (IEEE 1815, 4.1.4).</param>
    /// <param name="destination">At least 12 octets.</param>
    public static int Classes(Dnp3Classes classes, Span<byte> destination)
    {
        int length = 0;
        ReadOnlySpan<byte> order = [2, 3, 4, 1];
        foreach (byte variation in order)
        {
            if (((int)classes & (1 << (variation - 1))) != 0)
            {
                destination[length] = ClassGroup;
                destination[length + 1] = variation;
                destination[length + 2] = Qualifiers.All;
                length += 3;
            }
        }

        return length;
    }

    /// <summary>Clears IIN1.7, device restart: group 80, variation 1, index 7.</summary>
    public static int ClearRestart(Span<byte> destination)
    {
        ReadOnlySpan<byte> octets = [80, 1, Qualifiers.Range8, 7, 7, 0];
        octets.CopyTo(destination);
        return octets.Length;
    }

    /// <summary>A time: group 50, variation 1 for the non-LAN procedure and 3 for the LAN procedure.</summary>
    public static int Time(byte variation, long milliseconds, Span<byte> destination)
    {
        destination[0] = 50;
        destination[1] = variation;
        destination[2] = Qualifiers.Count8;
        destination[3] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], (uint)milliseconds);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], (ushort)(milliseconds >> 32));
        return 4 + TimeBytes;
    }

    /// <summary>Reads the delay of a response to a delay measurement: group 52.</summary>
    /// <returns>Milliseconds; -1 if there is none.</returns>
    public static int ReadDelay(ReadOnlySpan<byte> objects)
    {
        ObjectReader reader = new(objects);
        if (!reader.MoveNext() || reader.Group != 52 || reader.Data.Length != 2)
        {
            return -1;
        }

        int delay = BinaryPrimitives.ReadUInt16LittleEndian(reader.Data);
        return reader.Variation == 1 ? delay * 1_000 : delay;
    }
}
