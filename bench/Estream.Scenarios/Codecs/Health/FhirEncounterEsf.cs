using System.Runtime.CompilerServices;
using Estream.Esf.Items;
using Estream.Health;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirEncounter with its generated writer and view.</summary>
internal readonly struct FhirEncounterEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirEncounterRecord record = FhirEncounterRecord.All[index];
        FhirEncounter.Writer writer = FhirEncounter.Write(destination);
        writer.Id = record.Id.Utf8;
        writer.LastUpdated = record.LastUpdated;
        writer.Status = record.Status;
        FhirEncounter.CodingWriter classWriter = writer.BeginClass();
        Put(ref classWriter, record.Class);
        writer.EndClass(classWriter);
        var typeWriter = writer.BeginType();
        foreach (CodeableConcept item in record.Type)
        {
            FhirEncounter.CodeableConceptWriter itemWriter = typeWriter.Begin();
            Put(ref itemWriter, item);
            typeWriter.End(itemWriter);
        }

        writer.EndType(typeWriter);
        FhirEncounter.ReferenceWriter subjectWriter = writer.BeginSubject();
        Put(ref subjectWriter, record.Subject);
        writer.EndSubject(subjectWriter);
        var participantWriter = writer.BeginParticipant();
        Put(ref participantWriter, record.Participant);
        writer.EndParticipant(participantWriter);
        FhirEncounter.PeriodWriter periodWriter = writer.BeginPeriod();
        Put(ref periodWriter, record.Period);
        writer.EndPeriod(periodWriter);
        if (record.LengthOfStay is { } lengthOfStay)
        {
            FhirEncounter.QuantityWriter lengthOfStayWriter = writer.BeginLengthField();
            Put(ref lengthOfStayWriter, lengthOfStay);
            writer.EndLengthField(lengthOfStayWriter);
        }

        var reasonCodeWriter = writer.BeginReasonCode();
        foreach (CodeableConcept item in record.ReasonCode)
        {
            FhirEncounter.CodeableConceptWriter itemWriter = reasonCodeWriter.Begin();
            Put(ref itemWriter, item);
            reasonCodeWriter.End(itemWriter);
        }

        writer.EndReasonCode(reasonCodeWriter);
        var diagnosisWriter = writer.BeginDiagnosis();
        foreach (EncounterDiagnosis item in record.Diagnosis)
        {
            FhirEncounter.DiagnosisItemWriter itemWriter = diagnosisWriter.Begin();
            Put(ref itemWriter, item);
            diagnosisWriter.End(itemWriter);
        }

        writer.EndDiagnosis(diagnosisWriter);
        var locationWriter = writer.BeginLocation();
        foreach (EncounterLocation item in record.Location)
        {
            FhirEncounter.LocationItemWriter itemWriter = locationWriter.Begin();
            Put(ref itemWriter, item);
            locationWriter.End(itemWriter);
        }

        writer.EndLocation(locationWriter);
        FhirEncounter.ReferenceWriter serviceProviderWriter = writer.BeginServiceProvider();
        Put(ref serviceProviderWriter, record.ServiceProvider);
        writer.EndServiceProvider(serviceProviderWriter);
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        FhirEncounter.View view = FhirEncounter.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.Id);
        if (view.LastUpdated.TryGet(out long lastUpdated))
        {
            sum += (ulong)lastUpdated;
        }

        sum += (ulong)view.Status;
        sum += Take(view.Class);
        foreach (FhirEncounter.CodeableConceptView item in view.Type)
        {
            sum += Take(item);
        }

        if (view.Subject.TryGet(out FhirEncounter.ReferenceView subject))
        {
            sum += Take(subject);
        }

        if (view.Participant.TryGet(out var participant))
        {
            foreach (FhirEncounter.ParticipantItemView item in participant)
            {
                sum += Take(item);
            }
        }

        if (view.Period.TryGet(out FhirEncounter.PeriodView period))
        {
            sum += Take(period);
        }

        if (view.HasLengthField)
        {
            sum += Take(view.LengthField);
        }

        foreach (FhirEncounter.CodeableConceptView item in view.ReasonCode)
        {
            sum += Take(item);
        }

        foreach (FhirEncounter.DiagnosisItemView item in view.Diagnosis)
        {
            sum += Take(item);
        }

        foreach (FhirEncounter.LocationItemView item in view.Location)
        {
            sum += Take(item);
        }

        sum += Take(view.ServiceProvider);
        return sum;
    }

    private static void Put(ref EsfNestedArrayWriter<FhirEncounter.ParticipantItemWriter> writer, EncounterParticipant[] records)
    {
        foreach (EncounterParticipant item in records)
        {
            FhirEncounter.ParticipantItemWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref FhirEncounter.CodingWriter writer, Coding record)
    {
        writer.System = record.System.Utf8;
        writer.Code = record.Code.Utf8;
        writer.Display = record.Display.Utf8;
    }

    private static ulong Take(FhirEncounter.CodingView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Code);
        sum += Digests.Of(view.Display);
        return sum;
    }

    private static void Put(ref FhirEncounter.CodeableConceptWriter writer, CodeableConcept record)
    {
        var codingWriter = writer.BeginCoding();
        foreach (Coding item in record.Coding)
        {
            FhirEncounter.CodingWriter itemWriter = codingWriter.Begin();
            Put(ref itemWriter, item);
            codingWriter.End(itemWriter);
        }

        writer.EndCoding(codingWriter);
        if (record.Text.IsThere)
        {
            writer.Text = record.Text.Utf8;
        }
    }

    private static ulong Take(FhirEncounter.CodeableConceptView view)
    {
        ulong sum = 0;
        foreach (FhirEncounter.CodingView item in view.Coding)
        {
            sum += Take(item);
        }

        if (view.Text.TryGet(out ReadOnlySpan<byte> text))
        {
            sum += Digests.Of(text);
        }

        return sum;
    }

    private static void Put(ref FhirEncounter.ReferenceWriter writer, Link record)
    {
        writer.Reference = record.Reference.Utf8;
        if (record.Display.IsThere)
        {
            writer.Display = record.Display.Utf8;
        }
    }

    private static ulong Take(FhirEncounter.ReferenceView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Reference);
        if (view.Display.TryGet(out ReadOnlySpan<byte> display))
        {
            sum += Digests.Of(display);
        }

        return sum;
    }

    private static void Put(ref FhirEncounter.ParticipantItemWriter writer, EncounterParticipant record)
    {
        var typeWriter = writer.BeginType();
        foreach (CodeableConcept item in record.Type)
        {
            FhirEncounter.CodeableConceptWriter itemWriter = typeWriter.Begin();
            Put(ref itemWriter, item);
            typeWriter.End(itemWriter);
        }

        writer.EndType(typeWriter);
        FhirEncounter.ReferenceWriter individualWriter = writer.BeginIndividual();
        Put(ref individualWriter, record.Individual);
        writer.EndIndividual(individualWriter);
    }

    private static ulong Take(FhirEncounter.ParticipantItemView view)
    {
        ulong sum = 0;
        foreach (FhirEncounter.CodeableConceptView item in view.Type)
        {
            sum += Take(item);
        }

        sum += Take(view.Individual);
        return sum;
    }

    private static void Put(ref FhirEncounter.PeriodWriter writer, Period record)
    {
        writer.StartField = record.Start.Utf8;
        if (record.End.IsThere)
        {
            writer.End = record.End.Utf8;
        }
    }

    private static ulong Take(FhirEncounter.PeriodView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.StartField);
        sum += Digests.Of(view.End);
        return sum;
    }

    private static void Put(ref FhirEncounter.QuantityWriter writer, Quantity record)
    {
        writer.Value = record.Value;
        writer.Scale = record.Scale;
        writer.Unit = record.Unit.Utf8;
        writer.System = record.System.Utf8;
        writer.Code = record.Code.Utf8;
    }

    private static ulong Take(FhirEncounter.QuantityView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Value.GetValueOrDefault();
        sum += (ulong)view.Scale.GetValueOrDefault();
        sum += Digests.Of(view.Unit);
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Code);
        return sum;
    }

    private static void Put(ref FhirEncounter.DiagnosisItemWriter writer, EncounterDiagnosis record)
    {
        FhirEncounter.ReferenceWriter conditionWriter = writer.BeginCondition();
        Put(ref conditionWriter, record.Condition);
        writer.EndCondition(conditionWriter);
        FhirEncounter.CodeableConceptWriter useWriter = writer.BeginUse();
        Put(ref useWriter, record.Use);
        writer.EndUse(useWriter);
        writer.Rank = record.Rank;
    }

    private static ulong Take(FhirEncounter.DiagnosisItemView view)
    {
        ulong sum = 0;
        sum += Take(view.Condition);
        sum += Take(view.Use);
        sum += view.Rank.GetValueOrDefault();
        return sum;
    }

    private static void Put(ref FhirEncounter.LocationItemWriter writer, EncounterLocation record)
    {
        FhirEncounter.ReferenceWriter locationWriter = writer.BeginLocation();
        Put(ref locationWriter, record.Location);
        writer.EndLocation(locationWriter);
        writer.Status = record.Status;
    }

    private static ulong Take(FhirEncounter.LocationItemView view)
    {
        ulong sum = 0;
        if (view.Location.TryGet(out FhirEncounter.ReferenceView location))
        {
            sum += Take(location);
        }

        sum += (ulong)view.Status.GetValueOrDefault();
        return sum;
    }
}
