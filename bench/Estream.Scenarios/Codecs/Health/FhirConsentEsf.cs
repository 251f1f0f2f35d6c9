using System.Runtime.CompilerServices;
using Estream.Health;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirConsent with its generated writer and view.</summary>
internal readonly struct FhirConsentEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirConsentRecord record = FhirConsentRecord.All[index];
        FhirConsent.Writer writer = FhirConsent.Write(destination);
        writer.Id = record.Id.Utf8;
        writer.Status = record.Status;
        FhirConsent.CodeableConceptWriter scopeWriter = writer.BeginScope();
        Put(ref scopeWriter, record.Scope);
        writer.EndScope(scopeWriter);
        var categoryWriter = writer.BeginCategory();
        foreach (CodeableConcept item in record.Category)
        {
            FhirConsent.CodeableConceptWriter itemWriter = categoryWriter.Begin();
            Put(ref itemWriter, item);
            categoryWriter.End(itemWriter);
        }

        writer.EndCategory(categoryWriter);
        FhirConsent.ReferenceWriter patientWriter = writer.BeginPatient();
        Put(ref patientWriter, record.Patient);
        writer.EndPatient(patientWriter);
        writer.DateTime = record.DateTime.Utf8;
        var performerWriter = writer.BeginPerformer();
        foreach (Link item in record.Performer)
        {
            FhirConsent.ReferenceWriter itemWriter = performerWriter.Begin();
            Put(ref itemWriter, item);
            performerWriter.End(itemWriter);
        }

        writer.EndPerformer(performerWriter);
        var organizationWriter = writer.BeginOrganization();
        foreach (Link item in record.Organization)
        {
            FhirConsent.ReferenceWriter itemWriter = organizationWriter.Begin();
            Put(ref itemWriter, item);
            organizationWriter.End(itemWriter);
        }

        writer.EndOrganization(organizationWriter);
        var policyWriter = writer.BeginPolicy();
        foreach (ConsentPolicy item in record.Policy)
        {
            FhirConsent.PolicyItemWriter itemWriter = policyWriter.Begin();
            Put(ref itemWriter, item);
            policyWriter.End(itemWriter);
        }

        writer.EndPolicy(policyWriter);
        if (record.PolicyRule is { } policyRule)
        {
            FhirConsent.CodeableConceptWriter policyRuleWriter = writer.BeginPolicyRule();
            Put(ref policyRuleWriter, policyRule);
            writer.EndPolicyRule(policyRuleWriter);
        }

        var verificationWriter = writer.BeginVerification();
        foreach (ConsentVerification item in record.Verification)
        {
            FhirConsent.VerificationItemWriter itemWriter = verificationWriter.Begin();
            Put(ref itemWriter, item);
            verificationWriter.End(itemWriter);
        }

        writer.EndVerification(verificationWriter);
        FhirConsent.ConsentRuleWriter provisionWriter = writer.BeginProvision();
        Put(ref provisionWriter, record.Provision);
        writer.EndProvision(provisionWriter);
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        FhirConsent.View view = FhirConsent.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.Id);
        sum += (ulong)view.Status;
        sum += Take(view.Scope);
        foreach (FhirConsent.CodeableConceptView item in view.Category)
        {
            sum += Take(item);
        }

        if (view.Patient.TryGet(out FhirConsent.ReferenceView patient))
        {
            sum += Take(patient);
        }

        if (view.DateTime.TryGet(out ReadOnlySpan<byte> dateTime))
        {
            sum += Digests.Of(dateTime);
        }

        if (view.Performer.TryGet(out var performer))
        {
            foreach (FhirConsent.ReferenceView item in performer)
            {
                sum += Take(item);
            }
        }

        foreach (FhirConsent.ReferenceView item in view.Organization)
        {
            sum += Take(item);
        }

        foreach (FhirConsent.PolicyItemView item in view.Policy)
        {
            sum += Take(item);
        }

        if (view.HasPolicyRule)
        {
            sum += Take(view.PolicyRule);
        }

        if (view.Verification.TryGet(out var verification))
        {
            foreach (FhirConsent.VerificationItemView item in verification)
            {
                sum += Take(item);
            }
        }

        sum += Take(view.Provision);
        return sum;
    }

    private static void Put(ref FhirConsent.CodeableConceptWriter writer, CodeableConcept record)
    {
        var codingWriter = writer.BeginCoding();
        foreach (Coding item in record.Coding)
        {
            FhirConsent.CodingWriter itemWriter = codingWriter.Begin();
            Put(ref itemWriter, item);
            codingWriter.End(itemWriter);
        }

        writer.EndCoding(codingWriter);
        if (record.Text.IsThere)
        {
            writer.Text = record.Text.Utf8;
        }
    }

    private static ulong Take(FhirConsent.CodeableConceptView view)
    {
        ulong sum = 0;
        foreach (FhirConsent.CodingView item in view.Coding)
        {
            sum += Take(item);
        }

        if (view.Text.TryGet(out ReadOnlySpan<byte> text))
        {
            sum += Digests.Of(text);
        }

        return sum;
    }

    private static void Put(ref FhirConsent.CodingWriter writer, Coding record)
    {
        writer.System = record.System.Utf8;
        writer.Code = record.Code.Utf8;
        writer.Display = record.Display.Utf8;
    }

    private static ulong Take(FhirConsent.CodingView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Code);
        sum += Digests.Of(view.Display);
        return sum;
    }

    private static void Put(ref FhirConsent.ReferenceWriter writer, Link record)
    {
        writer.Reference = record.Reference.Utf8;
        if (record.Display.IsThere)
        {
            writer.Display = record.Display.Utf8;
        }
    }

    private static ulong Take(FhirConsent.ReferenceView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Reference);
        if (view.Display.TryGet(out ReadOnlySpan<byte> display))
        {
            sum += Digests.Of(display);
        }

        return sum;
    }

    private static void Put(ref FhirConsent.PolicyItemWriter writer, ConsentPolicy record)
    {
        writer.Uri = record.Uri.Utf8;
    }

    private static ulong Take(FhirConsent.PolicyItemView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Uri);
        return sum;
    }

    private static void Put(ref FhirConsent.VerificationItemWriter writer, ConsentVerification record)
    {
        writer.Verified = record.Verified;
        writer.VerificationDate = record.VerificationDate.Utf8;
    }

    private static ulong Take(FhirConsent.VerificationItemView view)
    {
        ulong sum = 0;
        sum += (view.Verified ? 1UL : 0UL);
        sum += Digests.Of(view.VerificationDate);
        return sum;
    }

    private static void Put(ref FhirConsent.ConsentRuleWriter writer, ConsentRule record)
    {
        writer.Type = record.Type;
        FhirConsent.PeriodWriter periodWriter = writer.BeginPeriod();
        Put(ref periodWriter, record.Period);
        writer.EndPeriod(periodWriter);
        var actorWriter = writer.BeginActor();
        foreach (ConsentActor item in record.Actor)
        {
            FhirConsent.ConsentRuleActorItemWriter itemWriter = actorWriter.Begin();
            Put(ref itemWriter, item);
            actorWriter.End(itemWriter);
        }

        writer.EndActor(actorWriter);
        var actionWriter = writer.BeginAction();
        foreach (CodeableConcept item in record.Action)
        {
            FhirConsent.CodeableConceptWriter itemWriter = actionWriter.Begin();
            Put(ref itemWriter, item);
            actionWriter.End(itemWriter);
        }

        writer.EndAction(actionWriter);
    }

    private static ulong Take(FhirConsent.ConsentRuleView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Type.GetValueOrDefault();
        if (view.Period.TryGet(out FhirConsent.PeriodView period))
        {
            sum += Take(period);
        }

        if (view.Actor.TryGet(out var actor))
        {
            foreach (FhirConsent.ConsentRuleActorItemView item in actor)
            {
                sum += Take(item);
            }
        }

        foreach (FhirConsent.CodeableConceptView item in view.Action)
        {
            sum += Take(item);
        }

        return sum;
    }

    private static void Put(ref FhirConsent.PeriodWriter writer, Period record)
    {
        writer.StartField = record.Start.Utf8;
        if (record.End.IsThere)
        {
            writer.End = record.End.Utf8;
        }
    }

    private static ulong Take(FhirConsent.PeriodView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.StartField);
        sum += Digests.Of(view.End);
        return sum;
    }

    private static void Put(ref FhirConsent.ConsentRuleActorItemWriter writer, ConsentActor record)
    {
        FhirConsent.CodeableConceptWriter roleWriter = writer.BeginRole();
        Put(ref roleWriter, record.Role);
        writer.EndRole(roleWriter);
        FhirConsent.ReferenceWriter referenceWriter = writer.BeginReference();
        Put(ref referenceWriter, record.Reference);
        writer.EndReference(referenceWriter);
    }

    private static ulong Take(FhirConsent.ConsentRuleActorItemView view)
    {
        ulong sum = 0;
        sum += Take(view.Role);
        sum += Take(view.Reference);
        return sum;
    }
}
