using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Payments.PaymentsByHand;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>Encodes and decodes Camt053Statement with hand-written code.</summary>
internal readonly struct Camt053StatementByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Camt053StatementRecord record = Camt053StatementRecord.All[index];
        int at = 0;
        Span<byte> block = destination.Slice(at, 13);
        at += 13;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.MessageId.Utf8);
        at = ByHand.Put8(destination, at, record.MessageDefinition.Utf8);
        at = ByHand.Put8(destination, at, record.MessageCreatedAt.Utf8);
        at = ByHand.Put8(destination, at, record.StatementId.Utf8);
        BinaryPrimitives.WriteUInt64LittleEndian(block[1..], record.ElectronicSequence);
        at = ByHand.Put8(destination, at, record.CreatedAt.Utf8);
        at = ByHand.Put8(destination, at, record.From.Utf8);
        at = ByHand.Put8(destination, at, record.To.Utf8);
        at = Put(destination, at, record.Account);
        at = Put(destination, at, record.AccountOwner);
        at = Put(destination, at, record.AccountServicer);
        BinaryPrimitives.WriteUInt16LittleEndian(block[9..], ByHand.Count(record.Balances.Length));
        foreach (Balance item in record.Balances)
        {
            at = Put(destination, at, item);
        }

        has |= record.Summary is null ? 0u : 0x1u;
        at = Put(destination, at, record.Summary);
        BinaryPrimitives.WriteUInt16LittleEndian(block[11..], ByHand.Count(record.Entries.Length));
        foreach (Entry item in record.Entries)
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
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 13);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block[1..]);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += TakeAccount(message, at, out at);
        sum += TakeParty(message, at, out at);
        sum += TakeAgent(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[9..]); i > 0; i--)
        {
            sum += TakeBalance(message, at, out at);
        }

        sum += (has & 0x1) != 0 ? TakeSummary(message, at, out at) : 0UL;
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[11..]); i > 0; i--)
        {
            sum += TakeEntry(message, at, out at);
        }

        return sum;
    }
}
