using System.Buffers;
using System.Globalization;
using System.Text;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Translation;

namespace Estream.Wire.Hl7.Acknowledgement;

/// <summary>
/// Writes the acknowledgements of a message (HL7 v2, chapter 2, "Message acknowledgment rules"). Original mode, if MSH-15 and MSH-16 are
/// empty: one message with AA, AE or AR. Enhanced mode: the accept acknowledgement (CA, CE, CR) if MSH-15 asks for it, then the application
/// acknowledgement if MSH-16 asks for it; an empty one of the two counts as NE. Not thread-safe.
/// </summary>
public sealed class Hl7AckWriter
{
    private const int MaxControlIdDigits = 20;
    private const string TimeFormat = "yyyyMMddHHmmss.fff";

    private readonly string _idPrefix;
    private long _nextId;

    /// <summary>Creates a writer.</summary>
    /// <param name="idPrefix">The first characters of MSH-10 of the acknowledgements; a number follows. Unique per connection.</param>
    public Hl7AckWriter(string idPrefix)
    {
        ArgumentNullException.ThrowIfNull(idPrefix);
        _idPrefix = idPrefix;
    }

    /// <summary>Writes the acknowledgements that the sender asks for.</summary>
    /// <param name="message">The message.</param>
    /// <param name="outcome">What happened to the message.</param>
    /// <param name="now">The time for MSH-7.</param>
    /// <param name="write">Receives each acknowledgement, without framing.</param>
    public void Write(in Hl7Message message, in Hl7Outcome outcome, DateTimeOffset now, Action<ReadOnlySpan<byte>> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Hl7Segment header = message.Header;
        if (header[15].IsEmpty && header[16].IsEmpty)
        {
            WriteOne(message, outcome.ApplicationCode, outcome, now, write);
            return;
        }

        if (IsAsked(header[15].Bytes, outcome))
        {
            WriteOne(message, outcome.CommitCode, outcome, now, write);
        }

        if (IsAsked(header[16].Bytes, outcome))
        {
            WriteOne(message, outcome.ApplicationCode, outcome, now, write);
        }
    }

    /// <summary>Writes AR for bytes that are not a message, so that the control id is unknown.</summary>
    /// <param name="outcome">What is wrong.</param>
    /// <param name="now">The time for MSH-7.</param>
    /// <param name="write">Receives the acknowledgement, without framing.</param>
    public void WriteUnparsed(in Hl7Outcome outcome, DateTimeOffset now, Action<ReadOnlySpan<byte>> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArrayBufferWriter<byte> bytes = new();
        Hl7Writer writer = new Hl7Writer(bytes, Hl7Delimiters.Standard).Segment("MSH"u8).Field().Field().Field().Field()
            .Field(Time(now)).Field().Field("ACK"u8).Field(NextId()).Field("P"u8).Field("2.5.1"u8);
        WriteVerdict(writer, outcome.ApplicationCode, [], outcome, isStructured: true);
        write(bytes.WrittenSpan);
    }

    /// <summary>Whether a condition of HL7 table 0155 asks for an acknowledgement: AL always, NE never, ER on errors, SU on
    /// success.</summary>
    private static bool IsAsked(ReadOnlySpan<byte> condition, in Hl7Outcome outcome) =>
        condition.SequenceEqual("AL"u8)
        || (outcome.IsAccepted ? condition.SequenceEqual("SU"u8) : condition.SequenceEqual("ER"u8));

    private void WriteOne(
        in Hl7Message message, Hl7AckCode code, in Hl7Outcome outcome, DateTimeOffset now, Action<ReadOnlySpan<byte>> write)
    {
        Hl7Segment header = message.Header;
        ArrayBufferWriter<byte> bytes = new();
        Hl7Writer writer = new Hl7Writer(bytes, Complete(message.Delimiters)).Segment("MSH"u8)
            .RawField(OneLine(header[5].Bytes)).RawField(OneLine(header[6].Bytes))
            .RawField(OneLine(header[3].Bytes)).RawField(OneLine(header[4].Bytes))
            .Field(Time(now)).Field().Field("ACK"u8);
        ReadOnlySpan<byte> trigger = header[9].Component(2);
        if (HeaderFields.IsName(trigger))
        {
            writer.Component(trigger).Component("ACK"u8);
        }

        bool isStructured = IsAtLeast25(header[12].Component(1));
        writer.Field(NextId()).RawField(OneLine(header[11].Bytes)).RawField(OneLine(header[12].Bytes));
        if (!header[18].IsEmpty && Hl7CharacterSet.TryFind(header[18].First.Bytes, out _))
        {
            // The copied fields are in the character set of the message.
            writer.Field().Field().Field().Field().Field().RawField(OneLine(header[18].First.Bytes));
        }

        WriteVerdict(writer, code, header[10].Bytes, outcome, isStructured);
        write(bytes.WrittenSpan);
    }

    private static void WriteVerdict(
        Hl7Writer writer, Hl7AckCode code, ReadOnlySpan<byte> controlId, in Hl7Outcome outcome, bool isStructured)
    {
        byte[] text = Encoding.ASCII.GetBytes(outcome.Text);
        writer.Segment("MSA"u8).Field(code.Letters()).RawField(OneLine(controlId));
        if (!outcome.IsAccepted)
        {
            byte[] error = Encoding.ASCII.GetBytes(outcome.ErrorCode.ToString(CultureInfo.InvariantCulture));

            // MSA-3 was withdrawn in version 2.7, but most receivers of older versions show it. ERR has its structure since version 2.5.
            writer.Field(text).Segment("ERR"u8);
            if (isStructured)
            {
                writer.Field().Field().Field(error).Component().Component("HL70357"u8).Field("E"u8).Field().Field().Field().Field(text);
            }
            else
            {
                writer.Field().Component().Component().Component(error);
            }
        }

        writer.Complete();
    }

    /// <summary>Returns the bytes of a field; nothing if a line feed of the sender is in them, which a receiver might take for the end of
    /// the
    /// segment.</summary>
    private static ReadOnlySpan<byte> OneLine(ReadOnlySpan<byte> field) => field.Contains((byte)'\n') ? [] : field;

    /// <summary>Adds delimiters that the sender does not define and a writer needs.</summary>
    private static Hl7Delimiters Complete(Hl7Delimiters own)
    {
        byte escape = own.Escape != 0 ? own.Escape : Unused(own, (byte)'\\');
        own = own with { Escape = escape };
        return own with { SubComponent = own.SubComponent != 0 ? own.SubComponent : Unused(own, (byte)'&') };
    }

    private static byte Unused(Hl7Delimiters own, byte wished)
    {
        foreach (byte candidate in (ReadOnlySpan<byte>)[wished, .. "\\&#@$%!*"u8])
        {
            if (candidate != own.Field && candidate != own.Component && candidate != own.Repetition && candidate != own.Escape)
            {
                return candidate;
            }
        }

        return wished;
    }

    /// <summary>Whether a version is 2.5 or later.</summary>
    private static bool IsAtLeast25(ReadOnlySpan<byte> version) =>
        version.Length >= 3 && version[0] == (byte)'2' && version[1] == (byte)'.' && version[2] is >= (byte)'5' and <= (byte)'9';

    private static byte[] Time(DateTimeOffset now) =>
        Encoding.ASCII.GetBytes(now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture) + "+0000");

    private byte[] NextId()
    {
        string id = _idPrefix + (_nextId++).ToString(CultureInfo.InvariantCulture);
        return Encoding.ASCII.GetBytes(id.Length <= MaxControlIdDigits ? id : id[^MaxControlIdDigits..]);
    }
}
