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
