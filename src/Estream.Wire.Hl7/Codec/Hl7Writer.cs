using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Estream.Wire.Hl7.Codec;

/// <summary>Writes messages in UTF-8: segments field by field, with values escaped. Not thread-safe. Allocates nothing beyond its
/// destination.</summary>
public sealed class Hl7Writer
{
    private readonly IBufferWriter<byte> _destination;
    private readonly Hl7Delimiters _delimiters;
    private bool _isInSegment;

    /// <summary>Creates a writer.</summary>
    /// <param name="destination">Receives the message.</param>
    /// <param name="delimiters">The delimiters; must define escape and sub-component.</param>
    /// <exception cref="ArgumentException">The delimiters define no escape character or no sub-component.</exception>
    public Hl7Writer(IBufferWriter<byte> destination, Hl7Delimiters delimiters)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (delimiters.Escape == 0 || delimiters.SubComponent == 0)
        {
            throw new ArgumentException("A writer needs an escape character and a sub-component delimiter.", nameof(delimiters));
        }

        _destination = destination;
        _delimiters = delimiters;
    }

    /// <summary>Begins a segment. MSH, FHS and BHS get their fields 1 and 2, so that the next field is field 3.</summary>
    /// <param name="name">Three capital letters or digits, the first a letter.</param>
    /// <exception cref="ArgumentException">The name is not the name of a segment.</exception>
    public Hl7Writer Segment(ReadOnlySpan<byte> name)
    {
        if (name.Length != Hl7Segment.NameLength || !char.IsAsciiLetterUpper((char)name[0]) || !IsNameByte(name[1]) || !IsNameByte(name[2]))
        {
            throw new ArgumentException($"'{Encoding.Latin1.GetString(name)}' is not the name of a segment.", nameof(name));
        }

        EndSegment();
        _destination.Write(name);
        if (name.SequenceEqual("MSH"u8) || name.SequenceEqual("FHS"u8) || name.SequenceEqual("BHS"u8))
        {
            _destination.Write([_delimiters.Field, _delimiters.Component, _delimiters.Repetition, _delimiters.Escape]);
            _destination.Write([_delimiters.SubComponent]);
            if (_delimiters.Truncation != 0)
            {
                _destination.Write([_delimiters.Truncation]);
            }
        }

        _isInSegment = true;
        return this;
    }

    /// <summary>Begins the next field of the segment.</summary>
    public Hl7Writer Field() => Delimiter(_delimiters.Field);

    /// <summary>Begins the next field and writes its value.</summary>
    /// <param name="value">UTF-8 text; escaped as needed.</param>
    /// <exception cref="ArgumentException">The value is not UTF-8.</exception>
    public Hl7Writer Field(ReadOnlySpan<byte> value) => Field().Value(value);

    /// <summary>Begins the next field and copies its bytes.</summary>
    /// <param name="raw">A field of a message with the same delimiters and character set.</param>
    /// <exception cref="ArgumentException">The bytes contain a field separator or a line break.</exception>
    public Hl7Writer RawField(ReadOnlySpan<byte> raw)
    {
        if (raw.ContainsAny(_delimiters.Field, (byte)'\r', (byte)'\n'))
        {
            throw new ArgumentException("A raw field contains a field separator or a line break.", nameof(raw));
        }

        Delimiter(_delimiters.Field);
        _destination.Write(raw);
        return this;
    }

    /// <summary>Begins the next repetition of the field.</summary>
    public Hl7Writer Repetition() => Delimiter(_delimiters.Repetition);

    /// <summary>Begins the next component.</summary>
    public Hl7Writer Component() => Delimiter(_delimiters.Component);

    /// <summary>Begins the next component and writes its value.</summary>
    /// <param name="value">UTF-8 text; escaped as needed.</param>
    public Hl7Writer Component(ReadOnlySpan<byte> value) => Component().Value(value);

    /// <summary>Begins the next sub-component and writes its value.</summary>
    /// <param name="value">UTF-8 text; escaped as needed.</param>
    public Hl7Writer SubComponent(ReadOnlySpan<byte> value) => Delimiter(_delimiters.SubComponent).Value(value);

    /// <summary>Writes a value at the present position.</summary>
    /// <param name="value">UTF-8 text; escaped as needed.</param>
    /// <exception cref="ArgumentException">The value is not UTF-8.</exception>
    /// <exception cref="InvalidOperationException">No segment was begun.</exception>
    public Hl7Writer Value(ReadOnlySpan<byte> value)
    {
        RequireSegment();
        if (!Utf8.IsValid(value))
        {
            throw new ArgumentException("A value is not UTF-8.", nameof(value));
        }

        Hl7Escapes.Escape(value, _delimiters, _destination);
        return this;
    }

    /// <summary>Ends the last segment. Call it once, after the last field of the message.</summary>
    public void Complete() => EndSegment();

    private Hl7Writer Delimiter(byte delimiter)
    {
        RequireSegment();
        _destination.Write([delimiter]);
        return this;
    }

    private void EndSegment()
    {
        if (_isInSegment)
        {
            _destination.Write("\r"u8);
            _isInSegment = false;
        }
    }

    private void RequireSegment()
    {
        if (!_isInSegment)
        {
            throw new InvalidOperationException("Begin a segment before its fields.");
        }
    }

    private static bool IsNameByte(byte value) => char.IsAsciiLetterUpper((char)value) || char.IsAsciiDigit((char)value);
}
