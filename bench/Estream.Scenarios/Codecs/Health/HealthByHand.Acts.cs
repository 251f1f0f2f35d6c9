using System.Buffers.Binary;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Health;

internal static partial class HealthByHand
{
    public static int Put(Span<byte> destination, int at, ObservationValue? record)
    {
        if (record is null)
        {
            return at;
        }

        at = Put(destination, at, record.Quantity);
        return at;
    }

    public static ulong TakeObservationValue(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ulong sum = 0;
        sum += TakeQuantity(message, at, out at);
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Quantity? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 9);
        at += 9;
        BinaryPrimitives.WriteInt64LittleEndian(block, record.Value);
        block[8] = (byte)record.Scale;
        at = ByHand.Put32(destination, at, record.Unit.Utf8);
        at = ByHand.Put32(destination, at, record.System.Utf8);
        at = ByHand.Put32(destination, at, record.Code.Utf8);
        return at;
    }

    public static ulong TakeQuantity(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 9);
        ulong sum = 0;
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block);
        sum += (ulong)(sbyte)block[8];
        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += Digests.Of(ByHand.Take32(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, ReferenceRange? record)
    {
        if (record is null)
        {
            return at;
        }

        at = Put(destination, at, record.Low);
        at = Put(destination, at, record.High);
        return at;
    }

    public static ulong TakeReferenceRange(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ulong sum = 0;
        sum += TakeQuantity(message, at, out at);
        sum += TakeQuantity(message, at, out at);
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, ObservationPart? record)
    {
        if (record is null)
        {
            return at;
        }

        at = Put(destination, at, record.Code);
        at = Put(destination, at, record.Value);
        return at;
    }

    public static ulong TakeObservationPart(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ulong sum = 0;
        sum += TakeCodeableConcept(message, at, out at);
        sum += TakeObservationValue(message, at, out at);
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, EncounterParticipant? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 2);
        at += 2;
        BinaryPrimitives.WriteUInt16LittleEndian(block, ByHand.Count(record.Type.Length));
        foreach (CodeableConcept item in record.Type)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.Individual);
        return at;
    }

    public static ulong TakeEncounterParticipant(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 2);
        ulong sum = 0;
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block); i > 0; i--)
        {
            sum += TakeCodeableConcept(message, at, out at);
        }

        sum += TakeLink(message, at, out at);
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, EncounterDiagnosis? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 4);
        at += 4;
        at = Put(destination, at, record.Condition);
        at = Put(destination, at, record.Use);
        BinaryPrimitives.WriteUInt32LittleEndian(block, record.Rank);
        return at;
    }

    public static ulong TakeEncounterDiagnosis(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 4);
        ulong sum = 0;
        sum += TakeLink(message, at, out at);
        sum += TakeCodeableConcept(message, at, out at);
        sum += BinaryPrimitives.ReadUInt32LittleEndian(block);
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, EncounterLocation? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        at = Put(destination, at, record.Location);
        block[0] = (byte)record.Status;
        return at;
    }

    public static ulong TakeEncounterLocation(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        ulong sum = 0;
        sum += TakeLink(message, at, out at);
        sum += block[0];
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, ConsentPolicy? record)
    {
        if (record is null)
        {
            return at;
        }

        at = ByHand.Put32(destination, at, record.Uri.Utf8);
        return at;
    }

    public static ulong TakeConsentPolicy(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take32(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, ConsentVerification? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        block[0] = record.Verified ? (byte)1 : (byte)0;
        at = ByHand.Put8(destination, at, record.VerificationDate.Utf8);
        return at;
    }

    public static ulong TakeConsentVerification(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        ulong sum = 0;
        sum += (block[0] != 0 ? 1UL : 0UL);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, ConsentRule? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 5);
        at += 5;
        block[0] = (byte)record.Type;
        at = Put(destination, at, record.Period);
        BinaryPrimitives.WriteUInt16LittleEndian(block[1..], ByHand.Count(record.Actor.Length));
        foreach (ConsentActor item in record.Actor)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[3..], ByHand.Count(record.Action.Length));
        foreach (CodeableConcept item in record.Action)
        {
            at = Put(destination, at, item);
        }

        return at;
    }

    public static ulong TakeConsentRule(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 5);
        ulong sum = 0;
        sum += block[0];
        sum += TakePeriod(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[1..]); i > 0; i--)
        {
            sum += TakeConsentActor(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[3..]); i > 0; i--)
        {
            sum += TakeCodeableConcept(message, at, out at);
        }

        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, ConsentActor? record)
    {
        if (record is null)
        {
            return at;
        }

        at = Put(destination, at, record.Role);
        at = Put(destination, at, record.Reference);
        return at;
    }

    public static ulong TakeConsentActor(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ulong sum = 0;
        sum += TakeCodeableConcept(message, at, out at);
        sum += TakeLink(message, at, out at);
        end = at;
        return sum;
    }
}
