using System.Runtime.CompilerServices;
using Estream.Esf.Items;
using Estream.Health;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirPatient with its generated writer and view.</summary>
internal readonly struct FhirPatientEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirPatientRecord record = FhirPatientRecord.All[index];
        FhirPatient.Writer writer = FhirPatient.Write(destination);
        writer.Id = record.Id.Utf8;
        writer.VersionId = record.VersionId.Utf8;
        writer.LastUpdated = record.LastUpdated;
        var identifierWriter = writer.BeginIdentifier();
        Put(ref identifierWriter, record.Identifier);
        writer.EndIdentifier(identifierWriter);
        writer.Active = record.Active;
        var nameWriter = writer.BeginName();
        Put(ref nameWriter, record.Name);
        writer.EndName(nameWriter);
        var telecomWriter = writer.BeginTelecom();
        foreach (ContactPoint item in record.Telecom)
        {
            FhirPatient.ContactPointWriter itemWriter = telecomWriter.Begin();
            Put(ref itemWriter, item);
            telecomWriter.End(itemWriter);
        }

        writer.EndTelecom(telecomWriter);
        if (record.Gender is { } gender)
        {
            writer.Gender = gender;
        }

        writer.BirthDate = record.BirthDate.Utf8;
        var addressWriter = writer.BeginAddress();
        foreach (Address item in record.Address)
        {
            FhirPatient.AddressWriter itemWriter = addressWriter.Begin();
            Put(ref itemWriter, item);
            addressWriter.End(itemWriter);
        }

        writer.EndAddress(addressWriter);
        FhirPatient.CodeableConceptWriter maritalStatusWriter = writer.BeginMaritalStatus();
        Put(ref maritalStatusWriter, record.MaritalStatus);
        writer.EndMaritalStatus(maritalStatusWriter);
        var communicationWriter = writer.BeginCommunication();
        foreach (PatientLanguage item in record.Communication)
        {
            FhirPatient.CommunicationItemWriter itemWriter = communicationWriter.Begin();
            Put(ref itemWriter, item);
            communicationWriter.End(itemWriter);
        }

        writer.EndCommunication(communicationWriter);
        var generalPractitionerWriter = writer.BeginGeneralPractitioner();
        foreach (Link item in record.GeneralPractitioner)
        {
            FhirPatient.ReferenceWriter itemWriter = generalPractitionerWriter.Begin();
            Put(ref itemWriter, item);
            generalPractitionerWriter.End(itemWriter);
        }

        writer.EndGeneralPractitioner(generalPractitionerWriter);
        FhirPatient.ReferenceWriter managingOrganizationWriter = writer.BeginManagingOrganization();
        Put(ref managingOrganizationWriter, record.ManagingOrganization);
        writer.EndManagingOrganization(managingOrganizationWriter);
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        FhirPatient.View view = FhirPatient.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.Id);
        sum += Digests.Of(view.VersionId);
        if (view.LastUpdated.TryGet(out long lastUpdated))
        {
            sum += (ulong)lastUpdated;
        }

        if (view.Identifier.TryGet(out var identifier))
        {
            foreach (FhirPatient.IdentifierView item in identifier)
            {
                sum += Take(item);
            }
        }

        sum += (view.Active.GetValueOrDefault() ? 1UL : 0UL);
        sum += TakeNames(view);
        if (view.Telecom.TryGet(out var telecom))
        {
            foreach (FhirPatient.ContactPointView item in telecom)
            {
                sum += Take(item);
            }
        }

        if (view.Gender.TryGet(out AdministrativeGender gender))
        {
            sum += (ulong)gender;
        }

        if (view.BirthDate.TryGet(out ReadOnlySpan<byte> birthDate))
        {
            sum += Digests.Of(birthDate);
        }

        if (view.Address.TryGet(out var address))
        {
            foreach (FhirPatient.AddressView item in address)
            {
                sum += Take(item);
            }
        }

        if (view.MaritalStatus.TryGet(out FhirPatient.CodeableConceptView maritalStatus))
        {
            sum += Take(maritalStatus);
        }

        foreach (FhirPatient.CommunicationItemView item in view.Communication)
        {
            sum += Take(item);
        }

        foreach (FhirPatient.ReferenceView item in view.GeneralPractitioner)
        {
            sum += Take(item);
        }

        sum += Take(view.ManagingOrganization);
        return sum;
    }

    private static ulong TakeNames(FhirPatient.View view)
    {
        ulong sum = 0;
        if (view.Name.TryGet(out var name))
        {
            foreach (FhirPatient.HumanNameView item in name)
            {
                sum += Take(item);
            }
        }

        return sum;
    }

    private static void Put(ref EsfNestedArrayWriter<FhirPatient.HumanNameWriter> writer, HumanName[] records)
    {
        foreach (HumanName item in records)
        {
            FhirPatient.HumanNameWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref EsfNestedArrayWriter<FhirPatient.IdentifierWriter> writer, Identifier[] records)
    {
        foreach (Identifier item in records)
        {
            FhirPatient.IdentifierWriter itemWriter = writer.Begin();
            Put(ref itemWriter, item);
            writer.End(itemWriter);
        }
    }

    private static void Put(ref FhirPatient.IdentifierWriter writer, Identifier record)
    {
        writer.Use = record.Use;
        writer.System = record.System.Utf8;
        writer.Value = record.Value.Utf8;
    }

    private static ulong Take(FhirPatient.IdentifierView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Use.GetValueOrDefault();
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Value);
        return sum;
    }

    private static void Put(ref FhirPatient.HumanNameWriter writer, HumanName record)
    {
        writer.Use = record.Use;
        writer.Family = record.Family.Utf8;
        var givenWriter = writer.BeginGiven();
        foreach (Text item in record.Given)
        {
            givenWriter.Add(item.Utf8);
        }

        writer.EndGiven(givenWriter);
    }

    private static ulong Take(FhirPatient.HumanNameView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Use.GetValueOrDefault();
        sum += Digests.Of(view.Family);
        foreach (ReadOnlySpan<byte> item in view.Given)
        {
            sum += Digests.Of(item);
        }

        return sum;
    }

    private static void Put(ref FhirPatient.ContactPointWriter writer, ContactPoint record)
    {
        writer.System = record.System;
        writer.Value = record.Value.Utf8;
        writer.Use = record.Use;
    }

    private static ulong Take(FhirPatient.ContactPointView view)
    {
        ulong sum = 0;
        sum += (ulong)view.System.GetValueOrDefault();
        sum += Digests.Of(view.Value);
        sum += (ulong)view.Use.GetValueOrDefault();
        return sum;
    }

    private static void Put(ref FhirPatient.AddressWriter writer, Address record)
    {
        writer.Use = record.Use;
        var lineWriter = writer.BeginLine();
        foreach (Text item in record.Line)
        {
            lineWriter.Add(item.Utf8);
        }

        writer.EndLine(lineWriter);
        writer.City = record.City.Utf8;
        writer.PostalCode = record.PostalCode.Utf8;
        writer.Country = record.Country.Utf8;
    }

    private static ulong Take(FhirPatient.AddressView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Use.GetValueOrDefault();
        foreach (ReadOnlySpan<byte> item in view.Line)
        {
            sum += Digests.Of(item);
        }

        sum += Digests.Of(view.City);
        sum += Digests.Of(view.PostalCode);
        sum += Digests.Of(view.Country);
        return sum;
    }

    private static void Put(ref FhirPatient.CodeableConceptWriter writer, CodeableConcept record)
    {
        var codingWriter = writer.BeginCoding();
        foreach (Coding item in record.Coding)
        {
            FhirPatient.CodingWriter itemWriter = codingWriter.Begin();
            Put(ref itemWriter, item);
            codingWriter.End(itemWriter);
        }

        writer.EndCoding(codingWriter);
        if (record.Text.IsThere)
        {
            writer.Text = record.Text.Utf8;
        }
    }

    private static ulong Take(FhirPatient.CodeableConceptView view)
    {
        ulong sum = 0;
        foreach (FhirPatient.CodingView item in view.Coding)
        {
            sum += Take(item);
        }

        if (view.Text.TryGet(out ReadOnlySpan<byte> text))
        {
            sum += Digests.Of(text);
        }

        return sum;
    }

    private static void Put(ref FhirPatient.CodingWriter writer, Coding record)
    {
        writer.System = record.System.Utf8;
        writer.Code = record.Code.Utf8;
        writer.Display = record.Display.Utf8;
    }

    private static ulong Take(FhirPatient.CodingView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.System);
        sum += Digests.Of(view.Code);
        sum += Digests.Of(view.Display);
        return sum;
    }

    private static void Put(ref FhirPatient.CommunicationItemWriter writer, PatientLanguage record)
    {
        FhirPatient.CodeableConceptWriter languageWriter = writer.BeginLanguage();
        Put(ref languageWriter, record.Language);
        writer.EndLanguage(languageWriter);
        writer.Preferred = record.Preferred;
    }

    private static ulong Take(FhirPatient.CommunicationItemView view)
    {
        ulong sum = 0;
        sum += Take(view.Language);
        sum += (view.Preferred.GetValueOrDefault() ? 1UL : 0UL);
        return sum;
    }

    private static void Put(ref FhirPatient.ReferenceWriter writer, Link record)
    {
        writer.Reference = record.Reference.Utf8;
        if (record.Display.IsThere)
        {
            writer.Display = record.Display.Utf8;
        }
    }

    private static ulong Take(FhirPatient.ReferenceView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Reference);
        if (view.Display.TryGet(out ReadOnlySpan<byte> display))
        {
            sum += Digests.Of(display);
        }

        return sum;
    }
}
