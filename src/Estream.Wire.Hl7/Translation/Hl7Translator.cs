using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Translates messages into messages of one schema. Thread-safe; buffers belong to the calling thread. Statuses never contain a
/// value of a message.</summary>
internal abstract class Hl7Translator(Hl7TranslationOptions options) : IPayloadTranslator
{
    protected Hl7TranslationOptions Options { get; } = options;

    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        Hl7Work work = Hl7Work.Of(message.Payload, Options.Limits, out Hl7Message parsed, out Hl7Status status);
        if (status != Hl7Status.Ok)
        {
            return TranslateStatus.Unfit(status.Describe());
        }

        if (!work.Text.TryBegin(parsed))
        {
            return TranslateStatus.Unfit("MSH-18 names a character set that is not supported");
        }

        try
        {
            return Write(parsed, message.Topic, work, destination, out length);
        }
        catch (ArgumentException)
        {
            // A generated writer found no room. Lengths and UTF-8 were checked before.
            length = 0;
            return TranslateStatus.DestinationTooSmall;
        }
    }

    protected abstract TranslateStatus Write(
        scoped in Hl7Message message, ReadOnlySpan<byte> topic, Hl7Work work, Span<byte> destination, out int length);

    /// <summary>Writes the id of the patient of a message.</summary>
    /// <returns>False if PID has no identifier, or one that is too long.</returns>
    protected bool TryWritePatientId(in Hl7Message message, Hl7Work work, Span<byte> id)
    {
        Hl7Segment pid = message.First("PID"u8);
        Hl7Field best = pid[3].First;
        foreach (Hl7Field candidate in pid[3].Repetitions)
        {
            if (!candidate.Component(1).IsEmpty && (best.Component(1).IsEmpty || candidate.Component(5).SequenceEqual("MR"u8)))
            {
                best = candidate;
                if (candidate.Component(5).SequenceEqual("MR"u8))
                {
                    break;
                }
            }
        }

        // Before version 2.3.1 the external id is in PID-2.
        Hl7Field identifier = best.Component(1).IsEmpty ? pid[2].First : best;
        return !identifier.Component(1).IsEmpty
            && Options.Pseudonyms!.TryWrite('P', identifier.Component(4), identifier.Component(1), [], work.Scratch, id);
    }

    /// <summary>Writes the id of the encounter of a message: of PV1-19, the visit number; otherwise of PID-18, the account.</summary>
    /// <returns>False if the message identifies no encounter.</returns>
    protected bool TryWriteEncounterId(in Hl7Message message, Hl7Work work, Span<byte> id)
    {
        Hl7Field visit = message.First("PV1"u8)[19].First;
        visit = visit.Component(1).IsEmpty ? message.First("PID"u8)[18].First : visit;
        return !visit.Component(1).IsEmpty
            && Options.Pseudonyms!.TryWrite('E', visit.Component(4), visit.Component(1), [], work.Scratch, id);
    }
}
