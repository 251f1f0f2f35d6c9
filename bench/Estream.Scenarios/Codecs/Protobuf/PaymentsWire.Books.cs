using Estream.Scenarios.Codecs.Payments;
using Estream.Scenarios.Workloads;
using Pb = Estream.Scenarios.Protoc.Payments;

namespace Estream.Scenarios.Codecs.Protobuf;

internal static partial class PaymentsWire
{
    public static Pb.Remittance? Fill(Pb.Remittance? message, Remittance? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        Refill.List(message.Unstructured, record.Unstructured);
        Refill.List(message.Structured, record.Structured, Fill);
        return message;
    }

    public static ulong Take(Pb.Remittance? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Refill.Sum(message.Unstructured);
        sum += Refill.Sum(message.Structured, Take);
        return sum;
    }

    public static Pb.Invoice? Fill(Pb.Invoice? message, Invoice? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.DocumentNumber = record.DocumentNumber.Chars;
        message.DueAmount = Fill(message.DueAmount, record.DueAmount);
        message.CreditorReference = record.CreditorReference.Chars;
        return message;
    }

    public static ulong Take(Pb.Invoice? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.DocumentNumber);
        sum += Take(message.DueAmount);
        sum += Digests.Of(message.CreditorReference);
        return sum;
    }

    public static Pb.StatusGroup? Fill(Pb.StatusGroup? message, StatusGroup? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.OriginalMessageId = record.OriginalMessageId.Chars;
        message.OriginalMessageDefinition = record.OriginalMessageDefinition.Chars;
        message.OriginalNumberOfTransactions = record.OriginalNumberOfTransactions;
        message.Status = record.Status.Chars;
        return message;
    }

    public static ulong Take(Pb.StatusGroup? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.OriginalMessageId);
        sum += Digests.Of(message.OriginalMessageDefinition);
        sum += message.OriginalNumberOfTransactions;
        sum += Digests.Of(message.Status);
        return sum;
    }

    public static Pb.StatusTransaction? Fill(Pb.StatusTransaction? message, StatusTransaction? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.StatusId = record.StatusId.Chars;
        message.OriginalInstructionId = record.OriginalInstructionId.Chars;
        message.OriginalEndToEndId = record.OriginalEndToEndId.Chars;
        message.OriginalTransactionId = record.OriginalTransactionId.Chars;
        message.Status = record.Status.Chars;
        Refill.List(message.Reasons, record.Reasons, Fill);
        message.AcceptanceAt = record.AcceptanceAt.Chars;
        message.OriginalSettlementAmount = Fill(message.OriginalSettlementAmount, record.OriginalSettlementAmount);
        message.OriginalDebtorAccount = Fill(message.OriginalDebtorAccount, record.OriginalDebtorAccount);
        message.OriginalCreditorAccount = Fill(message.OriginalCreditorAccount, record.OriginalCreditorAccount);
        return message;
    }

    public static ulong Take(Pb.StatusTransaction? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.StatusId);
        sum += Digests.Of(message.OriginalInstructionId);
        sum += Digests.Of(message.OriginalEndToEndId);
        sum += Digests.Of(message.OriginalTransactionId);
        sum += Digests.Of(message.Status);
        sum += Refill.Sum(message.Reasons, Take);
        sum += Digests.Of(message.AcceptanceAt);
        sum += Take(message.OriginalSettlementAmount);
        sum += Take(message.OriginalDebtorAccount);
        sum += Take(message.OriginalCreditorAccount);
        return sum;
    }

    public static Pb.StatusReason? Fill(Pb.StatusReason? message, StatusReason? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Reason = Fill(message.Reason, record.Reason);
        Refill.List(message.Additional, record.Additional);
        return message;
    }

    public static ulong Take(Pb.StatusReason? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Take(message.Reason);
        sum += Refill.Sum(message.Additional);
        return sum;
    }

    public static Pb.Balance? Fill(Pb.Balance? message, Balance? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Type = Fill(message.Type, record.Type);
        message.Amount = Fill(message.Amount, record.Amount);
        message.Side = (uint)record.Side;
        message.Date = record.Date.Chars;
        return message;
    }

    public static ulong Take(Pb.Balance? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Take(message.Type);
        sum += Take(message.Amount);
        sum += message.Side;
        sum += Digests.Of(message.Date);
        return sum;
    }

    public static Pb.Summary? Fill(Pb.Summary? message, Summary? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Entries = record.Entries;
        message.Sum = Fill(message.Sum, record.Sum);
        message.NetAmount = Fill(message.NetAmount, record.NetAmount);
        message.NetSide = (uint)record.NetSide;
        return message;
    }

    public static ulong Take(Pb.Summary? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += message.Entries;
        sum += Take(message.Sum);
        sum += Take(message.NetAmount);
        sum += message.NetSide;
        return sum;
    }

    public static Pb.Entry? Fill(Pb.Entry? message, Entry? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Reference = record.Reference.Chars;
        message.Amount = Fill(message.Amount, record.Amount);
        message.Side = (uint)record.Side;
        message.Status = Fill(message.Status, record.Status);
        message.BookingDate = record.BookingDate.Chars;
        message.ValueDate = record.ValueDate.Chars;
        message.AccountServicerReference = record.AccountServicerReference.Chars;
        message.TransactionCode = Fill(message.TransactionCode, record.TransactionCode);
        Refill.List(message.Transactions, record.Transactions, Fill);
        return message;
    }

    public static ulong Take(Pb.Entry? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.Reference);
        sum += Take(message.Amount);
        sum += message.Side;
        sum += Take(message.Status);
        sum += Digests.Of(message.BookingDate);
        sum += Digests.Of(message.ValueDate);
        sum += Digests.Of(message.AccountServicerReference);
        sum += Take(message.TransactionCode);
        sum += Refill.Sum(message.Transactions, Take);
        return sum;
    }

    public static Pb.TransactionCode? Fill(Pb.TransactionCode? message, TransactionCode? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Domain = record.Domain.Chars;
        message.Family = record.Family.Chars;
        message.SubFamily = record.SubFamily.Chars;
        return message;
    }

    public static ulong Take(Pb.TransactionCode? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.Domain);
        sum += Digests.Of(message.Family);
        sum += Digests.Of(message.SubFamily);
        return sum;
    }

    public static Pb.EntryTransaction? Fill(Pb.EntryTransaction? message, EntryTransaction? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.EndToEndId = record.EndToEndId.Chars;
        message.TransactionId = record.TransactionId.Chars;
        message.Amount = Fill(message.Amount, record.Amount);
        message.Side = (uint)record.Side;
        message.Debtor = Fill(message.Debtor, record.Debtor);
        message.DebtorAccount = Fill(message.DebtorAccount, record.DebtorAccount);
        message.Creditor = Fill(message.Creditor, record.Creditor);
        message.CreditorAccount = Fill(message.CreditorAccount, record.CreditorAccount);
        message.Remittance = Fill(message.Remittance, record.Remittance);
        return message;
    }

    public static ulong Take(Pb.EntryTransaction? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.EndToEndId);
        sum += Digests.Of(message.TransactionId);
        sum += Take(message.Amount);
        sum += message.Side;
        sum += Take(message.Debtor);
        sum += Take(message.DebtorAccount);
        sum += Take(message.Creditor);
        sum += Take(message.CreditorAccount);
        sum += Take(message.Remittance);
        return sum;
    }
}
