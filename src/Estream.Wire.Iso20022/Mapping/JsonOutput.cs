using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>JSON on its way to a message of ESF, up to a limit: what is beyond it is not kept, and <see cref="IsTooLong"/> says so. Used
/// again and again without allocating.</summary>
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

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>How much was written.</summary>
    public int Length => _length;

    /// <summary>Whether something was not kept.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Writes a sign of JSON.</summary>
    public void Sign(char sign)
    {
        if (TryReserve(1))
        {
            _bytes[_length++] = (byte)sign;
        }
    }

    /// <summary>Writes bytes that are JSON already.</summary>
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
    /// <param name="before">JSON that stands before it.</param>
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

    /// <summary>Takes back what was written behind a place. It is overwritten: it may be private. What was not kept stays lost.</summary>
    public void Truncate(int length)
    {
        CryptographicOperations.ZeroMemory(_bytes.AsSpan(length, _length - length));
        _length = length;
    }

    /// <summary>Makes it empty, and ready for another message.</summary>
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
