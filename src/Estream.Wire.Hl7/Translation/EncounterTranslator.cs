using Estream.Health;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Translates PV1 into FhirEncounter.</summary>
internal sealed class EncounterTranslator(Hl7TranslationOptions options) : Hl7Translator(options)
{
    private const int MaxClass = 4;

    protected override TranslateStatus Write(
        scoped in Hl7Message message, ReadOnlySpan<byte> topic, Hl7Work work, Span<byte> destination, out int length)
    {
        length = 0;
        Hl7Segment pv1 = message.First("PV1"u8);
        if (!pv1.Exists)
        {
            return TranslateStatus.Unfit("the message has no PV1 segment");
        }

        Span<byte> id = work.Id;
        if (!TryWriteEncounterId(message, work, id))
        {
            return TranslateStatus.Unfit("neither PV1-19 nor PID-18 identifies the visit");
        }

        Hl7Text text = work.Text;
        FhirEncounter.Writer writer = FhirEncounter.Write(destination);
        writer.Id = id;
        writer.Status = StatusOf(message.Header[9].Component(1), message.Header[9].Component(2), Hl7Value.IsPresent(pv1[45].Component(1)));
        WriteClass(ref writer, pv1[2].Component(1), text);
        WriteIdentifier(ref writer, pv1[19].First, text);
        ReadOnlySpan<byte> patient = PatientReference(message, work);
        if (!patient.IsEmpty)
        {
            FhirEncounter.ReferenceWriter subject = writer.BeginSubject();
            subject.Reference = patient;
            writer.EndSubject(subject);
        }

        WritePeriod(ref writer, pv1, work);
        WriteParticipants(ref writer, pv1, text);
        WriteLocation(ref writer, pv1[3].First, text);
        length = writer.Length;
        return TranslateStatus.Ok;
    }

    /// <summary>The status after an event of HL7 table 0003.</summary>
    private static EncounterStatus StatusOf(ReadOnlySpan<byte> type, ReadOnlySpan<byte> trigger, bool isDischarged)
    {
        if (type.SequenceEqual("SIU"u8))
        {
            return trigger.SequenceEqual("S15"u8) || trigger.SequenceEqual("S17"u8) || trigger.SequenceEqual("S26"u8)
                ? EncounterStatus.Cancelled : EncounterStatus.Planned;
        }

        EncounterStatus status = type.SequenceEqual("ADT"u8) && IsNumbered(trigger)
            ? StatusOf(((trigger[1] - '0') * 10) + trigger[2] - '0')
            : EncounterStatus.Unknown;
        return status == EncounterStatus.Unknown && isDischarged ? EncounterStatus.Finished : status;
    }

    private static bool IsNumbered(ReadOnlySpan<byte> trigger) =>
        trigger is [(byte)'A', >= (byte)'0' and <= (byte)'9', >= (byte)'0' and <= (byte)'9'];

    /// <summary>The status after an event of ADT. Pending events and their cancellations (A15, A16, A25, A26) leave the patient where the
    /// patient is. Events that change data only (A08, A31) say nothing about the visit.</summary>
    private static EncounterStatus StatusOf(int trigger) => trigger switch
    {
        3 => EncounterStatus.Finished,
        5 or 14 => EncounterStatus.Planned,
        4 or 10 => EncounterStatus.Arrived,
        11 or 27 or 38 => EncounterStatus.Cancelled,
        21 => EncounterStatus.Onleave,
        23 => EncounterStatus.EnteredInError,
        1 or 2 or 6 or 7 or 9 or 12 or 13 or 15 or 16 or 22 or 25 or 26 or 32 or 33 or 53 => EncounterStatus.InProgress,
        _ => EncounterStatus.Unknown,
    };

    /// <summary>PV1-2, patient class, as a code of FHIR where it has one.</summary>
    private static void WriteClass(ref FhirEncounter.Writer writer, ReadOnlySpan<byte> raw, Hl7Text text)
    {
        FhirEncounter.CodingWriter coding = writer.BeginClass();
        ReadOnlySpan<byte> code = raw is [var letter] ? letter switch
        {
            (byte)'I' or (byte)'B' => "IMP"u8,
            (byte)'O' or (byte)'R' => "AMB"u8,
            (byte)'E' => "EMER"u8,
            (byte)'P' => "PRENC"u8,
            _ => [],
        }
        : [];
        if (!code.IsEmpty)
        {
            coding.System = "http://terminology.hl7.org/CodeSystem/v3-ActCode"u8;
            coding.Code = code;
        }
        else
        {
            coding.System = "http://terminology.hl7.org/CodeSystem/v2-0004"u8;
            ReadOnlySpan<byte> own = text.Read(raw);
            coding.Code = Hl7Value.IsCode(own, MaxClass) ? own : "U"u8;
        }

        writer.EndClass(coding);
    }

