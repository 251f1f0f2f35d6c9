using Estream.Scenarios.Codecs.Payments;
using Google.FlatBuffers;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>The objects of esf-payments messages as tables of Google.FlatBuffers; see <see cref="FlatTable"/>.</summary>
internal static class PaymentsFlat
{
    public static int Put(FlatBufferBuilder builder, Amount record)
    {
        int currency = FlatTable.Put(builder, record.Currency);
        builder.StartTable(3);
        builder.AddLong(0, record.Value, 0);
        builder.AddOffset(2, currency, 0);
        builder.AddByte(1, record.Scale, 0);
        return builder.EndTable();
    }

    public static ulong TakeAmount(Table table)
    {
        return FlatTable.ULong(table, 0)
            + FlatTable.Byte(table, 1)
            + FlatTable.DigestOf(table, 2);
    }

    public static int Put(FlatBufferBuilder builder, Settlement record)
    {
        int clearingSystem = Put(builder, record.ClearingSystem);
        builder.StartTable(2);
        builder.AddOffset(1, clearingSystem, 0);
        builder.AddByte(0, (byte)record.Method, 0);
        return builder.EndTable();
    }

    public static ulong TakeSettlement(Table table)
    {
        return FlatTable.Byte(table, 0)
            + FlatTable.DigestOf(table, 1, TakeCodeOrProprietary);
    }

    public static int Put(FlatBufferBuilder builder, CodeOrProprietary record)
    {
        int code = FlatTable.Put(builder, record.Code);
        int proprietary = FlatTable.Put(builder, record.Proprietary);
        builder.StartTable(2);
        builder.AddOffset(1, proprietary, 0);
        builder.AddOffset(0, code, 0);
        return builder.EndTable();
    }

