using System.Buffers;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>The fields of MSH that are stored with a message.</summary>
internal readonly ref struct HeaderFields
{
    private static readonly SearchValues<byte> s_nameBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"u8);

    private const int MaxStructure = 16;
    private const int MaxControlId = 199;
    private const int MaxVersion = 16;
    private const int MaxProcessing = 3;
    private const int MaxName = 227;

    public HeaderFields(scoped in Hl7Message message)
    {
        Hl7Segment header = message.Header;
        Hl7Components type = new(header[9].First);
        Type = type[1];
        Trigger = type[2];
        Structure = type[3];
        SendingApplication = header[3].Component(1);
        SendingFacility = header[4].Component(1);
        ReceivingApplication = header[5].Component(1);
        ReceivingFacility = header[6].Component(1);
        ControlId = header[10].Bytes;
        Processing = header[11].Component(1);
        Version = header[12].Component(1);
    }

    public ReadOnlySpan<byte> Type { get; }

    public ReadOnlySpan<byte> Trigger { get; }

    public ReadOnlySpan<byte> Structure { get; }

    public ReadOnlySpan<byte> SendingApplication { get; }

    public ReadOnlySpan<byte> SendingFacility { get; }

    public ReadOnlySpan<byte> ReceivingApplication { get; }

    public ReadOnlySpan<byte> ReceivingFacility { get; }

    public ReadOnlySpan<byte> ControlId { get; }

    public ReadOnlySpan<byte> Processing { get; }

    public ReadOnlySpan<byte> Version { get; }

    /// <summary>Returns what does not fit the schema; null if all fields fit. Lengths allow for three bytes of UTF-8 per byte only where
    /// the value is not ASCII.</summary>
    public string? Refusal(Hl7Text text)
    {
        if (!IsName(Type))
        {
            return "MSH-9 has no message type of three capital letters or digits";
        }

        if (!Trigger.IsEmpty && !IsName(Trigger))
        {
            return "the trigger event in MSH-9 does not have three capital letters or digits";
        }

        return ControlId.IsEmpty ? "MSH-10, the control id, is empty"
            : text.Read(ControlId).Length > MaxControlId ? "MSH-10, the control id, is longer than 199 bytes"
            : text.Read(Structure).Length > MaxStructure ? "the message structure in MSH-9 is longer than 16 bytes"
            : text.Read(Version).Length > MaxVersion ? "MSH-12, the version, is longer than 16 bytes"
            : text.Read(Processing).Length > MaxProcessing ? "MSH-11, the processing id, is longer than 3 bytes"
            : text.Read(SendingApplication).Length > MaxName || text.Read(SendingFacility).Length > MaxName
                || text.Read(ReceivingApplication).Length > MaxName || text.Read(ReceivingFacility).Length > MaxName
                ? "an application or facility in MSH-3 to MSH-6 is longer than 227 bytes"
            : null;
    }

    /// <summary>Whether a text is a message type or trigger event. They are in topics, so nothing else is accepted.</summary>
    public static bool IsName(ReadOnlySpan<byte> text) =>
        text.Length == Hl7Segment.NameLength && !text.ContainsAnyExcept(s_nameBytes);
}
