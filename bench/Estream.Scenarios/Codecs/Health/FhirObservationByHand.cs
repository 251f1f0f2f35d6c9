using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Health.HealthByHand;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirObservation with hand-written code.</summary>
internal readonly struct FhirObservationByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirObservationRecord record = FhirObservationRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 28);
        at += 28;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.Id.Utf8);
        BinaryPrimitives.WriteInt64LittleEndian(block[1..], record.LastUpdated);
        block[9] = (byte)record.Status;
        BinaryPrimitives.WriteUInt16LittleEndian(block[10..], ByHand.Count(record.Category.Length));
        foreach (CodeableConcept item in record.Category)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.Code);
        at = Put(destination, at, record.Subject);
        at = Put(destination, at, record.Encounter);
        at = ByHand.Put8(destination, at, record.EffectiveAt.Utf8);
        BinaryPrimitives.WriteInt64LittleEndian(block[12..], record.Issued);
        BinaryPrimitives.WriteUInt16LittleEndian(block[20..], ByHand.Count(record.Performer.Length));
        foreach (Link item in record.Performer)
        {
            at = Put(destination, at, item);
        }

        has |= record.Value is null ? 0u : 0x1u;
        at = Put(destination, at, record.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(block[22..], ByHand.Count(record.Interpretation.Length));
        foreach (CodeableConcept item in record.Interpretation)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[24..], ByHand.Count(record.ReferenceRange.Length));
        foreach (ReferenceRange item in record.ReferenceRange)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[26..], ByHand.Count(record.Component.Length));
        foreach (ObservationPart item in record.Component)
        {
            at = Put(destination, at, item);
        }

        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 28);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[1..]);
        sum += block[9];
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[10..]); i > 0; i--)
        {
            sum += TakeCodeableConcept(message, at, out at);
        }

        sum += TakeCodeableConcept(message, at, out at);
        sum += TakeLink(message, at, out at);
        sum += TakeLink(message, at, out at);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block[12..]);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[20..]); i > 0; i--)
        {
            sum += TakeLink(message, at, out at);
        }

        sum += (has & 0x1) != 0 ? TakeObservationValue(message, at, out at) : 0UL;
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[22..]); i > 0; i--)
        {
            sum += TakeCodeableConcept(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[24..]); i > 0; i--)
        {
            sum += TakeReferenceRange(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[26..]); i > 0; i--)
        {
            sum += TakeObservationPart(message, at, out at);
        }

        return sum;
    }
}
