using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Health;
using Google.FlatBuffers;
using static Estream.Scenarios.Codecs.Serializers.HealthFlat;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>Encodes and decodes FhirPatient with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct FhirPatientFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirPatientRecord record = FhirPatientRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int id = FlatTable.Put(builder, record.Id);
        int versionId = FlatTable.Put(builder, record.VersionId);
        int identifier = FlatTable.Put(builder, record.Identifier, Put);
        int name = FlatTable.Put(builder, record.Name, Put);
        int telecom = FlatTable.Put(builder, record.Telecom, Put);
        int birthDate = FlatTable.Put(builder, record.BirthDate);
        int address = FlatTable.Put(builder, record.Address, Put);
        int maritalStatus = Put(builder, record.MaritalStatus);
        int communication = FlatTable.Put(builder, record.Communication, Put);
        int generalPractitioner = FlatTable.Put(builder, record.GeneralPractitioner, Put);
        int managingOrganization = Put(builder, record.ManagingOrganization);
        builder.StartTable(14);
        builder.AddLong(2, record.LastUpdated, 0);
        builder.AddOffset(13, managingOrganization, 0);
        builder.AddOffset(12, generalPractitioner, 0);
        builder.AddOffset(11, communication, 0);
        builder.AddOffset(10, maritalStatus, 0);
        builder.AddOffset(9, address, 0);
        builder.AddOffset(8, birthDate, 0);
        builder.AddOffset(6, telecom, 0);
        builder.AddOffset(5, name, 0);
        builder.AddOffset(3, identifier, 0);
        builder.AddOffset(1, versionId, 0);
        builder.AddOffset(0, id, 0);
        builder.AddByte(7, (byte)record.Gender.GetValueOrDefault(), 0);
        builder.AddBool(4, record.Active, false);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.ULong(table, 2)
            + FlatTable.SumOf(table, 3, TakeIdentifier)
            + FlatTable.Byte(table, 4)
            + FlatTable.SumOf(table, 5, TakeHumanName)
            + FlatTable.SumOf(table, 6, TakeContactPoint)
            + FlatTable.Byte(table, 7)
            + FlatTable.DigestOf(table, 8)
            + FlatTable.SumOf(table, 9, TakeAddress)
            + FlatTable.DigestOf(table, 10, TakeCodeableConcept)
            + FlatTable.SumOf(table, 11, TakePatientLanguage)
            + FlatTable.SumOf(table, 12, TakeLink)
            + FlatTable.DigestOf(table, 13, TakeLink);
    }
}

/// <summary>Encodes and decodes FhirObservation with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct FhirObservationFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirObservationRecord record = FhirObservationRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int id = FlatTable.Put(builder, record.Id);
        int category = FlatTable.Put(builder, record.Category, Put);
        int code = Put(builder, record.Code);
        int subject = Put(builder, record.Subject);
        int encounter = Put(builder, record.Encounter);
        int effectiveAt = FlatTable.Put(builder, record.EffectiveAt);
        int performer = FlatTable.Put(builder, record.Performer, Put);
        int value = record.Value is null ? 0 : Put(builder, record.Value);
        int interpretation = FlatTable.Put(builder, record.Interpretation, Put);
        int referenceRange = FlatTable.Put(builder, record.ReferenceRange, Put);
        int component = FlatTable.Put(builder, record.Component, Put);
        builder.StartTable(14);
        builder.AddLong(8, record.Issued, 0);
        builder.AddLong(1, record.LastUpdated, 0);
        builder.AddOffset(13, component, 0);
        builder.AddOffset(12, referenceRange, 0);
        builder.AddOffset(11, interpretation, 0);
        builder.AddOffset(10, value, 0);
        builder.AddOffset(9, performer, 0);
        builder.AddOffset(7, effectiveAt, 0);
        builder.AddOffset(6, encounter, 0);
        builder.AddOffset(5, subject, 0);
        builder.AddOffset(4, code, 0);
        builder.AddOffset(3, category, 0);
        builder.AddOffset(0, id, 0);
        builder.AddByte(2, (byte)record.Status, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.ULong(table, 1)
            + FlatTable.Byte(table, 2)
            + FlatTable.SumOf(table, 3, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 4, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 5, TakeLink)
            + FlatTable.DigestOf(table, 6, TakeLink)
            + FlatTable.DigestOf(table, 7)
            + FlatTable.ULong(table, 8)
            + FlatTable.SumOf(table, 9, TakeLink)
            + FlatTable.DigestOf(table, 10, TakeObservationValue)
            + FlatTable.SumOf(table, 11, TakeCodeableConcept)
            + FlatTable.SumOf(table, 12, TakeReferenceRange)
            + FlatTable.SumOf(table, 13, TakeObservationPart);
    }
}

