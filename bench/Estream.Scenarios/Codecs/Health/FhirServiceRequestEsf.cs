using System.Runtime.CompilerServices;
using Estream.Esf;
using Estream.Esf.Items;
using Estream.Health;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirServiceRequest with its generated writer and view.</summary>
internal readonly struct FhirServiceRequestEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirServiceRequestRecord record = FhirServiceRequestRecord.All[index];
        FhirServiceRequest.Writer writer = FhirServiceRequest.Write(destination);
        writer.Id = record.Id.Utf8;
        writer.LastUpdated = record.LastUpdated;
        var identifierWriter = writer.BeginIdentifier();
        Put(ref identifierWriter, record.Identifier);
        writer.EndIdentifier(identifierWriter);
        writer.Status = record.Status;
        writer.Intent = record.Intent;
        writer.Priority = record.Priority;
        FhirServiceRequest.CodeableConceptWriter codeWriter = writer.BeginCode();
        Put(ref codeWriter, record.Code);
        writer.EndCode(codeWriter);
        FhirServiceRequest.ReferenceWriter subjectWriter = writer.BeginSubject();
        Put(ref subjectWriter, record.Subject);
        writer.EndSubject(subjectWriter);
        FhirServiceRequest.ReferenceWriter encounterWriter = writer.BeginEncounter();
        Put(ref encounterWriter, record.Encounter);
        writer.EndEncounter(encounterWriter);
        writer.OccurrenceAt = record.OccurrenceAt.Utf8;
        writer.AuthoredOn = record.AuthoredOn.Utf8;
        FhirServiceRequest.ReferenceWriter requesterWriter = writer.BeginRequester();
        Put(ref requesterWriter, record.Requester);
        writer.EndRequester(requesterWriter);
        var reasonCodeWriter = writer.BeginReasonCode();
        Put(ref reasonCodeWriter, record.ReasonCode);
        writer.EndReasonCode(reasonCodeWriter);
        var noteWriter = writer.BeginNote();
        foreach (Text item in record.Note)
        {
            noteWriter.Add(item.Utf8);
        }

        writer.EndNote(noteWriter);
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        FhirServiceRequest.View view = FhirServiceRequest.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.Id);
        sum += view.LastUpdated.TryGet(out long lastUpdated) ? (ulong)lastUpdated : 0UL;
        if (view.Identifier.TryGet(out var identifier))
        {
            foreach (FhirServiceRequest.IdentifierView item in identifier)
            {
                sum += Take(item);
            }
        }

        sum += (ulong)view.Status;
        sum += (ulong)view.Intent;
        sum += (ulong)view.Priority.GetValueOrDefault();
        sum += Take(view.Code);
        sum += view.Subject.TryGet(out FhirServiceRequest.ReferenceView subject) ? Take(subject) : 0UL;
        sum += view.Encounter.TryGet(out FhirServiceRequest.ReferenceView encounter) ? Take(encounter) : 0UL;
        sum += Take(view.OccurrenceAt);
        sum += Take(view.AuthoredOn);
        sum += view.Requester.TryGet(out FhirServiceRequest.ReferenceView requester) ? Take(requester) : 0UL;
        foreach (FhirServiceRequest.CodeableConceptView item in view.ReasonCode)
        {
            sum += Take(item);
        }

        if (view.Note.TryGet(out var note))
        {
            foreach (ReadOnlySpan<byte> item in note)
            {
                sum += Digests.Of(item);
            }
        }

        return sum;
    }

    private static void Put(ref EsfNestedArrayWriter<FhirServiceRequest.CodeableConceptWriter> writer, CodeableConcept[] records)
    {
        foreach (CodeableConcept item in records)
        {
            FhirServiceRequest.CodeableConceptWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref EsfNestedArrayWriter<FhirServiceRequest.IdentifierWriter> writer, Identifier[] records)
    {
        foreach (Identifier item in records)
        {
            FhirServiceRequest.IdentifierWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref FhirServiceRequest.IdentifierWriter writer, Identifier record)
    {
        writer.Use = record.Use;
        writer.System = record.System.Utf8;
        writer.Value = record.Value.Utf8;
    }

    private static ulong Take(FhirServiceRequest.IdentifierView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Use.GetValueOrDefault();
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Value);
        return sum;
    }

    private static void Put(ref FhirServiceRequest.CodeableConceptWriter writer, CodeableConcept record)
    {
        var codingWriter = writer.BeginCoding();
        foreach (Coding item in record.Coding)
        {
            FhirServiceRequest.CodingWriter itemWriter = codingWriter.Begin();
            Put(ref itemWriter, item);
            codingWriter.End(itemWriter);
        }

        writer.EndCoding(codingWriter);
        if (record.Text.IsThere)
        {
            writer.Text = record.Text.Utf8;
        }
    }

    private static ulong Take(FhirServiceRequest.CodeableConceptView view)
    {
        ulong sum = 0;
        foreach (FhirServiceRequest.CodingView item in view.Coding)
        {
            sum += Take(item);
        }

        sum += Take(view.Text);
        return sum;
    }

    private static void Put(ref FhirServiceRequest.CodingWriter writer, Coding record)
    {
        writer.System = record.System.Utf8;
        writer.Code = record.Code.Utf8;
        writer.Display = record.Display.Utf8;
    }

    private static ulong Take(FhirServiceRequest.CodingView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Code);
        sum += Digests.Of(view.Display);
        return sum;
    }

    private static void Put(ref FhirServiceRequest.ReferenceWriter writer, Link record)
    {
        writer.Reference = record.Reference.Utf8;
        if (record.Display.IsThere)
        {
            writer.Display = record.Display.Utf8;
        }
    }

    private static ulong Take(FhirServiceRequest.ReferenceView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Reference);
        sum += Take(view.Display);
        return sum;
    }

    private static ulong Take(scoped in EsfPrivate<ReadOnlySpan<byte>> text) =>
        text.TryGet(out ReadOnlySpan<byte> value) ? Digests.Of(value) : 0UL;
}
