using System.Buffers.Binary;
using System.Text.Unicode;

namespace Estream.Wire.Mqtt.Codec;

/// <summary>Reads the data types of section 1.5 from the body of a packet. Never reads past its end and never throws.</summary>
internal ref struct WireReader
{
    private const string Truncated = "a field extends past the end of its packet (section 4.13)";

    public WireReader(ReadOnlySpan<byte> data)
    {
        Rest = data;
        Why = null;
    }

    /// <summary>The bytes that are not read yet.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; }

    /// <summary>The reason of the failure; set by the method that returned false.</summary>
    public string? Why { get; private set; }

    public readonly bool IsAtEnd => Rest.IsEmpty;

    public readonly Fault Malformed => Fault.Malformed(Why ?? Truncated);

    public bool TryReadByte(out byte value)
    {
        if (Rest.IsEmpty)
        {
            value = 0;
            return Fail(Truncated);
        }

        value = Rest[0];
        Rest = Rest[1..];
        return true;
    }

    public bool TryReadUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(Rest, out value))
        {
            return Fail(Truncated);
        }

        Rest = Rest[2..];
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(Rest, out value))
        {
            return Fail(Truncated);
        }

        Rest = Rest[4..];
        return true;
    }

    public bool TryReadVarInt(out uint value)
    {
        VarIntStatus status = VarInt.TryRead(Rest, out value, out int bytes);
        if (status != VarIntStatus.Read)
        {
            return Fail(status == VarIntStatus.Incomplete
                ? Truncated
                : "a variable byte integer is longer than necessary, or than four bytes [MQTT-1.5.5-1]");
        }

        Rest = Rest[bytes..];
        return true;
    }

    /// <summary>Reads a two-byte length, then that many bytes.</summary>
    public bool TryReadBinary(out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryReadUInt16(out ushort length))
        {
            return false;
        }

        return TryTake(length, out value);
    }

    /// <summary>Reads a UTF-8 Encoded String: binary data that is well-formed UTF-8 without U+0000.</summary>
    public bool TryReadString(out ReadOnlySpan<byte> value)
    {
        return TryReadBinary(out value) && CheckString(value);
    }

    public bool TryTake(int length, out ReadOnlySpan<byte> value)
    {
        if ((uint)length > (uint)Rest.Length)
        {
            value = default;
            return Fail(Truncated);
        }

        value = Rest[..length];
        Rest = Rest[length..];
        return true;
    }

    private bool CheckString(scoped ReadOnlySpan<byte> value)
    {
        if (!Utf8.IsValid(value))
        {
            return Fail("a string is not well-formed UTF-8 [MQTT-1.5.4-1]");
        }

        return !value.Contains((byte)0) || Fail("a string contains U+0000 [MQTT-1.5.4-2]");
    }

    private bool Fail(string why)
    {
        Why = why;
        return false;
    }
}
