using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Health.HealthByHand;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirServiceRequest with hand-written code.</summary>
internal readonly struct FhirServiceRequestByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirServiceRequestRecord record = FhirServiceRequestRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 17);
        at += 17;
        at = ByHand.Put8(destination, at, record.Id.Utf8);
        BinaryPrimitives.WriteInt64LittleEndian(block, record.LastUpdated);
        BinaryPrimitives.WriteUInt16LittleEndian(block[8..], ByHand.Count(record.Identifier.Length));
        foreach (Identifier item in record.Identifier)
        {
            at = Put(destination, at, item);
        }

        block[10] = (byte)record.Status;
        block[11] = (byte)record.Intent;
        block[12] = (byte)record.Priority;
        at = Put(destination, at, record.Code);
        at = Put(destination, at, record.Subject);
        at = Put(destination, at, record.Encounter);
        at = ByHand.Put8(destination, at, record.OccurrenceAt.Utf8);
        at = ByHand.Put8(destination, at, record.AuthoredOn.Utf8);
        at = Put(destination, at, record.Requester);
        BinaryPrimitives.WriteUInt16LittleEndian(block[13..], ByHand.Count(record.ReasonCode.Length));
        foreach (CodeableConcept item in record.ReasonCode)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[15..], ByHand.Count(record.Note.Length));
        foreach (Text item in record.Note)
        {
            at = ByHand.Put32(destination, at, item.Utf8);
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 17);
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[8..]); i > 0; i--)
        {
            sum += TakeIdentifier(message, at, out at);
        }

        sum += block[10];
        sum += block[11];
        sum += block[12];
        sum += TakeCodeableConcept(message, at, out at);
        sum += TakeLink(message, at, out at);
        sum += TakeLink(message, at, out at);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += TakeLink(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[13..]); i > 0; i--)
        {
            sum += TakeCodeableConcept(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[15..]); i > 0; i--)
        {
            sum += Digests.Of(ByHand.Take32(message, ref at));
        }

        return sum;
    }
}
