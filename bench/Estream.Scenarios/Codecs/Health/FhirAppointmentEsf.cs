using System.Runtime.CompilerServices;
using Estream.Esf;
using Estream.Esf.Items;
using Estream.Health;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirAppointment with its generated writer and view.</summary>
internal readonly struct FhirAppointmentEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirAppointmentRecord record = FhirAppointmentRecord.All[index];
        FhirAppointment.Writer writer = FhirAppointment.Write(destination);
        writer.Id = record.Id.Utf8;
        writer.LastUpdated = record.LastUpdated;
        var identifierWriter = writer.BeginIdentifier();
        Put(ref identifierWriter, record.Identifier);
        writer.EndIdentifier(identifierWriter);
        writer.Status = record.Status;
        var serviceTypeWriter = writer.BeginServiceType();
        Put(ref serviceTypeWriter, record.ServiceType);
        writer.EndServiceType(serviceTypeWriter);
        FhirAppointment.CodeableConceptWriter appointmentTypeWriter = writer.BeginAppointmentType();
        Put(ref appointmentTypeWriter, record.AppointmentType);
        writer.EndAppointmentType(appointmentTypeWriter);
        writer.StartField = record.Start.Utf8;
        writer.End = record.End.Utf8;
        writer.MinutesDuration = record.MinutesDuration;
        var commentWriter = writer.BeginComment();
        foreach (Text item in record.Comment)
        {
            commentWriter.Add(item.Utf8);
        }

        writer.EndComment(commentWriter);
        var participantWriter = writer.BeginParticipant();
        Put(ref participantWriter, record.Participant);
        writer.EndParticipant(participantWriter);
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        FhirAppointment.View view = FhirAppointment.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.Id);
        sum += view.LastUpdated.TryGet(out long lastUpdated) ? (ulong)lastUpdated : 0UL;
        if (view.Identifier.TryGet(out var identifier))
        {
            foreach (FhirAppointment.IdentifierView item in identifier)
            {
                sum += Take(item);
            }
        }

        sum += (ulong)view.Status;
        foreach (FhirAppointment.CodeableConceptView item in view.ServiceType)
        {
            sum += Take(item);
        }

        sum += Take(view.AppointmentType);
        sum += Take(view.StartField);
        sum += Take(view.End);
        sum += view.MinutesDuration.GetValueOrDefault();
        if (view.Comment.TryGet(out var comment))
        {
            foreach (ReadOnlySpan<byte> item in comment)
            {
                sum += Digests.Of(item);
            }
        }

        if (view.Participant.TryGet(out var participant))
        {
            foreach (FhirAppointment.ParticipantItemView item in participant)
            {
                sum += Take(item);
            }
        }

        return sum;
    }

    private static void Put(ref EsfNestedArrayWriter<FhirAppointment.ParticipantItemWriter> writer, AppointmentParticipant[] records)
    {
        foreach (AppointmentParticipant item in records)
        {
            FhirAppointment.ParticipantItemWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref EsfNestedArrayWriter<FhirAppointment.CodeableConceptWriter> writer, CodeableConcept[] records)
    {
        foreach (CodeableConcept item in records)
        {
            FhirAppointment.CodeableConceptWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref EsfNestedArrayWriter<FhirAppointment.IdentifierWriter> writer, Identifier[] records)
    {
        foreach (Identifier item in records)
        {
            FhirAppointment.IdentifierWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref FhirAppointment.IdentifierWriter writer, Identifier record)
    {
        writer.Use = record.Use;
        writer.System = record.System.Utf8;
        writer.Value = record.Value.Utf8;
    }

    private static ulong Take(FhirAppointment.IdentifierView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Use.GetValueOrDefault();
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Value);
        return sum;
    }

    private static void Put(ref FhirAppointment.CodeableConceptWriter writer, CodeableConcept record)
    {
        var codingWriter = writer.BeginCoding();
        foreach (Coding item in record.Coding)
        {
            FhirAppointment.CodingWriter itemWriter = codingWriter.Begin();
            Put(ref itemWriter, item);
            codingWriter.End(itemWriter);
        }

        writer.EndCoding(codingWriter);
        if (record.Text.IsThere)
        {
            writer.Text = record.Text.Utf8;
        }
    }

    private static ulong Take(FhirAppointment.CodeableConceptView view)
    {
        ulong sum = 0;
        foreach (FhirAppointment.CodingView item in view.Coding)
        {
            sum += Take(item);
        }

        sum += Take(view.Text);
        return sum;
    }

    private static void Put(ref FhirAppointment.CodingWriter writer, Coding record)
    {
        writer.System = record.System.Utf8;
        writer.Code = record.Code.Utf8;
        writer.Display = record.Display.Utf8;
    }

    private static ulong Take(FhirAppointment.CodingView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Code);
        sum += Digests.Of(view.Display);
        return sum;
    }

    private static void Put(ref FhirAppointment.ReferenceWriter writer, Link record)
    {
        writer.Reference = record.Reference.Utf8;
        if (record.Display.IsThere)
        {
            writer.Display = record.Display.Utf8;
        }
    }

    private static ulong Take(FhirAppointment.ReferenceView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Reference);
        sum += Take(view.Display);
        return sum;
    }

    private static void Put(ref FhirAppointment.ParticipantItemWriter writer, AppointmentParticipant record)
    {
        var typeWriter = writer.BeginType();
        Put(ref typeWriter, record.Type);
        writer.EndType(typeWriter);
        FhirAppointment.ReferenceWriter actorWriter = writer.BeginActor();
        Put(ref actorWriter, record.Actor);
        writer.EndActor(actorWriter);
        writer.Status = record.Status;
    }

    private static ulong Take(FhirAppointment.ParticipantItemView view)
    {
        ulong sum = 0;
        foreach (FhirAppointment.CodeableConceptView item in view.Type)
        {
            sum += Take(item);
        }

        sum += Take(view.Actor);
        sum += (ulong)view.Status;
        return sum;
    }

    private static ulong Take(scoped in EsfPrivate<ReadOnlySpan<byte>> text) =>
        text.TryGet(out ReadOnlySpan<byte> value) ? Digests.Of(value) : 0UL;
}
