using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Translates the header of a message into Hl7Header.</summary>
internal sealed class HeaderTranslator(Hl7TranslationOptions options) : Hl7Translator(options)
{
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

        Estream.Hl7.Hl7Header.Writer writer = Estream.Hl7.Hl7Header.Write(destination);
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

        writer.SegmentCount = (uint)message.SegmentCount;
        writer.MessageBytes = (uint)message.Bytes.Length;
        length = writer.Length;
        return TranslateStatus.Ok;
    }
}