/// <summary>Encodes and decodes FhirEncounter with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct FhirEncounterFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirEncounterRecord record = FhirEncounterRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int id = FlatTable.Put(builder, record.Id);
        int classCoding = Put(builder, record.Class);
        int type = FlatTable.Put(builder, record.Type, Put);
        int subject = Put(builder, record.Subject);
        int participant = FlatTable.Put(builder, record.Participant, Put);
        int period = Put(builder, record.Period);
        int lengthOfStay = record.LengthOfStay is null ? 0 : Put(builder, record.LengthOfStay);
        int reasonCode = FlatTable.Put(builder, record.ReasonCode, Put);
        int diagnosis = FlatTable.Put(builder, record.Diagnosis, Put);
        int location = FlatTable.Put(builder, record.Location, Put);
        int serviceProvider = Put(builder, record.ServiceProvider);
        builder.StartTable(13);
        builder.AddLong(1, record.LastUpdated, 0);
        builder.AddOffset(12, serviceProvider, 0);
        builder.AddOffset(11, location, 0);
        builder.AddOffset(10, diagnosis, 0);
        builder.AddOffset(9, reasonCode, 0);
        builder.AddOffset(8, lengthOfStay, 0);
        builder.AddOffset(7, period, 0);
        builder.AddOffset(6, participant, 0);
        builder.AddOffset(5, subject, 0);
        builder.AddOffset(4, type, 0);
        builder.AddOffset(3, classCoding, 0);
        builder.AddOffset(0, id, 0);
        builder.AddByte(2, (byte)record.Status, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.ULong(table, 1)
            + FlatTable.Byte(table, 2)
            + FlatTable.DigestOf(table, 3, TakeCoding)
            + FlatTable.SumOf(table, 4, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 5, TakeLink)
            + FlatTable.SumOf(table, 6, TakeEncounterParticipant)
            + FlatTable.DigestOf(table, 7, TakePeriod)
            + FlatTable.DigestOf(table, 8, TakeQuantity)
            + FlatTable.SumOf(table, 9, TakeCodeableConcept)
            + FlatTable.SumOf(table, 10, TakeEncounterDiagnosis)
            + FlatTable.SumOf(table, 11, TakeEncounterLocation)
            + FlatTable.DigestOf(table, 12, TakeLink);
    }
}

