using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Payments.PaymentsByHand;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>Encodes and decodes Pacs008CreditTransfer with hand-written code.</summary>
internal readonly struct Pacs008CreditTransferByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Pacs008CreditTransferRecord record = Pacs008CreditTransferRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 10);
        at += 10;
        at = ByHand.Put8(destination, at, record.MessageId.Utf8);
        at = ByHand.Put8(destination, at, record.MessageDefinition.Utf8);
        at = ByHand.Put8(destination, at, record.CreatedAt.Utf8);
        BinaryPrimitives.WriteUInt64LittleEndian(block, record.NumberOfTransactions);
        at = Put(destination, at, record.TotalSettlementAmount);
        at = ByHand.Put8(destination, at, record.SettlementDate.Utf8);
        at = Put(destination, at, record.Settlement);
        at = Put(destination, at, record.InstructingAgent);
        at = Put(destination, at, record.InstructedAgent);
        BinaryPrimitives.WriteUInt16LittleEndian(block[8..], ByHand.Count(record.Transactions.Length));
        foreach (CreditTransfer item in record.Transactions)
        {
            at = Put(destination, at, item);
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 10);
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block);
        sum += TakeAmount(message, at, out at);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += TakeSettlement(message, at, out at);
        sum += TakeAgent(message, at, out at);
        sum += TakeAgent(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[8..]); i > 0; i--)
        {
            sum += TakeCreditTransfer(message, at, out at);
        }

        return sum;
    }
}
