using Estream.Esf.Items;
using Estream.Health;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Translates one ORC, with the OBR, TQ1 and NTE before the next ORC, into FhirServiceRequest. The last level of the topic is the
/// index of the ORC among the segments.</summary>
internal sealed class OrderTranslator(Hl7TranslationOptions options) : Hl7Translator(options)
{
    protected override TranslateStatus Write(
        scoped in Hl7Message message, ReadOnlySpan<byte> topic, Hl7Work work, Span<byte> destination, out int length)
    {
        length = 0;
        int index = IndexOf(topic, message, "ORC"u8);
        if (index < 0)
        {
            return TranslateStatus.Unfit("the message has no ORC segment at this index");
        }

        Hl7Segment orc = message[index];
        Hl7Segment obr = InGroup("OBR"u8, message, index);
        Hl7Segment timing = InGroup("TQ1"u8, message, index);
        Span<byte> id = work.Id;
        if (!TryWriteEntityId(NumberOf(orc, obr, out char kind), kind, message, work, id))
        {
            return TranslateStatus.Unfit("no placer or filler number of a supported length identifies the order");
        }

        Hl7Text text = work.Text;
        FhirServiceRequest.Writer writer = FhirServiceRequest.Write(destination);
        writer.Id = id;
        writer.Status = StatusOf(orc[1].Bytes, orc[5].Component(1));
        writer.Intent = RequestIntent.Order;
        WriteIdentifiers(ref writer, orc, obr, text);
        WritePriority(ref writer, orc, obr, timing);
        if (!obr[4].First.IsEmpty)
        {
            FhirServiceRequest.CodeableConceptWriter code = writer.BeginCode();
            WriteConcept(ref code, obr[4].First, text);
            writer.EndCode(code);
        }

        WriteReferences(ref writer, message, work);
        WriteTimes(ref writer, orc, obr, timing, work);
        Hl7Field requester = orc[12].IsEmpty ? obr[16].First : orc[12].First;
        if (!text.Read(requester.Component(1)).IsEmpty || !text.Read(requester.Component(2)).IsEmpty)
        {
            FhirServiceRequest.ReferenceWriter person = writer.BeginRequester();
            WritePerson(ref person, requester, text);
            writer.EndRequester(person);
        }

        WriteReasons(ref writer, orc, obr, text);
        WriteNotes(ref writer, message, index, text);
        length = writer.Length;
        return TranslateStatus.Ok;
    }

    /// <summary>Whether the ORC with an index, or the OBR of its group, has a placer or filler number.</summary>
    internal static bool IsIdentified(in Hl7Message message, int index) =>
        Hl7Value.IsPresent(NumberOf(message[index], InGroup("OBR"u8, message, index), out _).Component(1));

    /// <summary>The number that an order keeps: the placer's, which the first message of an order has; otherwise the filler's.</summary>
    private static Hl7Field NumberOf(Hl7Segment orc, Hl7Segment obr, out char kind)
    {
        kind = 'O';
        Hl7Field placer = Either(orc[2].First, obr[2].First);
        if (Hl7Value.IsPresent(placer.Component(1)))
        {
            return placer;
        }

        kind = 'G';
        return Either(orc[3].First, obr[3].First);
    }

    private static Hl7Field Either(Hl7Field one, Hl7Field other) => Hl7Value.IsPresent(one.Component(1)) ? one : other;

    /// <summary>The first segment of a name after an ORC and before the next.</summary>
    private static Hl7Segment InGroup(scoped ReadOnlySpan<byte> name, scoped in Hl7Message message, int index)
    {
        int found = message.IndexOf(name, index + 1);
        return found >= 0 && found < EndOf(message, index) ? message[found] : default;
    }

    private static int EndOf(in Hl7Message message, int index)
    {
        int next = message.IndexOf("ORC"u8, index + 1);
        return next < 0 ? message.SegmentCount : next;
    }

