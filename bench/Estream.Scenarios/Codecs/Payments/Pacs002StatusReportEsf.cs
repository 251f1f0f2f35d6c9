using System.Runtime.CompilerServices;
using Estream.Payments;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>Encodes and decodes Pacs002StatusReport with its generated writer and view.</summary>
internal readonly struct Pacs002StatusReportEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Pacs002StatusReportRecord record = Pacs002StatusReportRecord.All[index];
        Pacs002StatusReport.Writer writer = Pacs002StatusReport.Write(destination);
        writer.MessageId = record.MessageId.Utf8;
        writer.MessageDefinition = record.MessageDefinition.Utf8;
        writer.CreatedAt = record.CreatedAt.Utf8;
        Pacs002StatusReport.AgentWriter instructingAgentWriter = writer.BeginInstructingAgent();
        Put(ref instructingAgentWriter, record.InstructingAgent);
        writer.EndInstructingAgent(instructingAgentWriter);
        Pacs002StatusReport.AgentWriter instructedAgentWriter = writer.BeginInstructedAgent();
        Put(ref instructedAgentWriter, record.InstructedAgent);
        writer.EndInstructedAgent(instructedAgentWriter);
        var groupsWriter = writer.BeginGroups();
        foreach (StatusGroup item in record.Groups)
        {
            Pacs002StatusReport.GroupsItemWriter itemWriter = groupsWriter.Begin();
            Put(ref itemWriter, item);
            groupsWriter.End(itemWriter);
        }

        writer.EndGroups(groupsWriter);
        var transactionsWriter = writer.BeginTransactions();
        foreach (StatusTransaction item in record.Transactions)
        {
            Pacs002StatusReport.TransactionsItemWriter itemWriter = transactionsWriter.Begin();
            Put(ref itemWriter, item);
            transactionsWriter.End(itemWriter);
        }

        writer.EndTransactions(transactionsWriter);
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Pacs002StatusReport.View view = Pacs002StatusReport.View.Of(message);
        ulong sum = 0;
        sum += Digests.Of(view.MessageId);
        sum += Digests.Of(view.MessageDefinition);
        sum += Digests.Of(view.CreatedAt);
        sum += Take(view.InstructingAgent);
        sum += Take(view.InstructedAgent);
        foreach (Pacs002StatusReport.GroupsItemView item in view.Groups)
        {
            sum += Take(item);
        }

        foreach (Pacs002StatusReport.TransactionsItemView item in view.Transactions)
        {
            sum += Take(item);
        }

        return sum;
    }

    private static void Put(ref Pacs002StatusReport.AgentWriter writer, Agent record)
    {
        writer.Bic = record.Bic.Utf8;
        if (record.Name.IsThere)
        {
            writer.Name = record.Name.Utf8;
        }
    }

    private static ulong Take(Pacs002StatusReport.AgentView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Bic);
        sum += Digests.Of(view.Name);
        return sum;
    }

    private static void Put(ref Pacs002StatusReport.GroupsItemWriter writer, StatusGroup record)
    {
        writer.OriginalMessageId = record.OriginalMessageId.Utf8;
        writer.OriginalMessageDefinition = record.OriginalMessageDefinition.Utf8;
        writer.OriginalNumberOfTransactions = record.OriginalNumberOfTransactions;
        writer.Status = record.Status.Utf8;
    }

    private static ulong Take(Pacs002StatusReport.GroupsItemView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.OriginalMessageId);
        sum += Digests.Of(view.OriginalMessageDefinition);
        sum += view.OriginalNumberOfTransactions.GetValueOrDefault();
        sum += Digests.Of(view.Status);
        return sum;
    }

    private static void Put(ref Pacs002StatusReport.TransactionsItemWriter writer, StatusTransaction record)
    {
        if (record.StatusId.IsThere)
        {
            writer.StatusId = record.StatusId.Utf8;
        }

        writer.OriginalInstructionId = record.OriginalInstructionId.Utf8;
        writer.OriginalEndToEndId = record.OriginalEndToEndId.Utf8;
        writer.OriginalTransactionId = record.OriginalTransactionId.Utf8;
        writer.Status = record.Status.Utf8;
        var reasonsWriter = writer.BeginReasons();
        foreach (StatusReason item in record.Reasons)
        {
            Pacs002StatusReport.StatusReasonWriter itemWriter = reasonsWriter.Begin();
            Put(ref itemWriter, item);
            reasonsWriter.End(itemWriter);
        }

        writer.EndReasons(reasonsWriter);
        writer.AcceptanceAt = record.AcceptanceAt.Utf8;
        if (record.OriginalSettlementAmount is { } originalSettlementAmount)
        {
            Pacs002StatusReport.AmountWriter originalSettlementAmountWriter = writer.BeginOriginalSettlementAmount();
            Put(ref originalSettlementAmountWriter, originalSettlementAmount);
            writer.EndOriginalSettlementAmount(originalSettlementAmountWriter);
        }

        if (record.OriginalDebtorAccount is { } originalDebtorAccount)
        {
            Pacs002StatusReport.AccountWriter originalDebtorAccountWriter = writer.BeginOriginalDebtorAccount();
            Put(ref originalDebtorAccountWriter, originalDebtorAccount);
            writer.EndOriginalDebtorAccount(originalDebtorAccountWriter);
        }

        if (record.OriginalCreditorAccount is { } originalCreditorAccount)
        {
            Pacs002StatusReport.AccountWriter originalCreditorAccountWriter = writer.BeginOriginalCreditorAccount();
            Put(ref originalCreditorAccountWriter, originalCreditorAccount);
            writer.EndOriginalCreditorAccount(originalCreditorAccountWriter);
        }
    }

    private static ulong Take(Pacs002StatusReport.TransactionsItemView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.StatusId);
        sum += Digests.Of(view.OriginalInstructionId);
        sum += Digests.Of(view.OriginalEndToEndId);
        sum += Digests.Of(view.OriginalTransactionId);
        sum += Digests.Of(view.Status);
        foreach (Pacs002StatusReport.StatusReasonView item in view.Reasons)
        {
            sum += Take(item);
        }

        sum += Digests.Of(view.AcceptanceAt);
        if (view.HasOriginalSettlementAmount)
        {
            sum += Take(view.OriginalSettlementAmount);
        }

        if (view.OriginalDebtorAccount.TryGet(out Pacs002StatusReport.AccountView originalDebtorAccount))
        {
            sum += Take(originalDebtorAccount);
        }

        if (view.OriginalCreditorAccount.TryGet(out Pacs002StatusReport.AccountView originalCreditorAccount))
        {
            sum += Take(originalCreditorAccount);
        }

        return sum;
    }

    private static void Put(ref Pacs002StatusReport.StatusReasonWriter writer, StatusReason record)
    {
        Pacs002StatusReport.CodeOrProprietaryWriter reasonWriter = writer.BeginReason();
        Put(ref reasonWriter, record.Reason);
        writer.EndReason(reasonWriter);
        var additionalWriter = writer.BeginAdditional();
        foreach (Text item in record.Additional)
        {
            additionalWriter.Add(item.Utf8);
        }

        writer.EndAdditional(additionalWriter);
    }

    private static ulong Take(Pacs002StatusReport.StatusReasonView view)
    {
        ulong sum = 0;
        sum += Take(view.Reason);
        if (view.Additional.TryGet(out var additional))
        {
            foreach (ReadOnlySpan<byte> item in additional)
            {
                sum += Digests.Of(item);
            }
        }

        return sum;
    }

    private static void Put(ref Pacs002StatusReport.CodeOrProprietaryWriter writer, CodeOrProprietary record)
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

    private static ulong Take(Pacs002StatusReport.CodeOrProprietaryView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Code);
        sum += Digests.Of(view.Proprietary);
        return sum;
    }

    private static void Put(ref Pacs002StatusReport.AmountWriter writer, Amount record)
    {
        writer.Value = record.Value;
        writer.Scale = record.Scale;
        writer.Currency = record.Currency.Utf8;
    }

    private static ulong Take(Pacs002StatusReport.AmountView view)
    {
        ulong sum = 0;
        sum += (ulong)view.Value;
        sum += view.Scale;
        sum += Digests.Of(view.Currency);
        return sum;
    }

    private static void Put(ref Pacs002StatusReport.AccountWriter writer, Account record)
    {
        writer.Iban = record.Iban.Utf8;
        if (record.Currency.IsThere)
        {
            writer.Currency = record.Currency.Utf8;
        }
    }

    private static ulong Take(Pacs002StatusReport.AccountView view)
    {
        ulong sum = 0;
        sum += Digests.Of(view.Iban);
        sum += Digests.Of(view.Currency);
        return sum;
    }
}
