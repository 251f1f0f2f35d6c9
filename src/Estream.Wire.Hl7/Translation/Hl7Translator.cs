using System.Globalization;
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

    public virtual int? EstimateLength(in WireMessage message) => null;

    protected abstract TranslateStatus Write(
        scoped in Hl7Message message, ReadOnlySpan<byte> topic, Hl7Work work, Span<byte> destination, out int length);

    /// <summary>Whether a message identifies its patient.</summary>
    internal static bool HasPatient(in Hl7Message message) => Hl7Value.IsPresent(PatientOf(message, out _).Component(1));

    /// <summary>Whether a message identifies its visit.</summary>
    internal static bool HasEncounter(in Hl7Message message) => Hl7Value.IsPresent(EncounterOf(message, out _).Component(1));

    /// <summary>The index of a segment, which is the last level of a topic.</summary>
    /// <returns>-1 if the message has no segment of this name at this index.</returns>
    protected static int IndexOf(ReadOnlySpan<byte> topic, in Hl7Message message, ReadOnlySpan<byte> name) =>
        int.TryParse(topic[(topic.LastIndexOf((byte)'/') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
        && index < message.SegmentCount && message[index].Name.SequenceEqual(name) ? index : -1;

    /// <summary>The first of some values that is a time, as FHIR writes it. Valid until the next use of the buffers.</summary>
    /// <returns>Empty if none is a time.</returns>
    protected ReadOnlySpan<byte> FirstTime(
        Hl7Work work, scoped ReadOnlySpan<byte> one, scoped ReadOnlySpan<byte> two = default, scoped ReadOnlySpan<byte> three = default,
        scoped ReadOnlySpan<byte> four = default)
    {
        Span<byte> time = work.Time;
        int length = Hl7Time.ToFhir(one, Options.Offset, time);
        length = length > 0 ? length : Hl7Time.ToFhir(two, Options.Offset, time);
        length = length > 0 ? length : Hl7Time.ToFhir(three, Options.Offset, time);
        length = length > 0 ? length : Hl7Time.ToFhir(four, Options.Offset, time);
        return time[..length];
    }

    /// <summary>Writes the id of the patient of a message.</summary>
    /// <returns>False if PID has no identifier, or one that is too long.</returns>
    protected bool TryWritePatientId(in Hl7Message message, Hl7Work work, Span<byte> id) =>
        TryWriteId(PatientOf(message, out char kind), kind, message, work, id);

    /// <summary>Writes the id of the encounter of a message.</summary>
    /// <returns>False if the message identifies no encounter.</returns>
    protected bool TryWriteEncounterId(in Hl7Message message, Hl7Work work, Span<byte> id) =>
        TryWriteId(EncounterOf(message, out char kind), kind, message, work, id);

    /// <summary>Writes the id of an identifier of data type EI. A number without an assigner is one of the sending application and
    /// facility.</summary>
    /// <param name="number">The identifier.</param>
    /// <param name="kind">A capital letter that separates the ids of different fields.</param>
    /// <param name="message">The message.</param>
    /// <param name="work">The buffers.</param>
    /// <param name="id">Receives the id.</param>
    /// <returns>False if the identifier is empty or too long.</returns>
    protected bool TryWriteEntityId(Hl7Field number, char kind, in Hl7Message message, Hl7Work work, Span<byte> id)
    {
        ReadOnlySpan<byte> assigner = Hl7Value.IsPresent(number.Component(2)) ? number.Component(2) : number.Component(3);
        return Hl7Value.IsPresent(number.Component(1))
            && (Hl7Value.IsPresent(assigner)
                ? Options.Pseudonyms!.TryWrite(kind, assigner, number.Component(1), [], work.Scratch, id)
                : Options.Pseudonyms!.TryWrite(
                    char.ToLowerInvariant(kind), message.Header[3].Bytes, number.Component(1), message.Header[4].Bytes, work.Scratch, id));
    }

    /// <summary>The reference to the patient of a message, valid until the next use of the buffers; empty if there is none.</summary>
    protected ReadOnlySpan<byte> PatientReference(scoped in Hl7Message message, Hl7Work work) =>
        TryWritePatientId(message, work, work.Id) ? ReferenceTo("Patient/"u8, work) : [];

    /// <summary>The reference to the encounter of a message, valid until the next use of the buffers; empty if there is none.</summary>
    protected ReadOnlySpan<byte> EncounterReference(scoped in Hl7Message message, Hl7Work work) =>
        TryWriteEncounterId(message, work, work.Id) ? ReferenceTo("Encounter/"u8, work) : [];

    /// <summary>A reference to the resource whose id is in the buffer, valid until the next use of the buffers.</summary>
    protected static ReadOnlySpan<byte> ReferenceTo(scoped ReadOnlySpan<byte> type, Hl7Work work)
    {
        type.CopyTo(work.Reference);
        work.Id.CopyTo(work.Reference.AsSpan(type.Length));
        return work.Reference.AsSpan(0, type.Length + Pseudonyms.IdLength);
    }

    /// <summary>The repetition of PID-3 that is a medical record number; otherwise the first; otherwise PID-2, which has the external id
    /// before version 2.3.1. Each field has its own kind of id, because its numbers are independent.</summary>
    private static Hl7Field PatientOf(in Hl7Message message, out char kind)
    {
        Hl7Segment pid = message.First("PID"u8);
        Hl7Field best = default;
        bool isListed = false;
        foreach (Hl7Field candidate in pid[3].Repetitions)
        {
            Hl7Components components = new(candidate);
            bool isRecord = components[5].SequenceEqual("MR"u8);
            if (Hl7Value.IsPresent(components[1]) && (isRecord || !isListed))
            {
                best = candidate;
                isListed = true;
                if (isRecord)
                {
                    break;
                }
            }
        }

        kind = isListed ? 'P' : 'Q';
        return isListed ? best : pid[2].First;
    }

    /// <summary>PV1-19, the visit number; otherwise PID-18, the account.</summary>
    private static Hl7Field EncounterOf(in Hl7Message message, out char kind)
    {
        Hl7Field visit = message.First("PV1"u8)[19].First;
        bool isVisit = Hl7Value.IsPresent(visit.Component(1));
        kind = isVisit ? 'E' : 'A';
        return isVisit ? visit : message.First("PID"u8)[18].First;
    }

    /// <summary>Writes the id of an identifier of data type CX.</summary>
    private bool TryWriteId(Hl7Field identifier, char kind, in Hl7Message message, Hl7Work work, Span<byte> id)
    {
        Hl7Components components = new(identifier);
        return Hl7Value.IsPresent(components[1])
            && Options.Pseudonyms!.TryWrite(
                kind, Hl7Value.Assigner(message, components.SubComponent(4, 1), components.SubComponent(4, 2)), components[1], [],
                work.Scratch, id);
    }
}