    private static void WriteIdentifier(ref FhirEncounter.Writer writer, Hl7Field visit, Hl7Text text)
    {
        if (text.Read(visit.Component(1)).IsEmpty)
        {
            return;
        }

        var identifiers = writer.BeginIdentifier();
        FhirEncounter.IdentifierWriter identifier = identifiers.Begin();
        identifier.Value = text.Read(visit.Component(1));
        if (!text.Read(visit.SubComponent(4, 1)).IsEmpty)
        {
            identifier.System = text.Read(visit.SubComponent(4, 1));
        }

        identifiers.End(identifier);
        writer.EndIdentifier(identifiers);
    }

    /// <summary>PV1-44 and PV1-45.</summary>
    private void WritePeriod(ref FhirEncounter.Writer writer, Hl7Segment pv1, Hl7Work work)
    {
        Span<byte> start = work.Time;
        Span<byte> end = work.EndTime;
        int startLength = Hl7Time.ToFhir(pv1[44].Component(1), Options.Offset, start);
        int endLength = Hl7Time.ToFhir(pv1[45].Component(1), Options.Offset, end);
        if (startLength == 0 && endLength == 0)
        {
            return;
        }

        FhirEncounter.PeriodWriter period = writer.BeginPeriod();
        if (startLength > 0)
        {
            period.StartField = start[..startLength];
        }

        if (endLength > 0)
        {
            period.End = end[..endLength];
        }

        writer.EndPeriod(period);
    }

    /// <summary>PV1-7 attending, PV1-8 referring, PV1-9 consulting and PV1-17 admitting doctors, data type XCN.</summary>
    private static void WriteParticipants(ref FhirEncounter.Writer writer, Hl7Segment pv1, Hl7Text text)
    {
        var participants = writer.BeginParticipant();
        foreach (int field in (ReadOnlySpan<int>)[7, 8, 9, 17])
        {
            foreach (Hl7Field one in pv1[field].Repetitions)
            {
                if (text.Read(one.Component(1)).IsEmpty && text.Read(one.Component(2)).IsEmpty)
                {
                    continue;
                }

                FhirEncounter.ParticipantItemWriter participant = participants.Begin();
                var types = participant.BeginType();
                FhirEncounter.CodeableConceptWriter type = types.Begin();
                var codings = type.BeginCoding();
                FhirEncounter.CodingWriter coding = codings.Begin();
                coding.System = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"u8;
                coding.Code = field switch { 7 => "ATND"u8, 8 => "REF"u8, 9 => "CON"u8, _ => "ADM"u8 };
                codings.End(coding);
                type.EndCoding(codings);
                types.End(type);
                participant.EndType(types);
                FhirEncounter.ReferenceWriter individual = participant.BeginIndividual();
                if (!text.Read(one.Component(1)).IsEmpty)
                {
                    individual.IdentifierValue = text.Read(one.Component(1));
                }

                if (!text.Read(one.SubComponent(2, 1)).IsEmpty)
                {
                    individual.Display = text.Read(one.SubComponent(2, 1));
                }

                participant.EndIndividual(individual);
                participants.End(participant);
            }
        }

        writer.EndParticipant(participants);
    }

    /// <summary>PV1-3, data type PL: the point of care, room, bed and facility as they are written, in a private field.</summary>
    private static void WriteLocation(ref FhirEncounter.Writer writer, Hl7Field place, Hl7Text text)
    {
        if (text.Read(place.Bytes).IsEmpty)
        {
            return;
        }

        var locations = writer.BeginLocation();
        FhirEncounter.LocationItemWriter location = locations.Begin();
        FhirEncounter.ReferenceWriter reference = location.BeginLocation();
        reference.Display = text.Read(place.Bytes);
        location.EndLocation(reference);
        locations.End(location);
        writer.EndLocation(locations);
    }
}
