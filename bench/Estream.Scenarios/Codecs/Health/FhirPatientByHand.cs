using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Health.HealthByHand;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirPatient with hand-written code.</summary>
internal readonly struct FhirPatientByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirPatientRecord record = FhirPatientRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 23);
        at += 23;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.Id.Utf8);
        at = ByHand.Put8(destination, at, record.VersionId.Utf8);
        BinaryPrimitives.WriteInt64LittleEndian(block[1..], record.LastUpdated);
        BinaryPrimitives.WriteUInt16LittleEndian(block[9..], ByHand.Count(record.Identifier.Length));
        foreach (Identifier item in record.Identifier)
        {
            at = Put(destination, at, item);
        }

        block[11] = record.Active ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(block[12..], ByHand.Count(record.Name.Length));
        foreach (HumanName item in record.Name)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[14..], ByHand.Count(record.Telecom.Length));
        foreach (ContactPoint item in record.Telecom)
        {
            at = Put(destination, at, item);
        }

        block[16] = (byte)ByHand.Value(record.Gender, ref has, 0x1);
        at = ByHand.Put8(destination, at, record.BirthDate.Utf8);
        BinaryPrimitives.WriteUInt16LittleEndian(block[17..], ByHand.Count(record.Address.Length));
        foreach (Address item in record.Address)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.MaritalStatus);
        BinaryPrimitives.WriteUInt16LittleEndian(block[19..], ByHand.Count(record.Communication.Length));
        foreach (PatientLanguage item in record.Communication)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[21..], ByHand.Count(record.GeneralPractitioner.Length));
        foreach (Link item in record.GeneralPractitioner)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.ManagingOrganization);
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 23);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[1..]);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[9..]); i > 0; i--)
        {
            sum += TakeIdentifier(message, at, out at);
        }

        sum += (block[11] != 0 ? 1UL : 0UL);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[12..]); i > 0; i--)
        {
            sum += TakeHumanName(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[14..]); i > 0; i--)
        {
            sum += TakeContactPoint(message, at, out at);
        }

        sum += (has & 0x1) != 0 ? block[16] : 0UL;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[17..]); i > 0; i--)
        {
            sum += TakeAddress(message, at, out at);
        }

        sum += TakeCodeableConcept(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[19..]); i > 0; i--)
        {
            sum += TakePatientLanguage(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[21..]); i > 0; i--)
        {
            sum += TakeLink(message, at, out at);
        }

        sum += TakeLink(message, at, out at);
        return sum;
    }
}
