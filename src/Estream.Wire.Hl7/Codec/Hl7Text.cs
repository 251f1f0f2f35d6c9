using System.Text;

namespace Estream.Wire.Hl7.Codec;

/// <summary>Converts raw values of a message to UTF-8 text: replaces escape sequences and converts the character set. A value of plain
/// ASCII
/// costs one scan and no copy. Allocates nothing once its buffer has the size of the longest value. Not thread-safe.</summary>
public sealed class Hl7Text
{
    private const int InitialBytes = 1_024;

    private byte[] _unescaped = new byte[InitialBytes];
    private byte[] _text = new byte[InitialBytes];
    private Hl7Delimiters _delimiters;
    private Hl7CharacterSet _set = Hl7CharacterSet.Unspecified;

    // The value of MSH-18 for which _set was found. Cached, because most messages of a sender have the same value.
    private readonly byte[] _setName = new byte[Hl7CharacterSet.MaxName];
    private int _setNameLength;

    // Whether the message is ASCII without an escape character, so that each raw value is its text.
    private bool _isPlain;

    /// <summary>Takes the delimiters and the character set of a message.</summary>
    /// <param name="message">The message.</param>
    /// <returns>False if MSH-18 names an unsupported character set.</returns>
    public bool TryBegin(in Hl7Message message)
    {
        _delimiters = message.Delimiters;
        _isPlain = false;
        ReadOnlySpan<byte> name = message.Header[18].First.Bytes.Trim((byte)' ');
        if (!name.SequenceEqual(_setName.AsSpan(0, _setNameLength)))
        {
            _setNameLength = 0;
            if (!Hl7CharacterSet.TryFind(name, out _set))
            {
                _set = Hl7CharacterSet.Unspecified;
                return false;
            }

            name.CopyTo(_setName);
            _setNameLength = name.Length;
        }

        _isPlain = _set.IsAsciiBased && Ascii.IsValid(message.Bytes)
            && (_delimiters.Escape == 0 || !message.Bytes[_delimiters.HeaderBytes..].Contains(_delimiters.Escape));
        return true;
    }

    /// <summary>Converts a value.</summary>
    /// <param name="raw">The raw value of a component or sub-component of the message of <see cref="TryBegin"/>.</param>
    /// <returns>The text in UTF-8, valid until the next call. Empty for an absent and for a null value.</returns>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty || raw.SequenceEqual("\"\""u8))
        {
            return [];
        }

        if (_isPlain)
        {
            return raw;
        }

        bool hasEscape = _delimiters.Escape != 0 && raw.Contains(_delimiters.Escape);
        if (!hasEscape && _set.IsAsciiBased && Ascii.IsValid(raw))
        {
            return raw;
        }

        if (hasEscape)
        {
            Reserve(ref _unescaped, raw.Length);
            int length = Hl7Escapes.Unescape(raw, _delimiters, _unescaped);
            raw = _unescaped.AsSpan(0, length);
        }

        Reserve(ref _text, Hl7CharacterSet.MaxUtf8Length(raw.Length));
        return _text.AsSpan(0, _set.ToUtf8(raw, _text));
    }

    /// <summary>Overwrites the buffers, which may contain private values.</summary>
    public void Clear()
    {
        _unescaped.AsSpan().Clear();
        _text.AsSpan().Clear();
    }

    private static void Reserve(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer.AsSpan().Clear();
            buffer = new byte[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length)];
        }
    }
}
