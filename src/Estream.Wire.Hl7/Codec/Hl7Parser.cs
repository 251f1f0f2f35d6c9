using System.Numerics;
using System.Runtime.Intrinsics;
using Estream.Core;

namespace Estream.Wire.Hl7.Codec;

/// <summary>
/// Indexes the segments and fields of messages without a copy (HL7 v2, chapter 2, "Message construction rules"). Components are found on
/// access. Reuse a parser: it keeps its index and allocates nothing once the index has the size of the largest message. Not thread-safe.
/// </summary>
/// <remarks>
/// A segment ends with CR. Also accepted: CR LF, and LF if a segment name follows, since files and some senders use them. Any other LF
/// belongs to its field. A byte order mark before MSH and empty lines are skipped.
/// </remarks>
public sealed class Hl7Parser
{
    private const int BlockLength = 64;
    private const int HalfLength = BlockLength / 2;
    private const int InitialSegments = 64;
    private const int InitialFields = 1_024;

    private readonly Hl7Limits _limits;
    private int[] _fields = new int[InitialFields];
    private Hl7Entry[] _segments = new Hl7Entry[InitialSegments];
    private int _fieldCount;
    private int _segmentCount;
    private int _segmentStart;
    private int _firstField;

    /// <summary>Creates a parser.</summary>
    /// <param name="limits">The limits; null for the defaults.</param>
    public Hl7Parser(Hl7Limits? limits = null)
    {
        _limits = limits ?? Hl7Limits.Default;
    }

    /// <summary>Parses a message. Costs one pass over its bytes.</summary>
    /// <param name="bytes">The message without framing.</param>
    /// <param name="message">The message: a view of <paramref name="bytes"/> and of this parser, valid until the next call.</param>
    public Hl7Status Parse(ReadOnlySpan<byte> bytes, out Hl7Message message)
    {
        message = default;
        if (bytes.Length > _limits.MaxMessageBytes)
        {
            return Hl7Status.TooLong;
        }

        ReadOnlySpan<byte> text = Trim(bytes);
        if (text.IsEmpty)
        {
            return Hl7Status.Empty;
        }

        if (!text.StartsWith("MSH"u8))
        {
            return Hl7Status.NoHeader;
        }

        if (!Hl7Delimiters.TryRead(text, out Hl7Delimiters delimiters))
        {
            return Hl7Status.InvalidDelimiters;
        }

        Hl7Status status = Index(text, delimiters.Field);
        if (status == Hl7Status.Ok)
        {
            message = new Hl7Message(text, _segments.AsSpan(0, _segmentCount), _fields.AsSpan(0, _fieldCount), delimiters);
        }

        return status;
    }

    /// <summary>Returns the message of the last successful <see cref="Parse"/> again.</summary>
    /// <param name="bytes">The bytes that were parsed; unchanged since.</param>
    internal Hl7Message Last(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> text = Trim(bytes);
        Hl7Delimiters.TryRead(text, out Hl7Delimiters delimiters);
        return new Hl7Message(text, _segments.AsSpan(0, _segmentCount), _fields.AsSpan(0, _fieldCount), delimiters);
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes) =>
        (bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes).TrimStart("\r\n"u8);

    private Hl7Status Index(ReadOnlySpan<byte> text, byte separator)
    {
        _fieldCount = 0;
        _segmentCount = 0;
        Begin(0);
        Vector256<byte> separators = Vector256.Create(separator);
        for (int block = 0; block < text.Length; block += BlockLength)
        {
            Find(text, block, separators, out ulong starts, out ulong ends);
            if (_fields.Length - _fieldCount < BlockLength + 1 && !TryGrow())
            {
                return Hl7Status.TooManyFields;
            }

            for (; ends != 0; ends &= ends - 1)
            {
                int bit = BitOperations.TrailingZeroCount(ends);
                int at = block + bit;

                // The LF of a CR LF has already ended the segment; another LF can belong to a field.
                if (at < _segmentStart || (text[at] != (byte)'\r' && !StartsSegment(text[(at + 1)..], separator)))
                {
                    continue;
                }

                ulong before = (1UL << bit) - 1;
                AddFields(block, starts & before);
                starts &= ~before;
                Hl7Status status = End(text, at, separator);
                if (status != Hl7Status.Ok)
                {
                    return status;
                }
            }

            AddFields(block, starts);
        }

        Hl7Status last = End(text, text.Length, separator);
        return last != Hl7Status.Ok ? last : _fieldCount > _limits.MaxFields ? Hl7Status.TooManyFields : Hl7Status.Ok;
    }

    /// <summary>Adds the starts of the fields after separators.</summary>
    /// <param name="block">The offset of the block.</param>
    /// <param name="separators">The separators in the block.</param>
    private void AddFields(int block, ulong separators)
    {
        Span<int> added = _fields.AsSpan(_fieldCount, BitOperations.PopCount(separators));
        for (int i = 0; i < added.Length; i++)
        {
            added[i] = block + BitOperations.TrailingZeroCount(separators) + 1;
            separators &= separators - 1;
        }

        _fieldCount += added.Length;
    }

