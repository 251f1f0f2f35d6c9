using System.Runtime.CompilerServices;
using Estream.Payments;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>Encodes and decodes Camt053Statement with its generated writer and view.</summary>
internal readonly struct Camt053StatementEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Camt053StatementRecord record = Camt053StatementRecord.All[index];
        Camt053Statement.Writer writer = Camt053Statement.Write(destination);
        writer.MessageId = record.MessageId.Utf8;
        writer.MessageDefinition = record.MessageDefinition.Utf8;
        writer.MessageCreatedAt = record.MessageCreatedAt.Utf8;
        writer.StatementId = record.StatementId.Utf8;
        writer.ElectronicSequence = record.ElectronicSequence;
        writer.CreatedAt = record.CreatedAt.Utf8;
        writer.From = record.From.Utf8;
        writer.To = record.To.Utf8;
        Camt053Statement.AccountWriter accountWriter = writer.BeginAccount();
        Put(ref accountWriter, record.Account);
        writer.EndAccount(accountWriter);
        Camt053Statement.PartyWriter accountOwnerWriter = writer.BeginAccountOwner();
        Put(ref accountOwnerWriter, record.AccountOwner);
        writer.EndAccountOwner(accountOwnerWriter);
        Camt053Statement.AgentWriter accountServicerWriter = writer.BeginAccountServicer();
        Put(ref accountServicerWriter, record.AccountServicer);
        writer.EndAccountServicer(accountServicerWriter);
        var balancesWriter = writer.BeginBalances();
        foreach (Balance item in record.Balances)
        {
            Camt053Statement.BalanceWriter itemWriter = balancesWriter.Begin();
            Put(ref itemWriter, item);
            balancesWriter.End(itemWriter);
        }

        writer.EndBalances(balancesWriter);
        if (record.Summary is { } summary)
        {
            Camt053Statement.SummaryWriter summaryWriter = writer.BeginSummary();
            Put(ref summaryWriter, summary);
            writer.EndSummary(summaryWriter);
        }

        var entriesWriter = writer.BeginEntries();
        foreach (Entry item in record.Entries)
        {
            Camt053Statement.EntryWriter itemWriter = entriesWriter.Begin();
            Put(ref itemWriter, item);
            entriesWriter.End(itemWriter);
        }

        writer.EndEntries(entriesWriter);
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Camt053Statement.View view = Camt053Statement.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.MessageId);
        sum += Digests.Of(view.MessageDefinition);
        sum += Digests.Of(view.MessageCreatedAt);
        sum += Digests.Of(view.StatementId);
        sum += view.ElectronicSequence.GetValueOrDefault();
        sum += Digests.Of(view.CreatedAt);
        sum += Digests.Of(view.From);
        sum += Digests.Of(view.To);
        if (view.Account.TryGet(out Camt053Statement.AccountView account))
        {
            sum += Take(account);
        }

        if (view.AccountOwner.TryGet(out Camt053Statement.PartyView accountOwner))
        {
            sum += Take(accountOwner);
        }

        sum += Take(view.AccountServicer);
        foreach (Camt053Statement.BalanceView item in view.Balances)
        {
            sum += Take(item);
        }

        if (view.HasSummary)
        {
            sum += Take(view.Summary);
        }

        foreach (Camt053Statement.EntryView item in view.Entries)
        {
            sum += Take(item);
        }

        return sum;
    }

    private static void Put(ref Camt053Statement.AccountWriter writer, Account record)
    {
        writer.Iban = record.Iban.Utf8;
        if (record.Currency.IsThere)
        {
            writer.Currency = record.Currency.Utf8;
        }
    }

    private static ulong Take(Camt053Statement.AccountView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Iban);
        sum += Digests.Of(view.Currency);
        return sum;
    }

    private static void Put(ref Camt053Statement.PartyWriter writer, Party record)
    {
        writer.Name = record.Name.Utf8;
        Camt053Statement.PostalAddressWriter addressWriter = writer.BeginAddress();
        Put(ref addressWriter, record.Address);
        writer.EndAddress(addressWriter);
        if (record.Lei.IsThere)
        {
            writer.Lei = record.Lei.Utf8;
        }
    }

    private static ulong Take(Camt053Statement.PartyView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Name);
        sum += Take(view.Address);
        sum += Digests.Of(view.Lei);
        return sum;
    }

    private static void Put(ref Camt053Statement.PostalAddressWriter writer, PostalAddress record)
    {
        writer.StreetName = record.StreetName.Utf8;
        writer.BuildingNumber = record.BuildingNumber.Utf8;
        writer.PostCode = record.PostCode.Utf8;
        writer.TownName = record.TownName.Utf8;
        writer.Country = record.Country.Utf8;
    }

    private static ulong Take(Camt053Statement.PostalAddressView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.StreetName);
        sum += Digests.Of(view.BuildingNumber);
        sum += Digests.Of(view.PostCode);
        sum += Digests.Of(view.TownName);
        sum += Digests.Of(view.Country);
        return sum;
    }

    private static void Put(ref Camt053Statement.AgentWriter writer, Agent record)
    {
        writer.Bic = record.Bic.Utf8;
        if (record.Name.IsThere)
        {
            writer.Name = record.Name.Utf8;
        }
    }

    private static ulong Take(Camt053Statement.AgentView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Bic);
        sum += Digests.Of(view.Name);
        return sum;
    }

    private static void Put(ref Camt053Statement.BalanceWriter writer, Balance record)
    {
        Camt053Statement.CodeOrProprietaryWriter typeWriter = writer.BeginType();
        Put(ref typeWriter, record.Type);
        writer.EndType(typeWriter);
        Camt053Statement.AmountWriter amountWriter = writer.BeginAmount();
        Put(ref amountWriter, record.Amount);
        writer.EndAmount(amountWriter);
        writer.Side = record.Side;
        writer.Date = record.Date.Utf8;
    }

    private static ulong Take(Camt053Statement.BalanceView view)
    {
        ulong sum = 0;
        sum += Take(view.Type);
        sum += Take(view.Amount);
        sum += (ulong)view.Side;
        sum += Digests.Of(view.Date);
        return sum;
    }

    private static void Put(ref Camt053Statement.CodeOrProprietaryWriter writer, CodeOrProprietary record)
    {
        if (record.Code.IsThere)
        {
            writer.Code = record.Code.Utf8;
        }

        if (record.Proprietary.IsThere)
        {
            writer.Proprietary = record.Proprietary.Utf8;
        }
    }

    private static ulong Take(Camt053Statement.CodeOrProprietaryView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Code);
        sum += Digests.Of(view.Proprietary);
        return sum;
    }

    private static void Put(ref Camt053Statement.AmountWriter writer, Amount record)
    {
        writer.Value = record.Value;
        writer.Scale = record.Scale;
        writer.Currency = record.Currency.Utf8;
    }

    private static ulong Take(Camt053Statement.AmountView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Value;
        sum += view.Scale;
        sum += Digests.Of(view.Currency);
        return sum;
    }

    private static void Put(ref Camt053Statement.SummaryWriter writer, Summary record)
    {
        writer.Entries = record.Entries;
        Camt053Statement.DecimalWriter sumWriter = writer.BeginSum();
        Put(ref sumWriter, record.Sum);
        writer.EndSum(sumWriter);
        Camt053Statement.DecimalWriter netAmountWriter = writer.BeginNetAmount();
        Put(ref netAmountWriter, record.NetAmount);
        writer.EndNetAmount(netAmountWriter);
        writer.NetSide = record.NetSide;
    }

    private static ulong Take(Camt053Statement.SummaryView view)
    {
        ulong sum = 0;
        sum += view.Entries.GetValueOrDefault();
        sum += Take(view.Sum);
        sum += Take(view.NetAmount);
        sum += (ulong)view.NetSide.GetValueOrDefault();
        return sum;
    }

    private static void Put(ref Camt053Statement.DecimalWriter writer, Scaled record)
    {
        writer.Value = record.Value;
        writer.Scale = record.Scale;
    }

    private static ulong Take(Camt053Statement.DecimalView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Value;
        sum += view.Scale;
        return sum;
    }

    private static void Put(ref Camt053Statement.EntryWriter writer, Entry record)
    {
        writer.Reference = record.Reference.Utf8;
        Camt053Statement.AmountWriter amountWriter = writer.BeginAmount();
        Put(ref amountWriter, record.Amount);
        writer.EndAmount(amountWriter);
        writer.Side = record.Side;
        Camt053Statement.CodeOrProprietaryWriter statusWriter = writer.BeginStatus();
        Put(ref statusWriter, record.Status);
        writer.EndStatus(statusWriter);
        writer.BookingDate = record.BookingDate.Utf8;
        writer.ValueDate = record.ValueDate.Utf8;
        writer.AccountServicerReference = record.AccountServicerReference.Utf8;
        Camt053Statement.TransactionCodeWriter transactionCodeWriter = writer.BeginTransactionCode();
        Put(ref transactionCodeWriter, record.TransactionCode);
        writer.EndTransactionCode(transactionCodeWriter);
        var transactionsWriter = writer.BeginTransactions();
        foreach (EntryTransaction item in record.Transactions)
        {
            Camt053Statement.EntryTransactionWriter itemWriter = transactionsWriter.Begin();
            Put(ref itemWriter, item);
            transactionsWriter.End(itemWriter);
        }

        writer.EndTransactions(transactionsWriter);
    }

    private static ulong Take(Camt053Statement.EntryView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Reference);
        sum += Take(view.Amount);
        sum += (ulong)view.Side;
        sum += Take(view.Status);
        sum += Digests.Of(view.BookingDate);
        sum += Digests.Of(view.ValueDate);
        sum += Digests.Of(view.AccountServicerReference);
        sum += Take(view.TransactionCode);
        foreach (Camt053Statement.EntryTransactionView item in view.Transactions)
        {
            sum += Take(item);
        }

        return sum;
    }

    private static void Put(ref Camt053Statement.TransactionCodeWriter writer, TransactionCode record)
    {
        writer.Domain = record.Domain.Utf8;
        writer.Family = record.Family.Utf8;
        writer.SubFamily = record.SubFamily.Utf8;
    }

    private static ulong Take(Camt053Statement.TransactionCodeView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Domain);
        sum += Digests.Of(view.Family);
        sum += Digests.Of(view.SubFamily);
        return sum;
    }

    private static void Put(ref Camt053Statement.EntryTransactionWriter writer, EntryTransaction record)
    {
        writer.EndToEndId = record.EndToEndId.Utf8;
        writer.TransactionId = record.TransactionId.Utf8;
        Camt053Statement.AmountWriter amountWriter = writer.BeginAmount();
        Put(ref amountWriter, record.Amount);
        writer.EndAmount(amountWriter);
        writer.Side = record.Side;
        Camt053Statement.PartyWriter debtorWriter = writer.BeginDebtor();
        Put(ref debtorWriter, record.Debtor);
        writer.EndDebtor(debtorWriter);
        Camt053Statement.AccountWriter debtorAccountWriter = writer.BeginDebtorAccount();
        Put(ref debtorAccountWriter, record.DebtorAccount);
        writer.EndDebtorAccount(debtorAccountWriter);
        Camt053Statement.PartyWriter creditorWriter = writer.BeginCreditor();
        Put(ref creditorWriter, record.Creditor);
        writer.EndCreditor(creditorWriter);
        Camt053Statement.AccountWriter creditorAccountWriter = writer.BeginCreditorAccount();
        Put(ref creditorAccountWriter, record.CreditorAccount);
        writer.EndCreditorAccount(creditorAccountWriter);
        Camt053Statement.RemittanceWriter remittanceWriter = writer.BeginRemittance();
        Put(ref remittanceWriter, record.Remittance);
        writer.EndRemittance(remittanceWriter);
    }

    private static ulong Take(Camt053Statement.EntryTransactionView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.EndToEndId);
        sum += Digests.Of(view.TransactionId);
        sum += Take(view.Amount);
        sum += (ulong)view.Side.GetValueOrDefault();
        if (view.Debtor.TryGet(out Camt053Statement.PartyView debtor))
        {
            sum += Take(debtor);
        }

        if (view.DebtorAccount.TryGet(out Camt053Statement.AccountView debtorAccount))
        {
            sum += Take(debtorAccount);
        }

        if (view.Creditor.TryGet(out Camt053Statement.PartyView creditor))
        {
            sum += Take(creditor);
        }

        if (view.CreditorAccount.TryGet(out Camt053Statement.AccountView creditorAccount))
        {
            sum += Take(creditorAccount);
        }

        if (view.Remittance.TryGet(out Camt053Statement.RemittanceView remittance))
        {
            sum += Take(remittance);
        }

        return sum;
    }

    private static void Put(ref Camt053Statement.RemittanceWriter writer, Remittance record)
    {
        var unstructuredWriter = writer.BeginUnstructured();
        foreach (Text item in record.Unstructured)
        {
            unstructuredWriter.Add(item.Utf8);
        }

        writer.EndUnstructured(unstructuredWriter);
        var structuredWriter = writer.BeginStructured();
        foreach (Invoice item in record.Structured)
        {
            Camt053Statement.RemittanceStructuredItemWriter itemWriter = structuredWriter.Begin();
            Put(ref itemWriter, item);
            structuredWriter.End(itemWriter);
        }

        writer.EndStructured(structuredWriter);
    }

    private static ulong Take(Camt053Statement.RemittanceView view)
    {
        ulong sum = 0;
        foreach (ReadOnlySpan<byte> item in view.Unstructured)
        {
            sum += Digests.Of(item);
        }

        foreach (Camt053Statement.RemittanceStructuredItemView item in view.Structured)
        {
            sum += Take(item);
        }

        return sum;
    }

    private static void Put(ref Camt053Statement.RemittanceStructuredItemWriter writer, Invoice record)
    {
        writer.DocumentNumber = record.DocumentNumber.Utf8;
        Camt053Statement.AmountWriter dueAmountWriter = writer.BeginDueAmount();
        Put(ref dueAmountWriter, record.DueAmount);
        writer.EndDueAmount(dueAmountWriter);
        writer.CreditorReference = record.CreditorReference.Utf8;
    }

    private static ulong Take(Camt053Statement.RemittanceStructuredItemView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.DocumentNumber);
        sum += Take(view.DueAmount);
        sum += Digests.Of(view.CreditorReference);
        return sum;
    }
}
