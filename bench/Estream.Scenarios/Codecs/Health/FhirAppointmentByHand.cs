using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Health.HealthByHand;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirAppointment with hand-written code.</summary>
internal readonly struct FhirAppointmentByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirAppointmentRecord record = FhirAppointmentRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 21);
        at += 21;
        at = ByHand.Put8(destination, at, record.Id.Utf8);
        BinaryPrimitives.WriteInt64LittleEndian(block, record.LastUpdated);
        BinaryPrimitives.WriteUInt16LittleEndian(block[8..], ByHand.Count(record.Identifier.Length));
        foreach (Identifier item in record.Identifier)
        {
            at = Put(destination, at, item);
        }

        block[10] = (byte)record.Status;
        BinaryPrimitives.WriteUInt16LittleEndian(block[11..], ByHand.Count(record.ServiceType.Length));
        foreach (CodeableConcept item in record.ServiceType)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.AppointmentType);
        at = ByHand.Put8(destination, at, record.Start.Utf8);
        at = ByHand.Put8(destination, at, record.End.Utf8);
        BinaryPrimitives.WriteUInt32LittleEndian(block[13..], record.MinutesDuration);
        BinaryPrimitives.WriteUInt16LittleEndian(block[17..], ByHand.Count(record.Comment.Length));
        foreach (Text item in record.Comment)
        {
            at = ByHand.Put32(destination, at, item.Utf8);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[19..], ByHand.Count(record.Participant.Length));
        foreach (AppointmentParticipant item in record.Participant)
        {
            at = Put(destination, at, item);
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 21);
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[8..]); i > 0; i--)
        {
            sum += TakeIdentifier(message, at, out at);
        }

        sum += block[10];
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[11..]); i > 0; i--)
        {
            sum += TakeCodeableConcept(message, at, out at);
        }

        sum += TakeCodeableConcept(message, at, out at);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += BinaryPrimitives.ReadUInt32LittleEndian(block[13..]);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[17..]); i > 0; i--)
        {
            sum += Digests.Of(ByHand.Take32(message, ref at));
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[19..]); i > 0; i--)
        {
            sum += TakeAppointmentParticipant(message, at, out at);
        }

        return sum;
    }
}
