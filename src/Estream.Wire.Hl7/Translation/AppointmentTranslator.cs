using System.Text;
using Estream.Esf.Items;
using Estream.Health;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Translates SCH, with TQ1, NTE and the booked services, persons, places and equipment, into FhirAppointment.</summary>
internal sealed class AppointmentTranslator(Hl7TranslationOptions options) : Hl7Translator(options)
{
    protected override TranslateStatus Write(
        scoped in Hl7Message message, ReadOnlySpan<byte> topic, Hl7Work work, Span<byte> destination, out int length)
    {
        length = 0;
        Hl7Segment sch = message.First("SCH"u8);
        if (!sch.Exists)
        {
            return TranslateStatus.Unfit("the message has no SCH segment");
        }

        Span<byte> id = work.Id;
        if (!TryWriteEntityId(NumberOf(sch, out char kind), kind, message, work, id))
        {
            return TranslateStatus.Unfit("no filler or placer number of a supported length identifies the appointment");
        }

        Hl7Text text = work.Text;
        AppointmentStatus status = StatusOf(message.Header[9].Component(2), sch[25].Component(1));
        FhirAppointment.Writer writer = FhirAppointment.Write(destination);
        writer.Id = id;
        writer.Status = status;
        var identifiers = writer.BeginIdentifier();
        AddNumber(ref identifiers, sch[1].First, text);
        AddNumber(ref identifiers, sch[2].First, text);
        writer.EndIdentifier(identifiers);
        WriteConcepts(ref writer, sch, status == AppointmentStatus.Cancelled, text);
        WriteServices(ref writer, message, text);
        WriteTimes(ref writer, message, sch, work);
        WriteComments(ref writer, message, text);
        WriteParticipants(ref writer, message, status, work);
        length = writer.Length;
        return TranslateStatus.Ok;
    }

    /// <summary>Whether a message identifies its appointment.</summary>
    internal static bool IsIdentified(in Hl7Message message) =>
        Hl7Value.IsPresent(NumberOf(message.First("SCH"u8), out _).Component(1));

    /// <summary>SCH-2, the number of the filler, who sends all messages of an appointment; otherwise SCH-1, the placer's.</summary>
    private static Hl7Field NumberOf(Hl7Segment sch, out char kind)
    {
        bool isFiller = Hl7Value.IsPresent(sch[2].First.Component(1));
        kind = isFiller ? 'T' : 'S';
        return isFiller ? sch[2].First : sch[1].First;
    }

    /// <summary>The status after an event that ends an appointment; otherwise SCH-25, HL7 table 0278; otherwise booked.</summary>
    private static AppointmentStatus StatusOf(ReadOnlySpan<byte> trigger, ReadOnlySpan<byte> status) =>
        trigger.SequenceEqual("S15"u8) || trigger.SequenceEqual("S16"u8) ? AppointmentStatus.Cancelled
        : trigger.SequenceEqual("S17"u8) ? AppointmentStatus.EnteredInError
        : trigger.SequenceEqual("S26"u8) ? AppointmentStatus.Noshow
        : Ascii.EqualsIgnoreCase(status, "Pending"u8) ? AppointmentStatus.Pending
        : Ascii.EqualsIgnoreCase(status, "Waitlist"u8) ? AppointmentStatus.Waitlist
        : Ascii.EqualsIgnoreCase(status, "Started"u8) ? AppointmentStatus.Arrived
        : Ascii.EqualsIgnoreCase(status, "Complete"u8) ? AppointmentStatus.Fulfilled
        : Ascii.EqualsIgnoreCase(status, "Cancelled"u8) || Ascii.EqualsIgnoreCase(status, "Dc"u8) ? AppointmentStatus.Cancelled
        : Ascii.EqualsIgnoreCase(status, "Deleted"u8) ? AppointmentStatus.EnteredInError
        : Ascii.EqualsIgnoreCase(status, "Noshow"u8) ? AppointmentStatus.Noshow
        : AppointmentStatus.Booked;

