using System.Buffers;
using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

/// <summary>Builds an application message to send: its type and body. The session adds the standard header, BodyLength and CheckSum.
/// Reusable after <see cref="Clear"/>; not thread-safe.</summary>
/// <remarks>Fields are sent in the order they were added. Add a group's count field first, then its entries one by one.</remarks>
public sealed class FixMessageBuilder
{
    private const int FirstBytes = 256;
    internal const int MaxMsgTypeLength = 16;

    private static readonly SearchValues<char> s_typeLetters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // Header fields that the session does not write itself, in ascending order of tags.
    private readonly List<(int Tag, byte[] Value)> _header = [];
    private readonly List<(int Tag, int First, int End)> _runs = [];
    private byte[] _body = new byte[FirstBytes];
    private int _length;

    /// <summary>Creates a builder.</summary>
    /// <param name="msgType">MsgType (35): "8" for an execution report.</param>
    /// <exception cref="ArgumentException">The type is empty, longer than 16 characters, or has characters other than letters and
    /// digits.</exception>
    public FixMessageBuilder(string msgType)
    {
        MsgType = Checked(msgType);
    }

    /// <summary>MsgType (35).</summary>
    public string MsgType { get; private set; }

    /// <summary>The length of the body so far, in bytes.</summary>
    public int BodyLength => _length;

    internal ReadOnlySpan<byte> Body => _body.AsSpan(0, _length);

    internal List<(int Tag, byte[] Value)> Header => _header;

    /// <summary>Clears the builder and starts another message.</summary>
    /// <exception cref="ArgumentException">The type is empty, longer than 16 characters, or has characters other than letters and
    /// digits.</exception>
    public FixMessageBuilder Clear(string msgType)
    {
        MsgType = Checked(msgType);
        _header.Clear();
        _length = 0;
        return this;
    }

    /// <summary>Adds a field to the body.</summary>
    /// <exception cref="ArgumentException">The value is empty or contains SOH, or the tag belongs to the header or trailer.</exception>
    public FixMessageBuilder Add(int tag, ReadOnlySpan<byte> value)
    {
        RequireBody(tag);
        RequireValue(tag, value);
        Append(tag, value);
        return this;
    }

