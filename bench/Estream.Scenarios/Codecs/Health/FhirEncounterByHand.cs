using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Health.HealthByHand;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirEncounter with hand-written code.</summary>
internal readonly struct FhirEncounterByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirEncounterRecord record = FhirEncounterRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 20);
        at += 20;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.Id.Utf8);
        BinaryPrimitives.WriteInt64LittleEndian(block[1..], record.LastUpdated);
        block[9] = (byte)record.Status;
        at = Put(destination, at, record.Class);
        BinaryPrimitives.WriteUInt16LittleEndian(block[10..], ByHand.Count(record.Type.Length));
        foreach (CodeableConcept item in record.Type)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.Subject);
        BinaryPrimitives.WriteUInt16LittleEndian(block[12..], ByHand.Count(record.Participant.Length));
        foreach (EncounterParticipant item in record.Participant)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.Period);
        has |= record.LengthOfStay is null ? 0u : 0x1u;
        at = Put(destination, at, record.LengthOfStay);
        BinaryPrimitives.WriteUInt16LittleEndian(block[14..], ByHand.Count(record.ReasonCode.Length));
        foreach (CodeableConcept item in record.ReasonCode)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[16..], ByHand.Count(record.Diagnosis.Length));
        foreach (EncounterDiagnosis item in record.Diagnosis)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[18..], ByHand.Count(record.Location.Length));
        foreach (EncounterLocation item in record.Location)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.ServiceProvider);
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 20);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[1..]);
        sum += block[9];
        sum += TakeCoding(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[10..]); i > 0; i--)
        {
            sum += TakeCodeableConcept(message, at, out at);
        }

        sum += TakeLink(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[12..]); i > 0; i--)
        {
            sum += TakeEncounterParticipant(message, at, out at);
        }

        sum += TakePeriod(message, at, out at);
        sum += (has & 0x1) != 0 ? TakeQuantity(message, at, out at) : 0UL;
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[14..]); i > 0; i--)
        {
            sum += TakeCodeableConcept(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[16..]); i > 0; i--)
        {
            sum += TakeEncounterDiagnosis(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[18..]); i > 0; i--)
        {
            sum += TakeEncounterLocation(message, at, out at);
        }

        sum += TakeLink(message, at, out at);
        return sum;
    }
}