    private static void AddNumber(
        ref EsfNestedArrayWriter<FhirAppointment.IdentifierWriter> identifiers, Hl7Field number, Hl7Text text)
    {
        if (!Hl7Value.IsPresent(number.Component(1)) || text.Read(number.Component(1)).IsEmpty)
        {
            return;
        }

        FhirAppointment.IdentifierWriter identifier = identifiers.Begin();
        identifier.Value = text.Read(number.Component(1));
        ReadOnlySpan<byte> assigner = Hl7Value.IsPresent(number.Component(3)) ? number.Component(3) : number.Component(2);
        if (!text.Read(assigner).IsEmpty)
        {
            identifier.System = text.Read(assigner);
        }

        identifiers.End(identifier);
    }

    /// <summary>SCH-6, the reason of the event, SCH-7, the reason of the appointment, and SCH-8, its type.</summary>
    private static void WriteConcepts(ref FhirAppointment.Writer writer, Hl7Segment sch, bool isCancelled, Hl7Text text)
    {
        if (isCancelled && !text.Read(sch[6].First.Bytes).IsEmpty)
        {
            FhirAppointment.CodeableConceptWriter reason = writer.BeginCancelationReason();
            WriteConcept(ref reason, sch[6].First, text);
            writer.EndCancelationReason(reason);
        }

        if (!text.Read(sch[7].First.Bytes).IsEmpty)
        {
            var reasons = writer.BeginReasonCode();
            FhirAppointment.CodeableConceptWriter reason = reasons.Begin();
            WriteConcept(ref reason, sch[7].First, text);
            reasons.End(reason);
            writer.EndReasonCode(reasons);
        }

        if (!text.Read(sch[8].First.Bytes).IsEmpty)
        {
            FhirAppointment.CodeableConceptWriter type = writer.BeginAppointmentType();
            WriteConcept(ref type, sch[8].First, text);
            writer.EndAppointmentType(type);
        }
    }

    /// <summary>AIS-3 of each service.</summary>
    private static void WriteServices(ref FhirAppointment.Writer writer, in Hl7Message message, Hl7Text text)
    {
        var services = writer.BeginServiceType();
        for (int i = message.IndexOf("AIS"u8); i >= 0; i = message.IndexOf("AIS"u8, i + 1))
        {
            if (!text.Read(message[i][3].First.Bytes).IsEmpty)
            {
                FhirAppointment.CodeableConceptWriter service = services.Begin();
                WriteConcept(ref service, message[i][3].First, text);
                services.End(service);
            }
        }

        writer.EndServiceType(services);
    }

    /// <summary>TQ1-7 and TQ1-8; otherwise SCH-11.4 and SCH-11.5; otherwise the start of the first service, AIS-4. The duration is SCH-9 in
    /// the unit SCH-10, if that is minutes or hours.</summary>
    private void WriteTimes(ref FhirAppointment.Writer writer, in Hl7Message message, Hl7Segment sch, Hl7Work work)
    {
        Hl7Segment timing = message.First("TQ1"u8);
        ReadOnlySpan<byte> start = FirstTime(
            work, timing[7].Component(1), sch[11].First.Component(4), message.First("AIS"u8)[4].Component(1));
        if (!start.IsEmpty)
        {
            writer.StartField = start;
        }

        ReadOnlySpan<byte> end = FirstTime(work, timing[8].Component(1), sch[11].First.Component(5));
        if (!end.IsEmpty)
        {
            writer.End = end;
        }

        int minutes = sch[10].Component(1) switch
        {
            [(byte)'m' or (byte)'M', ..] => 1,
            [(byte)'h' or (byte)'H', ..] => 60,
            _ => 0,
        };
        if (minutes > 0 && Hl7Number.TryRead(sch[9].Bytes, out Hl7Number number)
            && number is { Scale: 0, Value: > 0 and < int.MaxValue / 60 })
        {
            writer.MinutesDuration = (uint)(number.Value * minutes);
        }
    }