    /// <summary>Adds a field to the body, encoded as UTF-8.</summary>
    /// <exception cref="ArgumentException">The value is empty or contains SOH, or the tag belongs to the header or trailer.</exception>
    public FixMessageBuilder Add(int tag, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Add(tag, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Adds a whole number.</summary>
    /// <exception cref="ArgumentException">The tag belongs to the header or trailer.</exception>
    public FixMessageBuilder Add(int tag, long value)
    {
        return AddFixed(tag, value, 0);
    }

    /// <summary>Adds a number in fixed point: 10825 with two decimals is written 108.25.</summary>
    /// <param name="tag">The tag of the field.</param>
    /// <param name="value">The number, multiplied by ten to the power of <paramref name="decimals"/>.</param>
    /// <param name="decimals">Decimal places, 0 to 18.</param>
    /// <exception cref="ArgumentException">The tag belongs to the header or trailer.</exception>
    public FixMessageBuilder AddFixed(int tag, long value, int decimals)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)decimals, (uint)FixText.MaxDecimals, nameof(decimals));
        RequireBody(tag);
        Span<byte> text = stackalloc byte[FixText.MaxFixedLength];
        Append(tag, text[..FixText.WriteFixed(text, value, decimals)]);
        return this;
    }

    /// <summary>Adds a UTCTimestamp with milliseconds.</summary>
    /// <param name="tag">The tag of the field.</param>
    /// <param name="utcNanos">Nanoseconds since 1970-01-01 UTC; truncated to milliseconds.</param>
    /// <exception cref="ArgumentException">The tag belongs to the header or trailer.</exception>
    public FixMessageBuilder AddTime(int tag, long utcNanos)
    {
        RequireBody(tag);
        Span<byte> text = stackalloc byte[FixText.TimeLength];
        FixText.WriteTime(text, utcNanos);
        Append(tag, text);
        return this;
    }

    /// <summary>Adds a length field and raw data, which may contain SOH.</summary>
    /// <exception cref="ArgumentException">The data is empty, or a tag belongs to the header or trailer.</exception>
    public FixMessageBuilder AddData(int lengthTag, int dataTag, ReadOnlySpan<byte> data)
    {
        RequireBody(dataTag);
        if (data.IsEmpty)
        {
            throw new ArgumentException($"Field {dataTag} has no value. Leave it out.", nameof(data));
        }

        Add(lengthTag, data.Length);
        Append(dataTag, data);
        return this;
    }

    /// <summary>Adds a header field, such as OnBehalfOfCompID, PossResend or MessageEncoding. Fields that the session writes itself
    /// (CompIDs, MsgSeqNum, SendingTime, PossDupFlag, OrigSendingTime) are not accepted.</summary>
    /// <exception cref="ArgumentException">The tag is not a header field, is written by the session, or was added already; or the value is
    /// empty or contains SOH.</exception>
    public FixMessageBuilder AddHeader(int tag, ReadOnlySpan<byte> value)
    {
        RequireValue(tag, value);
        if (!Tag.IsHeader(tag) || IsOfSession(tag))
        {
            throw new ArgumentException($"Field {tag} is not a header field, or the session writes it.", nameof(tag));
        }

        int place = _header.FindIndex(field => field.Tag >= tag);
        if (place >= 0 && _header[place].Tag == tag)
        {
            throw new ArgumentException($"Field {tag} is in the header already.", nameof(tag));
        }

        _header.Insert(place < 0 ? _header.Count : place, (tag, value.ToArray()));
        return this;
    }

    /// <summary>Adds the body of a received message. Fields are sorted by tag; a group stays together after its count field.</summary>
    public FixMessageBuilder CopyBody(in FixMessage message)
    {
        FixFieldIndex index = message.Index;
        _runs.Clear();
        for (int field = 0; field < index.Count;)
        {
            int end = EndOfRun(index, field);
            int tag = index.TagOf(field);
            if (tag > 0 && !Tag.IsHeader(tag) && !Tag.IsTrailer(tag))
            {
                _runs.Add((tag, field, end));
            }

            field = end;
        }

        _runs.Sort(static (a, b) => a.Tag != b.Tag ? a.Tag.CompareTo(b.Tag) : a.First.CompareTo(b.First));
        foreach ((_, int first, int end) in _runs)
        {
            for (int field = first; field < end; field++)
            {
                Append(index.TagOf(field), message.Fields[field].Value);
            }
        }

        return this;
    }

    /// <summary>Adds a field of a message that a session accepted, even if its value is empty.</summary>
    internal void AddAsItCame(int tag, ReadOnlySpan<byte> value)
    {
        Append(tag, value);
    }

    private static int EndOfRun(FixFieldIndex index, int field)
    {
        int end = Math.Max(field + 1, index.GroupEnd(field));
        bool isRawData = end == field + 1 && end < index.Count && index.IsRawDataAt(end);
        return isRawData ? end + 1 : end;
    }

    /// <summary>Whether the session writes this header field itself.</summary>
    internal static bool IsOfSession(int tag)
    {
        return tag is Tag.BeginString or Tag.BodyLength or Tag.MsgType or Tag.MsgSeqNum or Tag.SenderCompId or Tag.TargetCompId
            or Tag.SendingTime or Tag.PossDupFlag or Tag.OrigSendingTime;
    }

    private static string Checked(string msgType)
    {
        ArgumentException.ThrowIfNullOrEmpty(msgType);
        return msgType.Length <= MaxMsgTypeLength && !msgType.AsSpan().ContainsAnyExcept(s_typeLetters)
            ? msgType
            : throw new ArgumentException($"'{msgType}' is not a MsgType; write at most {MaxMsgTypeLength} letters and digits.",
                nameof(msgType));
    }

    private static void RequireBody(int tag)
    {
        if (tag <= 0 || Tag.IsHeader(tag) || Tag.IsTrailer(tag))
        {
            throw new ArgumentException($"Field {tag} does not belong to a body.", nameof(tag));
        }
    }

    private static void RequireValue(int tag, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.Contains(FixText.Soh))
        {
            throw new ArgumentException($"Field {tag} needs a nonempty value without SOH. Use AddData for raw data.", nameof(value));
        }
    }

    private void Append(int tag, ReadOnlySpan<byte> value)
    {
        int needed = checked(_length + value.Length + FixMessageWriter.FieldOverhead);
        if (needed > _body.Length)
        {
            Array.Resize(ref _body, (int)Math.Min(Math.Max(needed, 2L * _body.Length), Array.MaxLength));
        }

        _length += FixText.WriteField(_body.AsSpan(_length), tag, value);
    }
}
