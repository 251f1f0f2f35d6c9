using System.Runtime.CompilerServices;
using Estream.Payments;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>Encodes and decodes Pacs008CreditTransfer with its generated writer and view.</summary>
internal readonly struct Pacs008CreditTransferEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Pacs008CreditTransferRecord record = Pacs008CreditTransferRecord.All[index];
        Pacs008CreditTransfer.Writer writer = Pacs008CreditTransfer.Write(destination);
        writer.MessageId = record.MessageId.Utf8;
        writer.MessageDefinition = record.MessageDefinition.Utf8;
        writer.CreatedAt = record.CreatedAt.Utf8;
        writer.NumberOfTransactions = record.NumberOfTransactions;
        Pacs008CreditTransfer.AmountWriter totalSettlementAmountWriter = writer.BeginTotalSettlementAmount();
        Put(ref totalSettlementAmountWriter, record.TotalSettlementAmount);
        writer.EndTotalSettlementAmount(totalSettlementAmountWriter);
        writer.SettlementDate = record.SettlementDate.Utf8;
        Pacs008CreditTransfer.SettlementWriter settlementWriter = writer.BeginSettlement();
        Put(ref settlementWriter, record.Settlement);
        writer.EndSettlement(settlementWriter);
        Pacs008CreditTransfer.AgentWriter instructingAgentWriter = writer.BeginInstructingAgent();
        Put(ref instructingAgentWriter, record.InstructingAgent);
        writer.EndInstructingAgent(instructingAgentWriter);
        Pacs008CreditTransfer.AgentWriter instructedAgentWriter = writer.BeginInstructedAgent();
        Put(ref instructedAgentWriter, record.InstructedAgent);
        writer.EndInstructedAgent(instructedAgentWriter);
        var transactionsWriter = writer.BeginTransactions();
        foreach (CreditTransfer item in record.Transactions)
        {
            Pacs008CreditTransfer.TransactionsItemWriter itemWriter = transactionsWriter.Begin();
            Put(ref itemWriter, item);
            transactionsWriter.End(itemWriter);
        }

        writer.EndTransactions(transactionsWriter);
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Pacs008CreditTransfer.View view = Pacs008CreditTransfer.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.MessageId);
        sum += Digests.Of(view.MessageDefinition);
        sum += Digests.Of(view.CreatedAt);
        sum += view.NumberOfTransactions;
        sum += Take(view.TotalSettlementAmount);
        sum += Digests.Of(view.SettlementDate);
        sum += Take(view.Settlement);
        sum += Take(view.InstructingAgent);
        sum += Take(view.InstructedAgent);
        foreach (Pacs008CreditTransfer.TransactionsItemView item in view.Transactions)
        {
            sum += Take(item);
        }

        return sum;
    }

    private static void Put(ref Pacs008CreditTransfer.AmountWriter writer, Amount record)
    {
        writer.Value = record.Value;
        writer.Scale = record.Scale;
        writer.Currency = record.Currency.Utf8;
    }

    private static ulong Take(Pacs008CreditTransfer.AmountView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Value;
        sum += view.Scale;
        sum += Digests.Of(view.Currency);
        return sum;
    }

    private static void Put(ref Pacs008CreditTransfer.SettlementWriter writer, Settlement record)
    {
        writer.Method = record.Method;
        Pacs008CreditTransfer.CodeOrProprietaryWriter clearingSystemWriter = writer.BeginClearingSystem();
        Put(ref clearingSystemWriter, record.ClearingSystem);
        writer.EndClearingSystem(clearingSystemWriter);
    }

    private static ulong Take(Pacs008CreditTransfer.SettlementView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Method;
        sum += Take(view.ClearingSystem);
        return sum;
    }

    private static void Put(ref Pacs008CreditTransfer.CodeOrProprietaryWriter writer, CodeOrProprietary record)
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

    private static ulong Take(Pacs008CreditTransfer.CodeOrProprietaryView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Code);
        sum += Digests.Of(view.Proprietary);
        return sum;
    }

    private static void Put(ref Pacs008CreditTransfer.AgentWriter writer, Agent record)
    {
        writer.Bic = record.Bic.Utf8;
        if (record.Name.IsThere)
        {
            writer.Name = record.Name.Utf8;
        }
    }

    private static ulong Take(Pacs008CreditTransfer.AgentView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Bic);
        sum += Digests.Of(view.Name);
        return sum;
    }

    private static void Put(ref Pacs008CreditTransfer.TransactionsItemWriter writer, CreditTransfer record)
    {
        writer.InstructionId = record.InstructionId.Utf8;
        writer.EndToEndId = record.EndToEndId.Utf8;
        writer.TransactionId = record.TransactionId.Utf8;
        writer.Uetr = record.Uetr.Utf8;
        Pacs008CreditTransfer.PaymentTypeWriter paymentTypeWriter = writer.BeginPaymentType();
        Put(ref paymentTypeWriter, record.PaymentType);
        writer.EndPaymentType(paymentTypeWriter);
        Pacs008CreditTransfer.AmountWriter settlementAmountWriter = writer.BeginSettlementAmount();
        Put(ref settlementAmountWriter, record.SettlementAmount);
        writer.EndSettlementAmount(settlementAmountWriter);
        writer.ChargeBearer = record.ChargeBearer;
        Pacs008CreditTransfer.PartyWriter debtorWriter = writer.BeginDebtor();
        Put(ref debtorWriter, record.Debtor);
        writer.EndDebtor(debtorWriter);
        Pacs008CreditTransfer.AccountWriter debtorAccountWriter = writer.BeginDebtorAccount();
        Put(ref debtorAccountWriter, record.DebtorAccount);
        writer.EndDebtorAccount(debtorAccountWriter);
        Pacs008CreditTransfer.AgentWriter debtorAgentWriter = writer.BeginDebtorAgent();
        Put(ref debtorAgentWriter, record.DebtorAgent);
        writer.EndDebtorAgent(debtorAgentWriter);
        Pacs008CreditTransfer.AgentWriter creditorAgentWriter = writer.BeginCreditorAgent();
        Put(ref creditorAgentWriter, record.CreditorAgent);
        writer.EndCreditorAgent(creditorAgentWriter);
        Pacs008CreditTransfer.PartyWriter creditorWriter = writer.BeginCreditor();
        Put(ref creditorWriter, record.Creditor);
        writer.EndCreditor(creditorWriter);
        Pacs008CreditTransfer.AccountWriter creditorAccountWriter = writer.BeginCreditorAccount();
        Put(ref creditorAccountWriter, record.CreditorAccount);
        writer.EndCreditorAccount(creditorAccountWriter);
        if (record.Purpose is { } purpose)
        {
            Pacs008CreditTransfer.CodeOrProprietaryWriter purposeWriter = writer.BeginPurpose();
            Put(ref purposeWriter, purpose);
            writer.EndPurpose(purposeWriter);
        }

        Pacs008CreditTransfer.RemittanceWriter remittanceWriter = writer.BeginRemittance();
        Put(ref remittanceWriter, record.Remittance);
        writer.EndRemittance(remittanceWriter);
    }

    private static ulong Take(Pacs008CreditTransfer.TransactionsItemView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.InstructionId);
        sum += Digests.Of(view.EndToEndId);
        sum += Digests.Of(view.TransactionId);
        sum += Digests.Of(view.Uetr);
        sum += Take(view.PaymentType);
        sum += Take(view.SettlementAmount);
        sum += (ulong)view.ChargeBearer;
        if (view.Debtor.TryGet(out Pacs008CreditTransfer.PartyView debtor))
        {
            sum += Take(debtor);
        }

        if (view.DebtorAccount.TryGet(out Pacs008CreditTransfer.AccountView debtorAccount))
        {
            sum += Take(debtorAccount);
        }

        sum += Take(view.DebtorAgent);
        sum += Take(view.CreditorAgent);
        if (view.Creditor.TryGet(out Pacs008CreditTransfer.PartyView creditor))
        {
            sum += Take(creditor);
        }

        if (view.CreditorAccount.TryGet(out Pacs008CreditTransfer.AccountView creditorAccount))
        {
            sum += Take(creditorAccount);
        }

        if (view.HasPurpose)
        {
            sum += Take(view.Purpose);
        }

        if (view.Remittance.TryGet(out Pacs008CreditTransfer.RemittanceView remittance))
        {
            sum += Take(remittance);
        }

        return sum;
    }

    private static void Put(ref Pacs008CreditTransfer.PaymentTypeWriter writer, PaymentType record)
    {
        writer.InstructionPriority = record.InstructionPriority;
        var serviceLevelsWriter = writer.BeginServiceLevels();
        foreach (CodeOrProprietary item in record.ServiceLevels)
        {
            Pacs008CreditTransfer.CodeOrProprietaryWriter itemWriter = serviceLevelsWriter.Begin();
            Put(ref itemWriter, item);
            serviceLevelsWriter.End(itemWriter);
        }

        writer.EndServiceLevels(serviceLevelsWriter);
        Pacs008CreditTransfer.CodeOrProprietaryWriter categoryPurposeWriter = writer.BeginCategoryPurpose();
        Put(ref categoryPurposeWriter, record.CategoryPurpose);
        writer.EndCategoryPurpose(categoryPurposeWriter);
    }

    private static ulong Take(Pacs008CreditTransfer.PaymentTypeView view)
    {
        ulong sum = 0;
        sum += (ulong)view.InstructionPriority.GetValueOrDefault();
        foreach (Pacs008CreditTransfer.CodeOrProprietaryView item in view.ServiceLevels)
        {
            sum += Take(item);
        }

        sum += Take(view.CategoryPurpose);
        return sum;
    }

    private static void Put(ref Pacs008CreditTransfer.PartyWriter writer, Party record)
    {
        writer.Name = record.Name.Utf8;
        Pacs008CreditTransfer.PostalAddressWriter addressWriter = writer.BeginAddress();
        Put(ref addressWriter, record.Address);
        writer.EndAddress(addressWriter);
        if (record.Lei.IsThere)
        {
            writer.Lei = record.Lei.Utf8;
        }
    }

    private static ulong Take(Pacs008CreditTransfer.PartyView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Name);
        sum += Take(view.Address);
        sum += Digests.Of(view.Lei);
        return sum;
    }

    private static void Put(ref Pacs008CreditTransfer.PostalAddressWriter writer, PostalAddress record)
    {
        writer.StreetName = record.StreetName.Utf8;
        writer.BuildingNumber = record.BuildingNumber.Utf8;
        writer.PostCode = record.PostCode.Utf8;
        writer.TownName = record.TownName.Utf8;
        writer.Country = record.Country.Utf8;
    }

    private static ulong Take(Pacs008CreditTransfer.PostalAddressView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.StreetName);
        sum += Digests.Of(view.BuildingNumber);
        sum += Digests.Of(view.PostCode);
        sum += Digests.Of(view.TownName);
        sum += Digests.Of(view.Country);
        return sum;
    }

    private static void Put(ref Pacs008CreditTransfer.AccountWriter writer, Account record)
    {
        writer.Iban = record.Iban.Utf8;
        if (record.Currency.IsThere)
        {
            writer.Currency = record.Currency.Utf8;
        }
    }

    private static ulong Take(Pacs008CreditTransfer.AccountView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Iban);
        sum += Digests.Of(view.Currency);
        return sum;
    }

    private static void Put(ref Pacs008CreditTransfer.RemittanceWriter writer, Remittance record)
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
            Pacs008CreditTransfer.RemittanceStructuredItemWriter itemWriter = structuredWriter.Begin();
            Put(ref itemWriter, item);
            structuredWriter.End(itemWriter);
        }

        writer.EndStructured(structuredWriter);
    }

    private static ulong Take(Pacs008CreditTransfer.RemittanceView view)
    {
        ulong sum = 0;
        foreach (ReadOnlySpan<byte> item in view.Unstructured)
        {
            sum += Digests.Of(item);
        }

        foreach (Pacs008CreditTransfer.RemittanceStructuredItemView item in view.Structured)
        {
            sum += Take(item);
        }

        return sum;
    }

    private static void Put(ref Pacs008CreditTransfer.RemittanceStructuredItemWriter writer, Invoice record)
    {
        writer.DocumentNumber = record.DocumentNumber.Utf8;
        Pacs008CreditTransfer.AmountWriter dueAmountWriter = writer.BeginDueAmount();
        Put(ref dueAmountWriter, record.DueAmount);
        writer.EndDueAmount(dueAmountWriter);
        writer.CreditorReference = record.CreditorReference.Utf8;
    }

    private static ulong Take(Pacs008CreditTransfer.RemittanceStructuredItemView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.DocumentNumber);
        sum += Take(view.DueAmount);
        sum += Digests.Of(view.CreditorReference);
        return sum;
    }
}