    /// <summary>ORC-5, HL7 table 0038; otherwise what ORC-1, table 0119, says.</summary>
    private static RequestStatus StatusOf(ReadOnlySpan<byte> control, ReadOnlySpan<byte> status)
    {
        RequestStatus? known = Find(status, "A IPSC"u8) ? RequestStatus.Active
            : Find(status, "CADCRP"u8) ? RequestStatus.Revoked
            : Find(status, "CM"u8) ? RequestStatus.Completed
            : Find(status, "HD"u8) ? RequestStatus.OnHold
            : null;
        bool isRevoked = Find(control, "CACRDCDROCODRPRQRU"u8);
        return known is { } one && (!isRevoked || one != RequestStatus.Active) ? one
            : isRevoked ? RequestStatus.Revoked
            : Find(control, "HDHROH"u8) ? RequestStatus.OnHold
            : Find(control, "NWSNNAOKROREXOXXPACHRLOESC"u8) ? RequestStatus.Active
            : RequestStatus.Unknown;
    }

    /// <summary>Whether a code of at most two letters is in a list of codes of two letters.</summary>
    private static bool Find(ReadOnlySpan<byte> code, ReadOnlySpan<byte> codes)
    {
        for (int i = 0; i < codes.Length && !code.IsEmpty; i += 2)
        {
            if (codes.Slice(i, 2).TrimEnd((byte)' ').SequenceEqual(code))
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteIdentifiers(ref FhirServiceRequest.Writer writer, Hl7Segment orc, Hl7Segment obr, Hl7Text text)
    {
        var identifiers = writer.BeginIdentifier();
        AddNumber(ref identifiers, Either(orc[2].First, obr[2].First), text);
        AddNumber(ref identifiers, Either(orc[3].First, obr[3].First), text);
        writer.EndIdentifier(identifiers);
        if (!text.Read(orc[4].First.Component(1)).IsEmpty)
        {
            FhirServiceRequest.IdentifierWriter group = writer.BeginRequisition();
            group.Value = text.Read(orc[4].First.Component(1));
            writer.EndRequisition(group);
        }
    }

    private static void AddNumber(
        ref EsfNestedArrayWriter<FhirServiceRequest.IdentifierWriter> identifiers, Hl7Field number, Hl7Text text)
    {
        if (!Hl7Value.IsPresent(number.Component(1)) || text.Read(number.Component(1)).IsEmpty)
        {
            return;
        }

        FhirServiceRequest.IdentifierWriter identifier = identifiers.Begin();
        identifier.Value = text.Read(number.Component(1));
        ReadOnlySpan<byte> assigner = Hl7Value.IsPresent(number.Component(3)) ? number.Component(3) : number.Component(2);
        if (!text.Read(assigner).IsEmpty)
        {
            identifier.System = text.Read(assigner);
        }

        identifiers.End(identifier);
    }

    /// <summary>TQ1-9, ORC-7.6, OBR-27.6 or OBR-5, HL7 table 0485.</summary>
    private static void WritePriority(ref FhirServiceRequest.Writer writer, Hl7Segment orc, Hl7Segment obr, Hl7Segment timing)
    {
        ReadOnlySpan<byte> code = Hl7Value.IsPresent(timing[9].Component(1)) ? timing[9].Component(1)
            : Hl7Value.IsPresent(orc[7].First.Component(6)) ? orc[7].First.Component(6)
            : Hl7Value.IsPresent(obr[27].First.Component(6)) ? obr[27].First.Component(6)
            : obr[5].Component(1);
        if (code is [(byte)'S' or (byte)'A' or (byte)'R'])
        {
            writer.Priority = code[0] switch
            {
                (byte)'S' => RequestPriority.Stat,
                (byte)'A' => RequestPriority.Asap,
                _ => RequestPriority.Routine,
            };
        }
    }

    private void WriteReferences(ref FhirServiceRequest.Writer writer, in Hl7Message message, Hl7Work work)
    {
        ReadOnlySpan<byte> patient = PatientReference(message, work);
        if (!patient.IsEmpty)
        {
            FhirServiceRequest.ReferenceWriter subject = writer.BeginSubject();
            subject.Reference = patient;
            writer.EndSubject(subject);
        }

        ReadOnlySpan<byte> visit = EncounterReference(message, work);
        if (!visit.IsEmpty)
        {
            FhirServiceRequest.ReferenceWriter encounter = writer.BeginEncounter();
            encounter.Reference = visit;
            writer.EndEncounter(encounter);
        }
    }

    /// <summary>When the service is to happen: TQ1-7, ORC-7.4, OBR-36 or OBR-6. When it was ordered: ORC-9.</summary>
    private void WriteTimes(ref FhirServiceRequest.Writer writer, Hl7Segment orc, Hl7Segment obr, Hl7Segment timing, Hl7Work work)
    {
        ReadOnlySpan<byte> occurrence = FirstTime(
            work, timing[7].Component(1), orc[7].First.Component(4), obr[36].Component(1), obr[6].Component(1));
        if (!occurrence.IsEmpty)
        {
            writer.OccurrenceAt = occurrence;
        }

        ReadOnlySpan<byte> authored = FirstTime(work, orc[9].Component(1));
        if (!authored.IsEmpty)
        {
            writer.AuthoredOn = authored;
        }
    }

    /// <summary>OBR-31, or else ORC-16.</summary>
    private static void WriteReasons(ref FhirServiceRequest.Writer writer, Hl7Segment orc, Hl7Segment obr, Hl7Text text)
    {
        var reasons = writer.BeginReasonCode();
        foreach (Hl7Field one in (obr[31].IsEmpty ? orc[16] : obr[31]).Repetitions)
        {
            if (!text.Read(one.Bytes).IsEmpty)
            {
                FhirServiceRequest.CodeableConceptWriter reason = reasons.Begin();
                WriteConcept(ref reason, one, text);
                reasons.End(reason);
            }
        }

        writer.EndReasonCode(reasons);
    }

    private static void WriteNotes(ref FhirServiceRequest.Writer writer, in Hl7Message message, int index, Hl7Text text)
    {
        var notes = writer.BeginNote();
        int end = EndOf(message, index);
        for (int i = message.IndexOf("NTE"u8, index); i >= 0 && i < end; i = message.IndexOf("NTE"u8, i + 1))
        {
            if (!text.Read(message[i][3].Bytes).IsEmpty)
            {
                notes.Add(text.Read(message[i][3].Bytes));
            }
        }

        writer.EndNote(notes);
    }

    private static void WriteConcept(ref FhirServiceRequest.CodeableConceptWriter writer, Hl7Field field, Hl7Text text)
    {
        var codings = writer.BeginCoding();
        for (int first = 1; first <= Hl7Concept.Alternate; first += Hl7Concept.Alternate - 1)
        {
            if (Hl7Concept.IsCoded(field, first, text))
            {
                FhirServiceRequest.CodingWriter coding = codings.Begin();
                coding.System = Hl7Concept.System(field, first, text);
                coding.Code = text.Read(field.Component(first));
                codings.End(coding);
            }
        }

        writer.EndCoding(codings);
        if (!Hl7Concept.Words(field, text).IsEmpty)
        {
            writer.Text = Hl7Concept.Words(field, text);
        }
    }

    /// <summary>A person, data type XCN.</summary>
    private static void WritePerson(ref FhirServiceRequest.ReferenceWriter reference, Hl7Field person, Hl7Text text)
    {
        if (!text.Read(person.Component(1)).IsEmpty)
        {
            reference.IdentifierValue = text.Read(person.Component(1));
        }

        if (!text.Read(person.SubComponent(2, 1)).IsEmpty)
        {
            reference.Display = text.Read(person.SubComponent(2, 1));
        }
    }
}