/// <summary>Encodes and decodes FhirConsent with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct FhirConsentFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirConsentRecord record = FhirConsentRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int id = FlatTable.Put(builder, record.Id);
        int scope = Put(builder, record.Scope);
        int category = FlatTable.Put(builder, record.Category, Put);
        int patient = Put(builder, record.Patient);
        int dateTime = FlatTable.Put(builder, record.DateTime);
        int performer = FlatTable.Put(builder, record.Performer, Put);
        int organization = FlatTable.Put(builder, record.Organization, Put);
        int policy = FlatTable.Put(builder, record.Policy, Put);
        int policyRule = record.PolicyRule is null ? 0 : Put(builder, record.PolicyRule);
        int verification = FlatTable.Put(builder, record.Verification, Put);
        int provision = Put(builder, record.Provision);
        builder.StartTable(12);
        builder.AddOffset(11, provision, 0);
        builder.AddOffset(10, verification, 0);
        builder.AddOffset(9, policyRule, 0);
        builder.AddOffset(8, policy, 0);
        builder.AddOffset(7, organization, 0);
        builder.AddOffset(6, performer, 0);
        builder.AddOffset(5, dateTime, 0);
        builder.AddOffset(4, patient, 0);
        builder.AddOffset(3, category, 0);
        builder.AddOffset(2, scope, 0);
        builder.AddOffset(0, id, 0);
        builder.AddByte(1, (byte)record.Status, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.Byte(table, 1)
            + FlatTable.DigestOf(table, 2, TakeCodeableConcept)
            + FlatTable.SumOf(table, 3, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 4, TakeLink)
            + FlatTable.DigestOf(table, 5)
            + FlatTable.SumOf(table, 6, TakeLink)
            + FlatTable.SumOf(table, 7, TakeLink)
            + FlatTable.SumOf(table, 8, TakeConsentPolicy)
            + FlatTable.DigestOf(table, 9, TakeCodeableConcept)
            + FlatTable.SumOf(table, 10, TakeConsentVerification)
            + FlatTable.DigestOf(table, 11, TakeConsentRule);
    }
}

/// <summary>Encodes and decodes FhirServiceRequest with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct FhirServiceRequestFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirServiceRequestRecord record = FhirServiceRequestRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int id = FlatTable.Put(builder, record.Id);
        int identifier = FlatTable.Put(builder, record.Identifier, Put);
        int code = Put(builder, record.Code);
        int subject = Put(builder, record.Subject);
        int encounter = Put(builder, record.Encounter);
        int occurrenceAt = FlatTable.Put(builder, record.OccurrenceAt);
        int authoredOn = FlatTable.Put(builder, record.AuthoredOn);
        int requester = Put(builder, record.Requester);
        int reasonCode = FlatTable.Put(builder, record.ReasonCode, Put);
        int note = FlatTable.Put(builder, record.Note, FlatTable.Put);
        builder.StartTable(14);
        builder.AddLong(1, record.LastUpdated, 0);
        builder.AddOffset(13, note, 0);
        builder.AddOffset(12, reasonCode, 0);
        builder.AddOffset(11, requester, 0);
        builder.AddOffset(10, authoredOn, 0);
        builder.AddOffset(9, occurrenceAt, 0);
        builder.AddOffset(8, encounter, 0);
        builder.AddOffset(7, subject, 0);
        builder.AddOffset(6, code, 0);
        builder.AddOffset(2, identifier, 0);
        builder.AddOffset(0, id, 0);
        builder.AddByte(5, (byte)record.Priority, 0);
        builder.AddByte(4, (byte)record.Intent, 0);
        builder.AddByte(3, (byte)record.Status, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.ULong(table, 1)
            + FlatTable.SumOf(table, 2, TakeIdentifier)
            + FlatTable.Byte(table, 3)
            + FlatTable.Byte(table, 4)
            + FlatTable.Byte(table, 5)
            + FlatTable.DigestOf(table, 6, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 7, TakeLink)
            + FlatTable.DigestOf(table, 8, TakeLink)
            + FlatTable.DigestOf(table, 9)
            + FlatTable.DigestOf(table, 10)
            + FlatTable.DigestOf(table, 11, TakeLink)
            + FlatTable.SumOf(table, 12, TakeCodeableConcept)
            + FlatTable.SumOfTexts(table, 13);
    }
}