    public static ulong TakeCodeOrProprietary(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1);
    }

    public static int Put(FlatBufferBuilder builder, Agent record)
    {
        int bic = FlatTable.Put(builder, record.Bic);
        int name = FlatTable.Put(builder, record.Name);
        builder.StartTable(2);
        builder.AddOffset(1, name, 0);
        builder.AddOffset(0, bic, 0);
        return builder.EndTable();
    }

    public static ulong TakeAgent(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1);
    }

    public static int Put(FlatBufferBuilder builder, CreditTransfer record)
    {
        int instructionId = FlatTable.Put(builder, record.InstructionId);
        int endToEndId = FlatTable.Put(builder, record.EndToEndId);
        int transactionId = FlatTable.Put(builder, record.TransactionId);
        int uetr = FlatTable.Put(builder, record.Uetr);
        int paymentType = Put(builder, record.PaymentType);
        int settlementAmount = Put(builder, record.SettlementAmount);
        int debtor = Put(builder, record.Debtor);
        int debtorAccount = Put(builder, record.DebtorAccount);
        int debtorAgent = Put(builder, record.DebtorAgent);
        int creditorAgent = Put(builder, record.CreditorAgent);
        int creditor = Put(builder, record.Creditor);
        int creditorAccount = Put(builder, record.CreditorAccount);
        int purpose = record.Purpose is null ? 0 : Put(builder, record.Purpose);
        int remittance = Put(builder, record.Remittance);
        builder.StartTable(15);
        builder.AddOffset(14, remittance, 0);
        builder.AddOffset(13, purpose, 0);
        builder.AddOffset(12, creditorAccount, 0);
        builder.AddOffset(11, creditor, 0);
        builder.AddOffset(10, creditorAgent, 0);
        builder.AddOffset(9, debtorAgent, 0);
        builder.AddOffset(8, debtorAccount, 0);
        builder.AddOffset(7, debtor, 0);
        builder.AddOffset(5, settlementAmount, 0);
        builder.AddOffset(4, paymentType, 0);
        builder.AddOffset(3, uetr, 0);
        builder.AddOffset(2, transactionId, 0);
        builder.AddOffset(1, endToEndId, 0);
        builder.AddOffset(0, instructionId, 0);
        builder.AddByte(6, (byte)record.ChargeBearer, 0);
        return builder.EndTable();
    }

    public static ulong TakeCreditTransfer(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.DigestOf(table, 3)
            + FlatTable.DigestOf(table, 4, TakePaymentType)
            + FlatTable.DigestOf(table, 5, TakeAmount)
            + FlatTable.Byte(table, 6)
            + FlatTable.DigestOf(table, 7, TakeParty)
            + FlatTable.DigestOf(table, 8, TakeAccount)
            + FlatTable.DigestOf(table, 9, TakeAgent)
            + FlatTable.DigestOf(table, 10, TakeAgent)
            + FlatTable.DigestOf(table, 11, TakeParty)
            + FlatTable.DigestOf(table, 12, TakeAccount)
            + FlatTable.DigestOf(table, 13, TakeCodeOrProprietary)
            + FlatTable.DigestOf(table, 14, TakeRemittance);
    }

    public static int Put(FlatBufferBuilder builder, PaymentType record)
    {
        int serviceLevels = FlatTable.Put(builder, record.ServiceLevels, Put);
        int categoryPurpose = Put(builder, record.CategoryPurpose);
        builder.StartTable(3);
        builder.AddOffset(2, categoryPurpose, 0);
        builder.AddOffset(1, serviceLevels, 0);
        builder.AddByte(0, (byte)record.InstructionPriority, 0);
        return builder.EndTable();
    }

    public static ulong TakePaymentType(Table table)
    {
        return FlatTable.Byte(table, 0)
            + FlatTable.SumOf(table, 1, TakeCodeOrProprietary)
            + FlatTable.DigestOf(table, 2, TakeCodeOrProprietary);
    }

    public static int Put(FlatBufferBuilder builder, Party record)
    {
        int name = FlatTable.Put(builder, record.Name);
        int address = Put(builder, record.Address);
        int lei = FlatTable.Put(builder, record.Lei);
        builder.StartTable(3);
        builder.AddOffset(2, lei, 0);
        builder.AddOffset(1, address, 0);
        builder.AddOffset(0, name, 0);
        return builder.EndTable();
    }

    public static ulong TakeParty(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1, TakePostalAddress)
            + FlatTable.DigestOf(table, 2);
    }

    public static int Put(FlatBufferBuilder builder, PostalAddress record)
    {
        int streetName = FlatTable.Put(builder, record.StreetName);
        int buildingNumber = FlatTable.Put(builder, record.BuildingNumber);
        int postCode = FlatTable.Put(builder, record.PostCode);
        int townName = FlatTable.Put(builder, record.TownName);
        int country = FlatTable.Put(builder, record.Country);
        builder.StartTable(5);
        builder.AddOffset(4, country, 0);
        builder.AddOffset(3, townName, 0);
        builder.AddOffset(2, postCode, 0);
        builder.AddOffset(1, buildingNumber, 0);
        builder.AddOffset(0, streetName, 0);
        return builder.EndTable();
    }

    public static ulong TakePostalAddress(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.DigestOf(table, 3)
            + FlatTable.DigestOf(table, 4);
    }

    public static int Put(FlatBufferBuilder builder, Account record)
    {
        int iban = FlatTable.Put(builder, record.Iban);
        int currency = FlatTable.Put(builder, record.Currency);
        builder.StartTable(2);
        builder.AddOffset(1, currency, 0);
        builder.AddOffset(0, iban, 0);
        return builder.EndTable();
    }

    public static ulong TakeAccount(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1);
    }

    public static int Put(FlatBufferBuilder builder, Remittance record)
    {
        int unstructured = FlatTable.Put(builder, record.Unstructured, FlatTable.Put);
        int structured = FlatTable.Put(builder, record.Structured, Put);
        builder.StartTable(2);
        builder.AddOffset(1, structured, 0);
        builder.AddOffset(0, unstructured, 0);
        return builder.EndTable();
    }

    public static ulong TakeRemittance(Table table)
    {
        return FlatTable.SumOfTexts(table, 0)
            + FlatTable.SumOf(table, 1, TakeInvoice);
    }

    public static int Put(FlatBufferBuilder builder, Invoice record)
    {
        int documentNumber = FlatTable.Put(builder, record.DocumentNumber);
        int dueAmount = Put(builder, record.DueAmount);
        int creditorReference = FlatTable.Put(builder, record.CreditorReference);
        builder.StartTable(3);
        builder.AddOffset(2, creditorReference, 0);
        builder.AddOffset(1, dueAmount, 0);
        builder.AddOffset(0, documentNumber, 0);
        return builder.EndTable();
    }

    public static ulong TakeInvoice(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1, TakeAmount)
            + FlatTable.DigestOf(table, 2);
    }

    public static int Put(FlatBufferBuilder builder, Balance record)
    {
        int type = Put(builder, record.Type);
        int amount = Put(builder, record.Amount);
        int date = FlatTable.Put(builder, record.Date);
        builder.StartTable(4);
        builder.AddOffset(3, date, 0);
        builder.AddOffset(1, amount, 0);
        builder.AddOffset(0, type, 0);
        builder.AddByte(2, (byte)record.Side, 0);
        return builder.EndTable();
    }

    public static ulong TakeBalance(Table table)
    {
        return FlatTable.DigestOf(table, 0, TakeCodeOrProprietary)
            + FlatTable.DigestOf(table, 1, TakeAmount)
            + FlatTable.Byte(table, 2)
            + FlatTable.DigestOf(table, 3);
    }

    public static int Put(FlatBufferBuilder builder, Summary record)
    {
        int sum = Put(builder, record.Sum);
        int netAmount = Put(builder, record.NetAmount);
        builder.StartTable(4);
        builder.AddUlong(0, record.Entries, 0);
        builder.AddOffset(2, netAmount, 0);
        builder.AddOffset(1, sum, 0);
        builder.AddByte(3, (byte)record.NetSide, 0);
        return builder.EndTable();
    }

    public static ulong TakeSummary(Table table)
    {
        return FlatTable.ULong(table, 0)
            + FlatTable.DigestOf(table, 1, TakeScaled)
            + FlatTable.DigestOf(table, 2, TakeScaled)
            + FlatTable.Byte(table, 3);
    }

    public static int Put(FlatBufferBuilder builder, Scaled record)
    {
        builder.StartTable(2);
        builder.AddLong(0, record.Value, 0);
        builder.AddByte(1, record.Scale, 0);
        return builder.EndTable();
    }

    public static ulong TakeScaled(Table table)
    {
        return FlatTable.ULong(table, 0)
            + FlatTable.Byte(table, 1);
    }

    public static int Put(FlatBufferBuilder builder, Entry record)
    {
        int reference = FlatTable.Put(builder, record.Reference);
        int amount = Put(builder, record.Amount);
        int status = Put(builder, record.Status);
        int bookingDate = FlatTable.Put(builder, record.BookingDate);
        int valueDate = FlatTable.Put(builder, record.ValueDate);
        int accountServicerReference = FlatTable.Put(builder, record.AccountServicerReference);
        int transactionCode = Put(builder, record.TransactionCode);
        int transactions = FlatTable.Put(builder, record.Transactions, Put);
        builder.StartTable(9);
        builder.AddOffset(8, transactions, 0);
        builder.AddOffset(7, transactionCode, 0);
        builder.AddOffset(6, accountServicerReference, 0);
        builder.AddOffset(5, valueDate, 0);
        builder.AddOffset(4, bookingDate, 0);
        builder.AddOffset(3, status, 0);
        builder.AddOffset(1, amount, 0);
        builder.AddOffset(0, reference, 0);
        builder.AddByte(2, (byte)record.Side, 0);
        return builder.EndTable();
    }

    public static ulong TakeEntry(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1, TakeAmount)
            + FlatTable.Byte(table, 2)
            + FlatTable.DigestOf(table, 3, TakeCodeOrProprietary)
            + FlatTable.DigestOf(table, 4)
            + FlatTable.DigestOf(table, 5)
            + FlatTable.DigestOf(table, 6)
            + FlatTable.DigestOf(table, 7, TakeTransactionCode)
            + FlatTable.SumOf(table, 8, TakeEntryTransaction);
    }

    public static int Put(FlatBufferBuilder builder, TransactionCode record)
    {
        int domain = FlatTable.Put(builder, record.Domain);
        int family = FlatTable.Put(builder, record.Family);
        int subFamily = FlatTable.Put(builder, record.SubFamily);
        builder.StartTable(3);
        builder.AddOffset(2, subFamily, 0);
        builder.AddOffset(1, family, 0);
        builder.AddOffset(0, domain, 0);
        return builder.EndTable();
    }

    public static ulong TakeTransactionCode(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2);
    }

    public static int Put(FlatBufferBuilder builder, EntryTransaction record)
    {
        int endToEndId = FlatTable.Put(builder, record.EndToEndId);
        int transactionId = FlatTable.Put(builder, record.TransactionId);
        int amount = Put(builder, record.Amount);
        int debtor = Put(builder, record.Debtor);
        int debtorAccount = Put(builder, record.DebtorAccount);
        int creditor = Put(builder, record.Creditor);
        int creditorAccount = Put(builder, record.CreditorAccount);
        int remittance = Put(builder, record.Remittance);
        builder.StartTable(9);
        builder.AddOffset(8, remittance, 0);
        builder.AddOffset(7, creditorAccount, 0);
        builder.AddOffset(6, creditor, 0);
        builder.AddOffset(5, debtorAccount, 0);
        builder.AddOffset(4, debtor, 0);
        builder.AddOffset(2, amount, 0);
        builder.AddOffset(1, transactionId, 0);
        builder.AddOffset(0, endToEndId, 0);
        builder.AddByte(3, (byte)record.Side, 0);
        return builder.EndTable();
    }

    public static ulong TakeEntryTransaction(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2, TakeAmount)
            + FlatTable.Byte(table, 3)
            + FlatTable.DigestOf(table, 4, TakeParty)
            + FlatTable.DigestOf(table, 5, TakeAccount)
            + FlatTable.DigestOf(table, 6, TakeParty)
            + FlatTable.DigestOf(table, 7, TakeAccount)
            + FlatTable.DigestOf(table, 8, TakeRemittance);
    }

    public static int Put(FlatBufferBuilder builder, StatusGroup record)
    {
        int originalMessageId = FlatTable.Put(builder, record.OriginalMessageId);
        int originalMessageDefinition = FlatTable.Put(builder, record.OriginalMessageDefinition);
        int status = FlatTable.Put(builder, record.Status);
        builder.StartTable(4);
        builder.AddUlong(2, record.OriginalNumberOfTransactions, 0);
        builder.AddOffset(3, status, 0);
        builder.AddOffset(1, originalMessageDefinition, 0);
        builder.AddOffset(0, originalMessageId, 0);
        return builder.EndTable();
    }

    public static ulong TakeStatusGroup(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.ULong(table, 2)
            + FlatTable.DigestOf(table, 3);
    }

    public static int Put(FlatBufferBuilder builder, StatusTransaction record)
    {
        int statusId = FlatTable.Put(builder, record.StatusId);
        int originalInstructionId = FlatTable.Put(builder, record.OriginalInstructionId);
        int originalEndToEndId = FlatTable.Put(builder, record.OriginalEndToEndId);
        int originalTransactionId = FlatTable.Put(builder, record.OriginalTransactionId);
        int status = FlatTable.Put(builder, record.Status);
        int reasons = FlatTable.Put(builder, record.Reasons, Put);
        int acceptanceAt = FlatTable.Put(builder, record.AcceptanceAt);
        int originalSettlementAmount = record.OriginalSettlementAmount is null ? 0 : Put(builder, record.OriginalSettlementAmount);
        int originalDebtorAccount = record.OriginalDebtorAccount is null ? 0 : Put(builder, record.OriginalDebtorAccount);
        int originalCreditorAccount = record.OriginalCreditorAccount is null ? 0 : Put(builder, record.OriginalCreditorAccount);
        builder.StartTable(10);
        builder.AddOffset(9, originalCreditorAccount, 0);
        builder.AddOffset(8, originalDebtorAccount, 0);
        builder.AddOffset(7, originalSettlementAmount, 0);
        builder.AddOffset(6, acceptanceAt, 0);
        builder.AddOffset(5, reasons, 0);
        builder.AddOffset(4, status, 0);
        builder.AddOffset(3, originalTransactionId, 0);
        builder.AddOffset(2, originalEndToEndId, 0);
        builder.AddOffset(1, originalInstructionId, 0);
        builder.AddOffset(0, statusId, 0);
        return builder.EndTable();
    }

    public static ulong TakeStatusTransaction(Table table)
    {
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.DigestOf(table, 3)
            + FlatTable.DigestOf(table, 4)
            + FlatTable.SumOf(table, 5, TakeStatusReason)
            + FlatTable.DigestOf(table, 6)
            + FlatTable.DigestOf(table, 7, TakeAmount)
            + FlatTable.DigestOf(table, 8, TakeAccount)
            + FlatTable.DigestOf(table, 9, TakeAccount);
    }

    public static int Put(FlatBufferBuilder builder, StatusReason record)
    {
        int reason = Put(builder, record.Reason);
        int additional = FlatTable.Put(builder, record.Additional, FlatTable.Put);
        builder.StartTable(2);
        builder.AddOffset(1, additional, 0);
        builder.AddOffset(0, reason, 0);
        return builder.EndTable();
    }

    public static ulong TakeStatusReason(Table table)
    {
        return FlatTable.DigestOf(table, 0, TakeCodeOrProprietary)
            + FlatTable.SumOfTexts(table, 1);
    }
}
