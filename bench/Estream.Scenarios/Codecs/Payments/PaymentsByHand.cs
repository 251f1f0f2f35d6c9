using System.Buffers.Binary;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>Hand-written code for the parts of esf-payments messages; see <see cref="ByHand"/>.</summary>
internal static partial class PaymentsByHand
{
    public static int Put(Span<byte> destination, int at, Amount? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 9);
        at += 9;
        BinaryPrimitives.WriteInt64LittleEndian(block, record.Value);
        block[8] = record.Scale;
        at = ByHand.Put8(destination, at, record.Currency.Utf8);
        return at;
    }

    public static ulong TakeAmount(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 9);
        ulong sum = 0;
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block);
        sum += block[8];
        sum += Digests.Of(ByHand.Take8(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Settlement? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        block[0] = (byte)record.Method;
        at = Put(destination, at, record.ClearingSystem);
        return at;
    }

    public static ulong TakeSettlement(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        ulong sum = 0;
        sum += block[0];
        sum += TakeCodeOrProprietary(message, at, out at);
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, CodeOrProprietary? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.Code.Utf8, ref has, 0x1);
        at = ByHand.Put8(destination, at, record.Proprietary.Utf8, ref has, 0x2);
        block[0] = (byte)has;
        return at;
    }

    public static ulong TakeCodeOrProprietary(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        uint has = block[0];
        ulong sum = 0;
        sum += (has & 0x1) != 0 ? Digests.Of(ByHand.Take8(message, ref at)) : 0UL;
        sum += (has & 0x2) != 0 ? Digests.Of(ByHand.Take8(message, ref at)) : 0UL;
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Agent? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.Bic.Utf8);
        at = ByHand.Put16(destination, at, record.Name.Utf8, ref has, 0x1);
        block[0] = (byte)has;
        return at;
    }

    public static ulong TakeAgent(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += (has & 0x1) != 0 ? Digests.Of(ByHand.Take16(message, ref at)) : 0UL;
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, CreditTransfer? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 2);
        at += 2;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.InstructionId.Utf8);
        at = ByHand.Put8(destination, at, record.EndToEndId.Utf8);
        at = ByHand.Put8(destination, at, record.TransactionId.Utf8);
        at = ByHand.Put8(destination, at, record.Uetr.Utf8);
        at = Put(destination, at, record.PaymentType);
        at = Put(destination, at, record.SettlementAmount);
        block[1] = (byte)record.ChargeBearer;
        at = Put(destination, at, record.Debtor);
        at = Put(destination, at, record.DebtorAccount);
        at = Put(destination, at, record.DebtorAgent);
        at = Put(destination, at, record.CreditorAgent);
        at = Put(destination, at, record.Creditor);
        at = Put(destination, at, record.CreditorAccount);
        has |= record.Purpose is null ? 0u : 0x1u;
        at = Put(destination, at, record.Purpose);
        at = Put(destination, at, record.Remittance);
        block[0] = (byte)has;
        return at;
    }

    public static ulong TakeCreditTransfer(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 2);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += TakePaymentType(message, at, out at);
        sum += TakeAmount(message, at, out at);
        sum += block[1];
        sum += TakeParty(message, at, out at);
        sum += TakeAccount(message, at, out at);
        sum += TakeAgent(message, at, out at);
        sum += TakeAgent(message, at, out at);
        sum += TakeParty(message, at, out at);
        sum += TakeAccount(message, at, out at);
        sum += (has & 0x1) != 0 ? TakeCodeOrProprietary(message, at, out at) : 0UL;
        sum += TakeRemittance(message, at, out at);
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, PaymentType? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 3);
        at += 3;
        block[0] = (byte)record.InstructionPriority;
        BinaryPrimitives.WriteUInt16LittleEndian(block[1..], ByHand.Count(record.ServiceLevels.Length));
        foreach (CodeOrProprietary item in record.ServiceLevels)
        {
            at = Put(destination, at, item);
        }

        at = Put(destination, at, record.CategoryPurpose);
        return at;
    }

    public static ulong TakePaymentType(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 3);
        ulong sum = 0;
        sum += block[0];
        for (int i = BinaryPrimitives.ReadUInt16LittleEndian(block[1..]); i > 0; i--)
        {
            sum += TakeCodeOrProprietary(message, at, out at);
        }

        sum += TakeCodeOrProprietary(message, at, out at);
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Party? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        uint has = 0;
        at = ByHand.Put16(destination, at, record.Name.Utf8);
        at = Put(destination, at, record.Address);
        at = ByHand.Put8(destination, at, record.Lei.Utf8, ref has, 0x1);
        block[0] = (byte)has;
        return at;
    }

    public static ulong TakeParty(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 1);
        uint has = block[0];
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take16(message, ref at));
        sum += TakePostalAddress(message, at, out at);
        sum += (has & 0x1) != 0 ? Digests.Of(ByHand.Take8(message, ref at)) : 0UL;
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, PostalAddress? record)
    {
        if (record is null)
        {
            return at;
        }

        at = ByHand.Put16(destination, at, record.StreetName.Utf8);
        at = ByHand.Put8(destination, at, record.BuildingNumber.Utf8);
        at = ByHand.Put8(destination, at, record.PostCode.Utf8);
        at = ByHand.Put16(destination, at, record.TownName.Utf8);
        at = ByHand.Put8(destination, at, record.Country.Utf8);
        return at;
    }

    public static ulong TakePostalAddress(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ulong sum = 0;
        sum += Digests.Of(ByHand.Take16(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        sum += Digests.Of(ByHand.Take16(message, ref at));
        sum += Digests.Of(ByHand.Take8(message, ref at));
        end = at;
        return sum;
    }

    public static int Put(Span<byte> destination, int at, Account? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 1);
        at += 1;
        uint has = 0;
        at = ByHand.Put8(destination, at, record.Iban.Utf8);
        at = ByHand.Put8(destination, at, record.Currency.Utf8, ref has, 0x1);
        block[0] = (byte)has;
        return at;
    }

    public static ulong TakeAccount(ReadOnlySpan<byte> message, int start, out int end)
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

    public static int Put(Span<byte> destination, int at, Scaled? record)
    {
        if (record is null)
        {
            return at;
        }

        Span<byte> block = destination.Slice(at, 9);
        at += 9;
        BinaryPrimitives.WriteInt64LittleEndian(block, record.Value);
        block[8] = record.Scale;
        return at;
    }

    public static ulong TakeScaled(ReadOnlySpan<byte> message, int start, out int end)
    {
        int at = start;
        ReadOnlySpan<byte> block = ByHand.Take(message, ref at, 9);
        ulong sum = 0;
        sum += (ulong)BinaryPrimitives.ReadInt64LittleEndian(block);
        sum += block[8];
        end = at;
        return sum;
    }
}