    /// <summary>The NTE of the appointment itself: those before the patient and the resources.</summary>
    private static void WriteComments(ref FhirAppointment.Writer writer, in Hl7Message message, Hl7Text text)
    {
        var comments = writer.BeginComment();
        for (int i = message.IndexOf("SCH"u8) + 1; i < message.SegmentCount; i++)
        {
            Hl7Segment segment = message[i];
            if (segment.Name.SequenceEqual("PID"u8) || segment.Name.SequenceEqual("RGS"u8))
            {
                break;
            }

            if (segment.Name.SequenceEqual("NTE"u8) && !text.Read(segment[3].Bytes).IsEmpty)
            {
                comments.Add(text.Read(segment[3].Bytes));
            }
        }

        writer.EndComment(comments);
    }

    /// <summary>The patient; AIP-3, persons; AIL-3, places; AIG-3, equipment.</summary>
    private void WriteParticipants(ref FhirAppointment.Writer writer, in Hl7Message message, AppointmentStatus status, Hl7Work work)
    {
        ParticipationStatus answer = status is AppointmentStatus.Pending or AppointmentStatus.Waitlist
            ? ParticipationStatus.Tentative : ParticipationStatus.Accepted;
        var participants = writer.BeginParticipant();
        ReadOnlySpan<byte> patient = PatientReference(message, work);
        if (!patient.IsEmpty)
        {
            FhirAppointment.ParticipantItemWriter participant = participants.Begin();
            participant.Status = answer;
            FhirAppointment.ReferenceWriter actor = participant.BeginActor();
            actor.Reference = patient;
            participant.EndActor(actor);
            participants.End(participant);
        }

        for (int i = 0; i < message.SegmentCount; i++)
        {
            Hl7Segment segment = message[i];
            bool isPerson = segment.Name.SequenceEqual("AIP"u8);
            if (!isPerson && !segment.Name.SequenceEqual("AIL"u8) && !segment.Name.SequenceEqual("AIG"u8))
            {
                continue;
            }

            foreach (Hl7Field resource in segment[3].Repetitions)
            {
                AddResource(ref participants, resource, segment[4].First, isPerson, answer, work.Text);
            }
        }

        writer.EndParticipant(participants);
    }

    private static void AddResource(
        ref EsfNestedArrayWriter<FhirAppointment.ParticipantItemWriter> participants, Hl7Field resource, Hl7Field role, bool isPerson,
        ParticipationStatus answer, Hl7Text text)
    {
        if (text.Read(resource.Bytes).IsEmpty)
        {
            return;
        }

        FhirAppointment.ParticipantItemWriter participant = participants.Begin();
        participant.Status = answer;
        if (!text.Read(role.Bytes).IsEmpty)
        {
            var types = participant.BeginType();
            FhirAppointment.CodeableConceptWriter type = types.Begin();
            WriteConcept(ref type, role, text);
            types.End(type);
            participant.EndType(types);
        }

        FhirAppointment.ReferenceWriter actor = participant.BeginActor();
        if (isPerson)
        {
            WritePerson(ref actor, resource, text);
        }
        else
        {
            actor.Display = text.Read(resource.Bytes);
        }

        participant.EndActor(actor);
        participants.End(participant);
    }

    private static void WriteConcept(ref FhirAppointment.CodeableConceptWriter writer, Hl7Field field, Hl7Text text)
    {
        var codings = writer.BeginCoding();
        for (int first = 1; first <= Hl7Concept.Alternate; first += Hl7Concept.Alternate - 1)
        {
            if (Hl7Concept.IsCoded(field, first, text))
            {
                FhirAppointment.CodingWriter coding = codings.Begin();
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
    private static void WritePerson(ref FhirAppointment.ReferenceWriter reference, Hl7Field person, Hl7Text text)
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
