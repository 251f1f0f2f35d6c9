using System.Buffers.Binary;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Health;

internal static partial class HealthByHand
{
    public static int Put(Span<byte> destination, int at, AppointmentParticipant record)
    {
        Span<byte> block = destination.Slice(at, 3);
        at += 3;
        BinaryPrimitives.WriteUInt16LittleEndian(block, ByHand.Count(record.Type.Length));
        foreach (CodeableConcept item in record.Type)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.Actor);
        block[2] = (byte)record.Status;
        return at;
    }

    public static ulong TakeAppointmentParticipant(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 3);
        ulong sum = 0;
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block); i > 0; i--)
        {
            sum += TakeCodeableConcept(message, at, out at);
        }

        sum += TakeLink(message, at, out at);
        sum += block[2];
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, DocumentRelated record)
    {
        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        block[0] = (byte)record.Code;
        return Put(destination, at, record.Target);
    }

    public static ulong TakeDocumentRelated(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        ulong sum = block[0];
        sum += TakeLink(message, at, out at);
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, DocumentContent record)
    {
        at = ByHand.Put32(destination, at, record.ContentType.Utf8);
        return ByHand.Put32(destination, at, record.Url.Utf8);
    }

    public static ulong TakeDocumentContent(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take32(message, ref at));
        sum += Digests.Of(ByHand.Take32(message, ref at));
        end = at;
        return sum;
    }
}
