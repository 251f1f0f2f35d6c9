using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Translates a whole message into Hl7Message, which keeps all its segments.</summary>
internal sealed class MessageTranslator(Hl7TranslationOptions options) : Hl7Translator(options)
{
    private const int MaxCharacterSet = 32;

    protected override TranslateStatus Write(
        scoped in Hl7Message message, ReadOnlySpan<byte> topic, Hl7Work work, Span<byte> destination, out int length)
    {
        length = 0;
        Hl7Text text = work.Text;
        HeaderFields header = new(message);
        if (header.Refusal(text) is { } refusal)
        {
            return TranslateStatus.Unfit(refusal);
        }

        Estream.Hl7.Hl7Message.Writer writer = Estream.Hl7.Hl7Message.Write(destination);
        writer.MessageType = header.Type;
        writer.ControlId = text.Read(header.ControlId);
        if (!header.Trigger.IsEmpty)
        {
            writer.TriggerEvent = header.Trigger;
        }

        if (text.Read(header.Structure) is { IsEmpty: false } structure)
        {
            writer.Structure = structure;
        }

        if (text.Read(header.Version) is { IsEmpty: false } version)
        {
            writer.Version = version;
        }

        if (text.Read(header.Processing) is { IsEmpty: false } processingId)
        {
            writer.ProcessingId = processingId;
        }

        if (text.Read(header.SendingApplication) is { IsEmpty: false } sendingApplication)
        {
            writer.SendingApplication = sendingApplication;
        }

        if (text.Read(header.SendingFacility) is { IsEmpty: false } sendingFacility)
        {
            writer.SendingFacility = sendingFacility;
        }

        if (text.Read(header.ReceivingApplication) is { IsEmpty: false } receivingApplication)
        {
            writer.ReceivingApplication = receivingApplication;
        }

        if (text.Read(header.ReceivingFacility) is { IsEmpty: false } receivingFacility)
        {
            writer.ReceivingFacility = receivingFacility;
        }

        ReadOnlySpan<byte> set = text.Read(message.Header[18].First.Bytes);
        if (!set.IsEmpty && set.Length <= MaxCharacterSet)
        {
            writer.CharacterSet = set;
        }

        WriteSegments(ref writer, message);
        writer.Message = message.Bytes;
        length = writer.Length;
        return TranslateStatus.Ok;
    }

    private static void WriteSegments(ref Estream.Hl7.Hl7Message.Writer writer, scoped in Hl7Message message)
    {
        var segments = writer.BeginSegments();
        for (int i = 0; i < message.SegmentCount; i++)
        {
            segments.Add(message.NameOf(i));
        }

        writer.EndSegments(segments);
    }
}