    private void Begin(int start)
    {
        _segmentStart = start;
        _firstField = _fieldCount;
        _fields[_fieldCount++] = start;
    }

    /// <summary>Ends the segment at an offset and begins the next.</summary>
    private Hl7Status End(ReadOnlySpan<byte> text, int end, byte separator)
    {
        int next = end + 1;
        if (next < text.Length && text[end] == (byte)'\r' && text[next] == (byte)'\n')
        {
            next++;
        }

        if (end == _segmentStart)
        {
            // An empty line.
            _fieldCount = _firstField;
            Begin(next);
            return Hl7Status.Ok;
        }

        ReadOnlySpan<byte> segment = text[_segmentStart..end];
        if (!IsName(segment) || !IsNameAlone(segment, separator))
        {
            return Hl7Status.InvalidSegmentName;
        }

        if (_segmentCount > 0 && segment.StartsWith("MSH"u8))
        {
            return Hl7Status.SecondHeader;
        }

        if (_segmentCount == _limits.MaxSegments)
        {
            return Hl7Status.TooManySegments;
        }

        if (_segmentCount == _segments.Length)
        {
            Array.Resize(ref _segments, Math.Min(2 * _segments.Length, _limits.MaxSegments));
        }

        if (_fields.Length - _fieldCount < BlockLength + 2 && !TryGrow())
        {
            return Hl7Status.TooManyFields;
        }

        // The start of a field that would follow: every field ends one byte before the start of the next.
        _fields[_fieldCount++] = end + 1;
        _segments[_segmentCount++] = new Hl7Entry(_firstField, _fieldCount - _firstField - 1);
        Begin(next);
        return Hl7Status.Ok;
    }

    private bool TryGrow()
    {
        // Each segment adds two entries that are not fields.
        long most = _limits.MaxFields + (2L * _limits.MaxSegments) + (4 * BlockLength);
        if (_fields.Length >= most)
        {
            return false;
        }

        Array.Resize(ref _fields, (int)Math.Min(2L * _fields.Length, most));
        return true;
    }

    private static bool StartsSegment(ReadOnlySpan<byte> rest, byte separator) =>
        rest.IsEmpty || rest[0] is (byte)'\r' or (byte)'\n'
        || (IsName(rest) && (rest.Length == Hl7Segment.NameLength || rest[Hl7Segment.NameLength] == separator));

    private static bool IsName(ReadOnlySpan<byte> text) =>
        text.Length >= Hl7Segment.NameLength && char.IsAsciiLetterUpper((char)text[0]) && IsNameByte(text[1]) && IsNameByte(text[2]);

    /// <summary>Whether nothing but blanks stands between the name and the first separator or the end.</summary>
    private static bool IsNameAlone(ReadOnlySpan<byte> segment, byte separator) =>
        segment.Length == Hl7Segment.NameLength || segment[Hl7Segment.NameLength] == separator
        || segment[Hl7Segment.NameLength..].Trim((byte)' ').IsEmpty;

    private static bool IsNameByte(byte value) => char.IsAsciiLetterUpper((char)value) || char.IsAsciiDigit((char)value);

    /// <summary>Finds the separators, and the CR and LF, of a block.</summary>
    private static void Find(ReadOnlySpan<byte> text, int block, Vector256<byte> separators, out ulong starts, out ulong ends)
    {
        if (text.Length < BlockLength)
        {
            FindOneByOne(text, separators[0], out starts, out ends);
            return;
        }

        // The last block begins early, and its first bytes are shifted out.
        int from = Math.Min(block, text.Length - BlockLength);
        Vector256<byte> low = SpanValue.Read<Vector256<byte>>(text, from);
        Vector256<byte> high = SpanValue.Read<Vector256<byte>>(text, from + HalfLength);
        starts = Bits(Vector256.Equals(low, separators), Vector256.Equals(high, separators)) >> (block - from);
        ends = Bits(Ends(low), Ends(high)) >> (block - from);
    }

    private static Vector256<byte> Ends(Vector256<byte> bytes) =>
        Vector256.Equals(bytes, Vector256.Create((byte)'\r')) | Vector256.Equals(bytes, Vector256.Create((byte)'\n'));

    private static ulong Bits(Vector256<byte> low, Vector256<byte> high) =>
        low.ExtractMostSignificantBits() | ((ulong)high.ExtractMostSignificantBits() << HalfLength);

    private static void FindOneByOne(ReadOnlySpan<byte> text, byte separator, out ulong starts, out ulong ends)
    {
        starts = 0;
        ends = 0;
        for (int i = 0; i < text.Length; i++)
        {
            starts |= text[i] == separator ? 1UL << i : 0;
            ends |= text[i] is (byte)'\r' or (byte)'\n' ? 1UL << i : 0;
        }
    }
}

/// <summary>A segment in the index of a parser.</summary>
/// <param name="FirstField">The index of the start of the segment among the starts of fields.</param>
/// <param name="FieldCount">The number of fields, the name included.</param>
internal readonly record struct Hl7Entry(int FirstField, int FieldCount);
