using System.Buffers.Binary;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Payments;

internal static partial class PaymentsByHand
{
    public static int Put(Span<byte> destination, int at, Remittance? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 4);
        at += 4;
        BinaryPrimitives.WriteUInt16LittleEndian(block, ByHand.Count(record.Unstructured.Length));
        foreach (Text item in record.Unstructured)
        {
            at = ByHand.Put16(destination, at, item.Utf8);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[2..], ByHand.Count(record.Structured.Length));
        foreach (Invoice item in record.Structured)
        {
            at = Put(destination, at, item);
        }

        return at;
    }

    public static ulong TakeRemittance(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 4);
        ulong sum = 0;
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block); i > 0; i--)
        {
            sum += Digests.Of(ByHand.Take16(message, ref at));
        }

        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[2..]); i > 0; i--)
        {
            sum += TakeInvoice(message, at, out at);
        }

        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Invoice? record)
    {
        if (record is null)
        {
            return at;
        }

        at = ByHand.Put8(destination, at, record.DocumentNumber.Utf8);
        at = Put(destination, at, record.DueAmount);
        at = ByHand.Put8(destination, at, record.CreditorReference.Utf8);
        return at;
    }

    public static ulong TakeInvoice(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += TakeAmount(message, at, out at);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, StatusGroup? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 8);
        at += 8;
        at = ByHand.Put8(destination, at, record.OriginalMessageId.Utf8);
        at = ByHand.Put8(destination, at, record.OriginalMessageDefinition.Utf8);
        BinaryPrimitives.WriteUInt64LittleEndian(block, record.OriginalNumberOfTransactions);
        at = ByHand.Put8(destination, at, record.Status.Utf8);
        return at;
    }

    public static ulong TakeStatusGroup(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 8);
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, StatusTransaction? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 3);
        at += 3;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.StatusId.Utf8, ref has, 0x1);
        at = ByHand.Put8(destination, at, record.OriginalInstructionId.Utf8);
        at = ByHand.Put8(destination, at, record.OriginalEndToEndId.Utf8);
        at = ByHand.Put8(destination, at, record.OriginalTransactionId.Utf8);
        at = ByHand.Put8(destination, at, record.Status.Utf8);
        BinaryPrimitives.WriteUInt16LittleEndian(block[1..], ByHand.Count(record.Reasons.Length));
        foreach (StatusReason item in record.Reasons)
        {
            at = Put(destination, at, item);
        }

        at = ByHand.Put8(destination, at, record.AcceptanceAt.Utf8);
        has |= record.OriginalSettlementAmount is null ? 0u : 0x2u;
        at = Put(destination, at, record.OriginalSettlementAmount);
        has |= record.OriginalDebtorAccount is null ? 0u : 0x4u;
        at = Put(destination, at, record.OriginalDebtorAccount);
        has |= record.OriginalCreditorAccount is null ? 0u : 0x8u;
        at = Put(destination, at, record.OriginalCreditorAccount);
        block[0] = (byte)has;
        return at;
    }

    public static ulong TakeStatusTransaction(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 3);
        uint has = block[0];
        ulong sum = 0;
        sum += (has & 0x1) != 0 ? Digests.Of(ByHand.Take8(message, ref at)) : 0UL;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[1..]); i > 0; i--)
        {
            sum += TakeStatusReason(message, at, out at);
        }

        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += (has & 0x2) != 0 ? TakeAmount(message, at, out at) : 0UL;
        sum += (has & 0x4) != 0 ? TakeAccount(message, at, out at) : 0UL;
        sum += (has & 0x8) != 0 ? TakeAccount(message, at, out at) : 0UL;
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, StatusReason? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 2);
        at += 2;
        at = Put(destination, at, record.Reason);
        BinaryPrimitives.WriteUInt16LittleEndian(block, ByHand.Count(record.Additional.Length));
        foreach (Text item in record.Additional)
        {
            at = ByHand.Put16(destination, at, item.Utf8);
        }

        return at;
    }

    public static ulong TakeStatusReason(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 2);
        ulong sum = 0;
        sum += TakeCodeOrProprietary(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block); i > 0; i--)
        {
            sum += Digests.Of(ByHand.Take16(message, ref at));
        }

        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Balance? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        at = Put(destination, at, record.Type);
        at = Put(destination, at, record.Amount);
        block[0] = (byte)record.Side;
        at = ByHand.Put8(destination, at, record.Date.Utf8);
        return at;
    }

    public static ulong TakeBalance(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        ulong sum = 0;
        sum += TakeCodeOrProprietary(message, at, out at);
        sum += TakeAmount(message, at, out at);
        sum += block[0];
        sum += Digests.Of(ByHand.Take8(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Summary? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 9);
        at += 9;
        BinaryPrimitives.WriteUInt64LittleEndian(block, record.Entries);
        at = Put(destination, at, record.Sum);
        at = Put(destination, at, record.NetAmount);
        block[8] = (byte)record.NetSide;
        return at;
    }

    public static ulong TakeSummary(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 9);
        ulong sum = 0;
        sum += BinaryPrimitives.ReadUInt64LittleEndian(block);
        sum += TakeScaled(message, at, out at);
        sum += TakeScaled(message, at, out at);
        sum += block[8];
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Entry? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 3);
        at += 3;
        at = ByHand.Put8(destination, at, record.Reference.Utf8);
        at = Put(destination, at, record.Amount);
        block[0] = (byte)record.Side;
        at = Put(destination, at, record.Status);
        at = ByHand.Put8(destination, at, record.BookingDate.Utf8);
        at = ByHand.Put8(destination, at, record.ValueDate.Utf8);
        at = ByHand.Put8(destination, at, record.AccountServicerReference.Utf8);
        at = Put(destination, at, record.TransactionCode);
        BinaryPrimitives.WriteUInt16LittleEndian(block[1..], ByHand.Count(record.Transactions.Length));
        foreach (EntryTransaction item in record.Transactions)
        {
            at = Put(destination, at, item);
        }

        return at;
    }

    public static ulong TakeEntry(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 3);
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += TakeAmount(message, at, out at);
        sum += block[0];
        sum += TakeCodeOrProprietary(message, at, out at);
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += TakeTransactionCode(message, at, out at);
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[1..]); i > 0; i--)
        {
            sum += TakeEntryTransaction(message, at, out at);
        }

        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, TransactionCode? record)
    {
        if (record is null)
        {
            return at;
        }

        at = ByHand.Put8(destination, at, record.Domain.Utf8);
        at = ByHand.Put8(destination, at, record.Family.Utf8);
        at = ByHand.Put8(destination, at, record.SubFamily.Utf8);
        return at;
    }

    public static ulong TakeTransactionCode(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, EntryTransaction? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        at = ByHand.Put8(destination, at, record.EndToEndId.Utf8);
        at = ByHand.Put8(destination, at, record.TransactionId.Utf8);
        at = Put(destination, at, record.Amount);
        block[0] = (byte)record.Side;
        at = Put(destination, at, record.Debtor);
        at = Put(destination, at, record.DebtorAccount);
        at = Put(destination, at, record.Creditor);
        at = Put(destination, at, record.CreditorAccount);
        at = Put(destination, at, record.Remittance);
        return at;
    }

    public static ulong TakeEntryTransaction(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += TakeAmount(message, at, out at);
        sum += block[0];
        sum += TakeParty(message, at, out at);
        sum += TakeAccount(message, at, out at);
        sum += TakeParty(message, at, out at);
        sum += TakeAccount(message, at, out at);
        sum += TakeRemittance(message, at, out at);
        end = at;
        return sum;
    }
}
