using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>A reusable buffer for the JSON of an ESF message, with a maximum length. Data beyond it is dropped and sets
/// <see cref="IsTooLong"/>.</summary>
internal sealed class JsonOutput
{
    private static readonly SearchValues<byte> s_escaped =
        SearchValues.Create((byte[])[(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(value => (byte)value)]);

    private readonly int _maxBytes;
    private byte[] _bytes;
    private int _length;

    public JsonOutput(int maxBytes)
    {
        _maxBytes = maxBytes;
        _bytes = new byte[Math.Min(maxBytes, 4_096)];
    }

    /// <summary>The bytes written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>The number of bytes written.</summary>
    public int Length => _length;

    /// <summary>Whether data was dropped.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Writes a structural character of JSON.</summary>
    public void Sign(char sign)
    {
        if (TryReserve(1))
        {
            _bytes[_length++] = (byte)sign;
        }
    }

    /// <summary>Writes raw JSON.</summary>
    public void Raw(ReadOnlySpan<byte> json)
    {
        if (TryReserve(json.Length))
        {
            json.CopyTo(_bytes.AsSpan(_length));
            _length += json.Length;
        }
    }

    /// <summary>Writes a number.</summary>
    public void Number(int value)
    {
        const int MaxDigits = 11;
        if (TryReserve(MaxDigits))
        {
            Utf8Formatter.TryFormat(value, _bytes.AsSpan(_length), out int written);
            _length += written;
        }
    }

    /// <summary>Writes text as a string.</summary>
    /// <param name="before">Raw JSON to write first.</param>
    /// <param name="text">The text.</param>
    public void Text(ReadOnlySpan<byte> before, ReadOnlySpan<byte> text)
    {
        if (text.ContainsAny(s_escaped))
        {
            Raw(before);
            Escaped(text);
            return;
        }

        int length = before.Length + text.Length + 2;
        if (TryReserve(length))
        {
            Span<byte> room = _bytes.AsSpan(_length, length);
            before.CopyTo(room);
            room[before.Length] = (byte)'"';
            text.CopyTo(room[(before.Length + 1)..]);
            room[^1] = (byte)'"';
            _length += length;
        }
    }

    private void Escaped(ReadOnlySpan<byte> text)
    {
        Sign('"');
        int special;
        while ((special = text.IndexOfAny(s_escaped)) >= 0)
        {
            Raw(text[..special]);
            Escape(text[special]);
            text = text[(special + 1)..];
        }

        Raw(text);
        Sign('"');
    }

    /// <summary>Truncates the output and overwrites the removed bytes, which may be private. Dropped data stays lost.</summary>
    public void Truncate(int length)
    {
        CryptographicOperations.ZeroMemory(_bytes.AsSpan(length, _length - length));
        _length = length;
    }

    /// <summary>Clears the buffer for another message.</summary>
    public void Clear()
    {
        Truncate(0);
        IsTooLong = false;
    }

    private void Escape(byte value)
    {
        if (value >= 0x20)
        {
            Sign('\\');
            Sign((char)value);
            return;
        }

        Raw("\\u00"u8);
        Sign(value < 0x10 ? '0' : '1');
        Raw("0123456789abcdef"u8.Slice(value & 0x0F, 1));
    }

    private bool TryReserve(int length)
    {
        if (length <= _bytes.Length - _length)
        {
            return true;
        }

        if (IsTooLong || length > _maxBytes - _length)
        {
            IsTooLong = true;
            return false;
        }

        byte[] longer = new byte[(int)Math.Min(_maxBytes, Math.Max(_length + (long)length, 2L * _bytes.Length))];
        Written.CopyTo(longer);
        CryptographicOperations.ZeroMemory(_bytes);
        _bytes = longer;
        return true;
    }
}
