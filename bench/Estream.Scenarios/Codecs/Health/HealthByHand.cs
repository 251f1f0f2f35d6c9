using System.Buffers.Binary;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Health;

/// <summary>Hand-written code for the parts of esf-health messages; see <see cref="ByHand"/>.</summary>
internal static partial class HealthByHand
{
    public static int Put(Span<byte> destination, int at, Identifier? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        block[0] = (byte)record.Use;
        at = ByHand.Put32(destination, at, record.System.Utf8);
        at = ByHand.Put32(destination, at, record.Value.Utf8);
        return at;
    }

    public static ulong TakeIdentifier(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        ulong sum = 0;
        sum += block[0];
        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += Digests.Of(ByHand.Take32(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, HumanName? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 3);
        at += 3;
        block[0] = (byte)record.Use;
        at = ByHand.Put32(destination, at, record.Family.Utf8);
        BinaryPrimitives.WriteUInt16LittleEndian(block[1..], ByHand.Count(record.Given.Length));
        foreach (Text item in record.Given)
        {
            at = ByHand.Put32(destination, at, item.Utf8);
        }

        return at;
    }

    public static ulong TakeHumanName(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 3);
        ulong sum = 0;
        sum += block[0];
        sum += Digests.Of(ByHand.Take32(message, ref at));
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[1..]); i > 0; i--)
        {
            sum += Digests.Of(ByHand.Take32(message, ref at));
        }

        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, ContactPoint? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 2);
        at += 2;
        block[0] = (byte)record.System;
        at = ByHand.Put32(destination, at, record.Value.Utf8);
        block[1] = (byte)record.Use;
        return at;
    }

    public static ulong TakeContactPoint(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 2);
        ulong sum = 0;
        sum += block[0];
        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += block[1];
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Address? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 3);
        at += 3;
        block[0] = (byte)record.Use;
        BinaryPrimitives.WriteUInt16LittleEndian(block[1..], ByHand.Count(record.Line.Length));
        foreach (Text item in record.Line)
        {
            at = ByHand.Put32(destination, at, item.Utf8);
        }

        at = ByHand.Put32(destination, at, record.City.Utf8);
        at = ByHand.Put32(destination, at, record.PostalCode.Utf8);
        at = ByHand.Put32(destination, at, record.Country.Utf8);
        return at;
    }

    public static ulong TakeAddress(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 3);
        ulong sum = 0;
        sum += block[0];
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[1..]); i > 0; i--)
        {
            sum += Digests.Of(ByHand.Take32(message, ref at));
        }

        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += Digests.Of(ByHand.Take32(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, CodeableConcept? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 3);
        at += 3;
        uint has = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(block[1..], ByHand.Count(record.Coding.Length));
        foreach (Coding item in record.Coding)
        {
            at = Put(destination, at, item);
        }

        at = ByHand.Put32(destination, at, record.Text.Utf8, ref has, 0x1);
        block[0] = (byte)has;
        return at;
    }

    public static ulong TakeCodeableConcept(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 3);
        uint has = block[0];
        ulong sum = 0;
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[1..]); i > 0; i--)
        {
            sum += TakeCoding(message, at, out at);
        }

        sum += (has & 0x1) != 0 ? Digests.Of(ByHand.Take32(message, ref at)) : 0UL;
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Coding? record)
    {
        if (record is null)
        {
            return at;
        }

        at = ByHand.Put32(destination, at, record.System.Utf8);
        at = ByHand.Put32(destination, at, record.Code.Utf8);
        at = ByHand.Put32(destination, at, record.Display.Utf8);
        return at;
    }

    public static ulong TakeCoding(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += Digests.Of(ByHand.Take32(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, PatientLanguage? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        at = Put(destination, at, record.Language);
        block[0] = record.Preferred ? (byte)1 : (byte)0;
        return at;
    }

    public static ulong TakePatientLanguage(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        ulong sum = 0;
        sum += TakeCodeableConcept(message, at, out at);
        sum += (block[0] != 0 ? 1UL : 0UL);
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Link? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        uint has = 0;
        at = ByHand.Put32(destination, at, record.Reference.Utf8);
        at = ByHand.Put32(destination, at, record.Display.Utf8, ref has, 0x1);
        block[0] = (byte)has;
        return at;
    }

    public static ulong TakeLink(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += (has & 0x1) != 0 ? Digests.Of(ByHand.Take32(message, ref at)) : 0UL;
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Period? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.Start.Utf8);
        at = ByHand.Put8(destination, at, record.End.Utf8, ref has, 0x1);
        block[0] = (byte)has;
        return at;
    }

    public static ulong TakePeriod(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += (has & 0x1) != 0 ? Digests.Of(ByHand.Take8(message, ref at)) : 0UL;
        end = at;
        return sum;
    }
}
