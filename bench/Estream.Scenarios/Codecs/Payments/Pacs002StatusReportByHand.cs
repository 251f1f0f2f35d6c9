using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Payments.PaymentsByHand;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>Encodes and decodes Pacs002StatusReport with hand-written code.</summary>
internal readonly struct Pacs002StatusReportByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Pacs002StatusReportRecord record = Pacs002StatusReportRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 4);
        at += 4;
        at = ByHand.Put8(destination, at, record.MessageId.Utf8);
        at = ByHand.Put8(destination, at, record.MessageDefinition.Utf8);
        at = ByHand.Put8(destination, at, record.CreatedAt.Utf8);
        at = Put(destination, at, record.InstructingAgent);
        at = Put(destination, at, record.InstructedAgent);
        BinaryPrimitives.WriteUInt16LittleEndian(block, ByHand.Count(record.Groups.Length));
        foreach (StatusGroup item in record.Groups)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[2..], ByHand.Count(record.Transactions.Length));
        foreach (StatusTransaction item in record.Transactions)
        {
            at = Put(destination, at, item);
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 4);
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += TakeAgent(message, at, out at);
        sum += TakeAgent(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block); i > 0; i--)
        {
            sum += TakeStatusGroup(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[2..]); i > 0; i--)
        {
            sum += TakeStatusTransaction(message, at, out at);
        }

        return sum;
    }
}
