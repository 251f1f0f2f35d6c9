using System.Runtime.CompilerServices;
using Estream.Esf.Items;
using Estream.Health;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirObservation with its generated writer and view.</summary>
internal readonly struct FhirObservationEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirObservationRecord record = FhirObservationRecord.All[index];
        FhirObservation.Writer writer = FhirObservation.Write(destination);
        writer.Id = record.Id.Utf8;
        writer.LastUpdated = record.LastUpdated;
        writer.Status = record.Status;
        var categoryWriter = writer.BeginCategory();
        foreach (CodeableConcept item in record.Category)
        {
            FhirObservation.CodeableConceptWriter itemWriter = categoryWriter.Begin();
            Put(ref itemWriter, item);
            categoryWriter.End(itemWriter);
        }

        writer.EndCategory(categoryWriter);
        FhirObservation.CodeableConceptWriter codeWriter = writer.BeginCode();
        Put(ref codeWriter, record.Code);
        writer.EndCode(codeWriter);
        FhirObservation.ReferenceWriter subjectWriter = writer.BeginSubject();
        Put(ref subjectWriter, record.Subject);
        writer.EndSubject(subjectWriter);
        FhirObservation.ReferenceWriter encounterWriter = writer.BeginEncounter();
        Put(ref encounterWriter, record.Encounter);
        writer.EndEncounter(encounterWriter);
        writer.EffectiveAt = record.EffectiveAt.Utf8;
        writer.Issued = record.Issued;
        var performerWriter = writer.BeginPerformer();
        Put(ref performerWriter, record.Performer);
        writer.EndPerformer(performerWriter);
        if (record.Value is { } value)
        {
            FhirObservation.ObservationValueWriter valueWriter = writer.BeginValue();
            Put(ref valueWriter, value);
            writer.EndValue(valueWriter);
        }

        var interpretationWriter = writer.BeginInterpretation();
        foreach (CodeableConcept item in record.Interpretation)
        {
            FhirObservation.CodeableConceptWriter itemWriter = interpretationWriter.Begin();
            Put(ref itemWriter, item);
            interpretationWriter.End(itemWriter);
        }

        writer.EndInterpretation(interpretationWriter);
        var referenceRangeWriter = writer.BeginReferenceRange();
        foreach (ReferenceRange item in record.ReferenceRange)
        {
            FhirObservation.ReferenceRangeWriter itemWriter = referenceRangeWriter.Begin();
            Put(ref itemWriter, item);
            referenceRangeWriter.End(itemWriter);
        }

        writer.EndReferenceRange(referenceRangeWriter);
        var componentWriter = writer.BeginComponent();
        foreach (ObservationPart item in record.Component)
        {
            FhirObservation.ComponentItemWriter itemWriter = componentWriter.Begin();
            Put(ref itemWriter, item);
            componentWriter.End(itemWriter);
        }

        writer.EndComponent(componentWriter);
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        FhirObservation.View view = FhirObservation.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.Id);
        if (view.LastUpdated.TryGet(out long lastUpdated))
        {
            sum += (ulong)lastUpdated;
        }

        sum += (ulong)view.Status;
        foreach (FhirObservation.CodeableConceptView item in view.Category)
        {
            sum += Take(item);
        }

        sum += Take(view.Code);
        if (view.Subject.TryGet(out FhirObservation.ReferenceView subject))
        {
            sum += Take(subject);
        }

        if (view.Encounter.TryGet(out FhirObservation.ReferenceView encounter))
        {
            sum += Take(encounter);
        }

        if (view.EffectiveAt.TryGet(out ReadOnlySpan<byte> effectiveAt))
        {
            sum += Digests.Of(effectiveAt);
        }

        if (view.Issued.TryGet(out long issued))
        {
            sum += (ulong)issued;
        }

        if (view.Performer.TryGet(out var performer))
        {
            foreach (FhirObservation.ReferenceView item in performer)
            {
                sum += Take(item);
            }
        }

        if (view.HasValue)
        {
            sum += Take(view.Value);
        }

        foreach (FhirObservation.CodeableConceptView item in view.Interpretation)
        {
            sum += Take(item);
        }

        foreach (FhirObservation.ReferenceRangeView item in view.ReferenceRange)
        {
            sum += Take(item);
        }

        foreach (FhirObservation.ComponentItemView item in view.Component)
        {
            sum += Take(item);
        }

        return sum;
    }

    private static void Put(ref EsfNestedArrayWriter<FhirObservation.ReferenceWriter> writer, Link[] records)
    {
        foreach (Link item in records)
        {
            FhirObservation.ReferenceWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref FhirObservation.CodeableConceptWriter writer, CodeableConcept record)
    {
        var codingWriter = writer.BeginCoding();
        foreach (Coding item in record.Coding)
        {
            FhirObservation.CodingWriter itemWriter = codingWriter.Begin();
            Put(ref itemWriter, item);
            codingWriter.End(itemWriter);
        }

        writer.EndCoding(codingWriter);
        if (record.Text.IsThere)
        {
            writer.Text = record.Text.Utf8;
        }
    }

    private static ulong Take(FhirObservation.CodeableConceptView view)
    {
        ulong sum = 0;
        foreach (FhirObservation.CodingView item in view.Coding)
        {
            sum += Take(item);
        }

        if (view.Text.TryGet(out ReadOnlySpan<byte> text))
        {
            sum += Digests.Of(text);
        }

        return sum;
    }

    private static void Put(ref FhirObservation.CodingWriter writer, Coding record)
    {
        writer.System = record.System.Utf8;
        writer.Code = record.Code.Utf8;
        writer.Display = record.Display.Utf8;
    }

    private static ulong Take(FhirObservation.CodingView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Code);
        sum += Digests.Of(view.Display);
        return sum;
    }

    private static void Put(ref FhirObservation.ReferenceWriter writer, Link record)
    {
        writer.Reference = record.Reference.Utf8;
        if (record.Display.IsThere)
        {
            writer.Display = record.Display.Utf8;
        }
    }

    private static ulong Take(FhirObservation.ReferenceView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Reference);
        if (view.Display.TryGet(out ReadOnlySpan<byte> display))
        {
            sum += Digests.Of(display);
        }

        return sum;
    }

    private static void Put(ref FhirObservation.ObservationValueWriter writer, ObservationValue record)
    {
        FhirObservation.QuantityWriter quantityWriter = writer.BeginQuantity();
        Put(ref quantityWriter, record.Quantity);
        writer.EndQuantity(quantityWriter);
    }

    private static ulong Take(FhirObservation.ObservationValueView view)
    {
        ulong sum = 0;
        sum += Take(view.Quantity);
        return sum;
    }

    private static void Put(ref FhirObservation.QuantityWriter writer, Quantity record)
    {
        writer.Value = record.Value;
        writer.Scale = record.Scale;
        writer.Unit = record.Unit.Utf8;
        writer.System = record.System.Utf8;
        writer.Code = record.Code.Utf8;
    }

    private static ulong Take(FhirObservation.QuantityView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Value.GetValueOrDefault();
        sum += (ulong)view.Scale.GetValueOrDefault();
        sum += Digests.Of(view.Unit);
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Code);
        return sum;
    }

    private static void Put(ref FhirObservation.ReferenceRangeWriter writer, ReferenceRange record)
    {
        FhirObservation.QuantityWriter lowWriter = writer.BeginLow();
        Put(ref lowWriter, record.Low);
        writer.EndLow(lowWriter);
        FhirObservation.QuantityWriter highWriter = writer.BeginHigh();
        Put(ref highWriter, record.High);
        writer.EndHigh(highWriter);
    }

    private static ulong Take(FhirObservation.ReferenceRangeView view)
    {
        ulong sum = 0;
        sum += Take(view.Low);
        sum += Take(view.High);
        return sum;
    }

    private static void Put(ref FhirObservation.ComponentItemWriter writer, ObservationPart record)
    {
        FhirObservation.CodeableConceptWriter codeWriter = writer.BeginCode();
        Put(ref codeWriter, record.Code);
        writer.EndCode(codeWriter);
        FhirObservation.ObservationValueWriter valueWriter = writer.BeginValue();
        Put(ref valueWriter, record.Value);
        writer.EndValue(valueWriter);
    }

    private static ulong Take(FhirObservation.ComponentItemView view)
    {
        ulong sum = 0;
        sum += Take(view.Code);
        sum += Take(view.Value);
        return sum;
    }
}
