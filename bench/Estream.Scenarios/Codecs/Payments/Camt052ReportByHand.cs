using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Payments.PaymentsByHand;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>Encodes and decodes Camt052Report with hand-written code.</summary>
internal readonly struct Camt052ReportByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Camt052ReportRecord record = Camt052ReportRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 12);
        at += 12;
        at = ByHand.Put8(destination, at, record.MessageId.Utf8);
        at = ByHand.Put8(destination, at, record.MessageDefinition.Utf8);
        at = ByHand.Put8(destination, at, record.MessageCreatedAt.Utf8);
        at = ByHand.Put8(destination, at, record.ReportId.Utf8);
        BinaryPrimitives.WriteUInt64LittleEndian(block, record.ElectronicSequence);
        at = ByHand.Put8(destination, at, record.CreatedAt.Utf8);
        at = ByHand.Put8(destination, at, record.From.Utf8);
        at = ByHand.Put8(destination, at, record.To.Utf8);
        at = Put(destination, at, record.Account);
        at = Put(destination, at, record.AccountServicer);
        BinaryPrimitives.WriteUInt16LittleEndian(block[8..], ByHand.Count(record.Balances.Length));
        foreach (Balance item in record.Balances)
        {
            at = Put(destination, at, item);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[10..], ByHand.Count(record.Entries.Length));
        foreach (Entry item in record.Entries)
        {
            at = Put(destination, at, item);
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        int at = 0;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 12);
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += TakeAccount(message, at, out at);
        sum += TakeAgent(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[8..]); i > 0; i--)
        {
            sum += TakeBalance(message, at, out at);
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[10..]); i > 0; i--)
        {
            sum += TakeEntry(message, at, out at);
        }

        return sum;
    }
}
