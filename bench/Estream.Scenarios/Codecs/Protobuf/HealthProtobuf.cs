using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Health;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Protobuf.HealthWire;
using Pb = Estream.Scenarios.Protoc.Health;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>Encodes and decodes FhirPatient with the class that protoc generates.</summary>
internal readonly struct FhirPatientProtobuf : ICodec
{
    private static readonly Pb.FhirPatient s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirPatientRecord record = FhirPatientRecord.All[index];
        Pb.FhirPatient message = s_message;
        message.Id = record.Id.Chars;
        message.VersionId = record.VersionId.Chars;
        message.LastUpdated = record.LastUpdated;
        Refill.List(message.Identifier, record.Identifier, Fill);
        message.Active = record.Active;
        Refill.List(message.Name, record.Name, Fill);
        Refill.List(message.Telecom, record.Telecom, Fill);
        message.Gender = (uint)record.Gender.GetValueOrDefault();
        message.BirthDate = record.BirthDate.Chars;
        Refill.List(message.Address, record.Address, Fill);
        message.MaritalStatus = Fill(message.MaritalStatus, record.MaritalStatus);
        Refill.List(message.Communication, record.Communication, Fill);
        Refill.List(message.GeneralPractitioner, record.GeneralPractitioner, Fill);
        message.ManagingOrganization = Fill(message.ManagingOrganization, record.ManagingOrganization);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.FhirPatient message = Pb.FhirPatient.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.Id);
        sum += Digests.Of(message.VersionId);
        sum += (ulong)message.LastUpdated;
        sum += Refill.Sum(message.Identifier, Take);
        sum += (message.Active ? 1UL : 0UL);
        sum += Refill.Sum(message.Name, Take);
        sum += Refill.Sum(message.Telecom, Take);
        sum += message.Gender;
        sum += Digests.Of(message.BirthDate);
        sum += Refill.Sum(message.Address, Take);
        sum += Take(message.MaritalStatus);
        sum += Refill.Sum(message.Communication, Take);
        sum += Refill.Sum(message.GeneralPractitioner, Take);
        sum += Take(message.ManagingOrganization);
        return sum;
    }
}

/// <summary>Encodes and decodes FhirObservation with the class that protoc generates.</summary>
internal readonly struct FhirObservationProtobuf : ICodec
{
    private static readonly Pb.FhirObservation s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirObservationRecord record = FhirObservationRecord.All[index];
        Pb.FhirObservation message = s_message;
        message.Id = record.Id.Chars;
        message.LastUpdated = record.LastUpdated;
        message.Status = (uint)record.Status;
        Refill.List(message.Category, record.Category, Fill);
        message.Code = Fill(message.Code, record.Code);
        message.Subject = Fill(message.Subject, record.Subject);
        message.Encounter = Fill(message.Encounter, record.Encounter);
        message.EffectiveAt = record.EffectiveAt.Chars;
        message.Issued = record.Issued;
        Refill.List(message.Performer, record.Performer, Fill);
        message.Value = Fill(message.Value, record.Value);
        Refill.List(message.Interpretation, record.Interpretation, Fill);
        Refill.List(message.ReferenceRange, record.ReferenceRange, Fill);
        Refill.List(message.Component, record.Component, Fill);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.FhirObservation message = Pb.FhirObservation.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.Id);
        sum += (ulong)message.LastUpdated;
        sum += message.Status;
        sum += Refill.Sum(message.Category, Take);
        sum += Take(message.Code);
        sum += Take(message.Subject);
        sum += Take(message.Encounter);
        sum += Digests.Of(message.EffectiveAt);
        sum += (ulong)message.Issued;
        sum += Refill.Sum(message.Performer, Take);
        sum += Take(message.Value);
        sum += Refill.Sum(message.Interpretation, Take);
        sum += Refill.Sum(message.ReferenceRange, Take);
        sum += Refill.Sum(message.Component, Take);
        return sum;
    }
}

/// <summary>Encodes and decodes FhirEncounter with the class that protoc generates.</summary>
internal readonly struct FhirEncounterProtobuf : ICodec
{
    private static readonly Pb.FhirEncounter s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirEncounterRecord record = FhirEncounterRecord.All[index];
        Pb.FhirEncounter message = s_message;
        message.Id = record.Id.Chars;
        message.LastUpdated = record.LastUpdated;
        message.Status = (uint)record.Status;
        message.Class = Fill(message.Class, record.Class);
        Refill.List(message.Type, record.Type, Fill);
        message.Subject = Fill(message.Subject, record.Subject);
        Refill.List(message.Participant, record.Participant, Fill);
        message.Period = Fill(message.Period, record.Period);
        message.Length = Fill(message.Length, record.LengthOfStay);
        Refill.List(message.ReasonCode, record.ReasonCode, Fill);
        Refill.List(message.Diagnosis, record.Diagnosis, Fill);
        Refill.List(message.Location, record.Location, Fill);
        message.ServiceProvider = Fill(message.ServiceProvider, record.ServiceProvider);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.FhirEncounter message = Pb.FhirEncounter.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.Id);
        sum += (ulong)message.LastUpdated;
        sum += message.Status;
        sum += Take(message.Class);
        sum += Refill.Sum(message.Type, Take);
        sum += Take(message.Subject);
        sum += Refill.Sum(message.Participant, Take);
        sum += Take(message.Period);
        sum += Take(message.Length);
        sum += Refill.Sum(message.ReasonCode, Take);
        sum += Refill.Sum(message.Diagnosis, Take);
        sum += Refill.Sum(message.Location, Take);
        sum += Take(message.ServiceProvider);
        return sum;
    }
}

/// <summary>Encodes and decodes FhirConsent with the class that protoc generates.</summary>
internal readonly struct FhirConsentProtobuf : ICodec
{
    private static readonly Pb.FhirConsent s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirConsentRecord record = FhirConsentRecord.All[index];
        Pb.FhirConsent message = s_message;
        message.Id = record.Id.Chars;
        message.Status = (uint)record.Status;
        message.Scope = Fill(message.Scope, record.Scope);
        Refill.List(message.Category, record.Category, Fill);
        message.Patient = Fill(message.Patient, record.Patient);
        message.DateTime = record.DateTime.Chars;
        Refill.List(message.Performer, record.Performer, Fill);
        Refill.List(message.Organization, record.Organization, Fill);
        Refill.List(message.Policy, record.Policy, Fill);
        message.PolicyRule = Fill(message.PolicyRule, record.PolicyRule);
        Refill.List(message.Verification, record.Verification, Fill);
        message.Provision = Fill(message.Provision, record.Provision);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.FhirConsent message = Pb.FhirConsent.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.Id);
        sum += message.Status;
        sum += Take(message.Scope);
        sum += Refill.Sum(message.Category, Take);
        sum += Take(message.Patient);
        sum += Digests.Of(message.DateTime);
        sum += Refill.Sum(message.Performer, Take);
        sum += Refill.Sum(message.Organization, Take);
        sum += Refill.Sum(message.Policy, Take);
        sum += Take(message.PolicyRule);
        sum += Refill.Sum(message.Verification, Take);
        sum += Take(message.Provision);
        return sum;
    }
}
