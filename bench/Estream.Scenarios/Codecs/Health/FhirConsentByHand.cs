using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Health.HealthByHand;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Encodes and decodes FhirConsent with hand-written code.</summary>
internal readonly struct FhirConsentByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        FhirConsentRecord record = FhirConsentRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 12);
        at += 12;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.Id.Utf8);
        block[1] = (byte)record.Status;
        at = Put(destination, at, record.Scope);
        BinaryPrimitives.WriteUInt16LittleEndian(block[2..], ByHand.Count(record.Category.Length));
        foreach (CodeableConcept item in record.Category)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.Patient);
        at = ByHand.Put8(destination, at, record.DateTime.Utf8);
        BinaryPrimitives.WriteUInt16LittleEndian(block[4..], ByHand.Count(record.Performer.Length));
        foreach (Link item in record.Performer)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[6..], ByHand.Count(record.Organization.Length));
        foreach (Link item in record.Organization)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[8..], ByHand.Count(record.Policy.Length));
        foreach (ConsentPolicy item in record.Policy)
        {
            at = Put(destination, at, item);
        }

        has |= record.PolicyRule is null ? 0u : 0x1u;
        at = Put(destination, at, record.PolicyRule);
        BinaryPrimitives.WriteUInt16LittleEndian(block[10..], ByHand.Count(record.Verification.Length));
        foreach (ConsentVerification item in record.Verification)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.Provision);
        block[0] = (byte)has;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 12);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += block[1];
        sum += TakeCodeableConcept(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[2..]); i > 0; i--)
        {
            sum += TakeCodeableConcept(message, at, out at);
        }

        sum += TakeLink(message, at, out at);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[4..]); i > 0; i--)
        {
            sum += TakeLink(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[6..]); i > 0; i--)
        {
            sum += TakeLink(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[8..]); i > 0; i--)
        {
            sum += TakeConsentPolicy(message, at, out at);
        }

        sum += (has & 0x1) != 0 ? TakeCodeableConcept(message, at, out at) : 0UL;
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[10..]); i > 0; i--)
        {
            sum += TakeConsentVerification(message, at, out at);
        }

        sum += TakeConsentRule(message, at, out at);
        return sum;
    }
}