/// <summary>Encodes and decodes FhirAppointment with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct FhirAppointmentFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirAppointmentRecord record = FhirAppointmentRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int id = FlatTable.Put(builder, record.Id);
        int identifier = FlatTable.Put(builder, record.Identifier, Put);
        int serviceType = FlatTable.Put(builder, record.ServiceType, Put);
        int appointmentType = Put(builder, record.AppointmentType);
        int start = FlatTable.Put(builder, record.Start);
        int end = FlatTable.Put(builder, record.End);
        int comment = FlatTable.Put(builder, record.Comment, FlatTable.Put);
        int participant = FlatTable.Put(builder, record.Participant, Put);
        builder.StartTable(11);
        builder.AddLong(1, record.LastUpdated, 0);
        builder.AddOffset(10, participant, 0);
        builder.AddOffset(9, comment, 0);
        builder.AddUint(8, record.MinutesDuration, 0);
        builder.AddOffset(7, end, 0);
        builder.AddOffset(6, start, 0);
        builder.AddOffset(5, appointmentType, 0);
        builder.AddOffset(4, serviceType, 0);
        builder.AddOffset(2, identifier, 0);
        builder.AddOffset(0, id, 0);
        builder.AddByte(3, (byte)record.Status, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.ULong(table, 1)
            + FlatTable.SumOf(table, 2, TakeIdentifier)
            + FlatTable.Byte(table, 3)
            + FlatTable.SumOf(table, 4, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 5, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 6)
            + FlatTable.DigestOf(table, 7)
            + FlatTable.UInt(table, 8)
            + FlatTable.SumOfTexts(table, 9)
            + FlatTable.SumOf(table, 10, TakeAppointmentParticipant);
    }
}

/// <summary>Encodes and decodes FhirDocumentReference with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct FhirDocumentReferenceFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirDocumentReferenceRecord record = FhirDocumentReferenceRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int id = FlatTable.Put(builder, record.Id);
        int identifier = FlatTable.Put(builder, record.Identifier, Put);
        int type = Put(builder, record.Type);
        int subject = Put(builder, record.Subject);
        int date = FlatTable.Put(builder, record.Date);
        int author = FlatTable.Put(builder, record.Author, Put);
        int authenticator = Put(builder, record.Authenticator);
        int relatesTo = FlatTable.Put(builder, record.RelatesTo, Put);
        int description = FlatTable.Put(builder, record.Description);
        int paragraphs = FlatTable.Put(builder, record.Paragraphs, FlatTable.Put);
        int content = FlatTable.Put(builder, record.Content, Put);
        int encounter = FlatTable.Put(builder, record.Encounter, Put);
        builder.StartTable(15);
        builder.AddLong(1, record.LastUpdated, 0);
        builder.AddOffset(14, encounter, 0);
        builder.AddOffset(13, content, 0);
        builder.AddOffset(12, paragraphs, 0);
        builder.AddOffset(11, description, 0);
        builder.AddOffset(10, relatesTo, 0);
        builder.AddOffset(9, authenticator, 0);
        builder.AddOffset(8, author, 0);
        builder.AddOffset(7, date, 0);
        builder.AddOffset(6, subject, 0);
        builder.AddOffset(5, type, 0);
        builder.AddOffset(2, identifier, 0);
        builder.AddOffset(0, id, 0);
        builder.AddByte(4, (byte)record.DocStatus, 0);
        builder.AddByte(3, (byte)record.Status, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.ULong(table, 1)
            + FlatTable.SumOf(table, 2, TakeIdentifier)
            + FlatTable.Byte(table, 3)
            + FlatTable.Byte(table, 4)
            + FlatTable.DigestOf(table, 5, TakeCodeableConcept)
            + FlatTable.DigestOf(table, 6, TakeLink)
            + FlatTable.DigestOf(table, 7)
            + FlatTable.SumOf(table, 8, TakeLink)
            + FlatTable.DigestOf(table, 9, TakeLink)
            + FlatTable.SumOf(table, 10, TakeDocumentRelated)
            + FlatTable.DigestOf(table, 11)
            + FlatTable.SumOfTexts(table, 12)
            + FlatTable.SumOf(table, 13, TakeDocumentContent)
            + FlatTable.SumOf(table, 14, TakeLink);
    }
}
