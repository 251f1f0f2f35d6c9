using Estream.Scenarios.Codecs.Payments;
using Estream.Scenarios.Workloads;
using MemoryPack;
using MessagePack;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>A Pacs008CreditTransfer for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class Pacs008CreditTransferMessage : IPeerMessage<Pacs008CreditTransferMessage>
{
    [Key(0), ProtoMember(1)] public string MessageId { get; set; } = "";
    [Key(1), ProtoMember(2)] public string MessageDefinition { get; set; } = "";
    [Key(2), ProtoMember(3)] public string CreatedAt { get; set; } = "";
    [Key(3), ProtoMember(4)] public ulong NumberOfTransactions { get; set; }
    [Key(4), ProtoMember(5)] public AmountMessage? TotalSettlementAmount { get; set; }
    [Key(5), ProtoMember(6)] public string SettlementDate { get; set; } = "";
    [Key(6), ProtoMember(7)] public SettlementMessage? Settlement { get; set; }
    [Key(7), ProtoMember(8)] public AgentMessage? InstructingAgent { get; set; }
    [Key(8), ProtoMember(9)] public AgentMessage? InstructedAgent { get; set; }
    [Key(9), ProtoMember(10)] public CreditTransferMessage[] Transactions { get; set; } = [];

    static Pacs008CreditTransferMessage[] IPeerMessage<Pacs008CreditTransferMessage>.All => [.. Pacs008CreditTransferRecord.All.Select(Of)];

    ulong IPeerMessage<Pacs008CreditTransferMessage>.Digest()
    {
        ulong sum = Digests.Of(MessageId) + Digests.Of(MessageDefinition) + Digests.Of(CreatedAt) + NumberOfTransactions
            + (TotalSettlementAmount?.Digest() ?? 0) + Digests.Of(SettlementDate) + (Settlement?.Digest() ?? 0)
            + (InstructingAgent?.Digest() ?? 0) + (InstructedAgent?.Digest() ?? 0);
        foreach (CreditTransferMessage item in Transactions)
        {
            sum += item.Digest();
        }

        return sum;
    }

    private static Pacs008CreditTransferMessage Of(Pacs008CreditTransferRecord record) => new()
    {
        MessageId = record.MessageId.Chars,
        MessageDefinition = record.MessageDefinition.Chars,
        CreatedAt = record.CreatedAt.Chars,
        NumberOfTransactions = record.NumberOfTransactions,
        TotalSettlementAmount = AmountMessage.Of(record.TotalSettlementAmount),
        SettlementDate = record.SettlementDate.Chars,
        Settlement = SettlementMessage.Of(record.Settlement),
        InstructingAgent = AgentMessage.Of(record.InstructingAgent),
        InstructedAgent = AgentMessage.Of(record.InstructedAgent),
        Transactions = [.. record.Transactions.Select(CreditTransferMessage.Of)],
    };
}

/// <summary>A Camt053Statement for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class Camt053StatementMessage : IPeerMessage<Camt053StatementMessage>
{
    [Key(0), ProtoMember(1)] public string MessageId { get; set; } = "";
    [Key(1), ProtoMember(2)] public string MessageDefinition { get; set; } = "";
    [Key(2), ProtoMember(3)] public string MessageCreatedAt { get; set; } = "";
    [Key(3), ProtoMember(4)] public string StatementId { get; set; } = "";
    [Key(4), ProtoMember(5)] public ulong ElectronicSequence { get; set; }
    [Key(5), ProtoMember(6)] public string CreatedAt { get; set; } = "";
    [Key(6), ProtoMember(7)] public string From { get; set; } = "";
    [Key(7), ProtoMember(8)] public string To { get; set; } = "";
    [Key(8), ProtoMember(9)] public AccountMessage? Account { get; set; }
    [Key(9), ProtoMember(10)] public PartyMessage? AccountOwner { get; set; }
    [Key(10), ProtoMember(11)] public AgentMessage? AccountServicer { get; set; }
    [Key(11), ProtoMember(12)] public BalanceMessage[] Balances { get; set; } = [];
    [Key(12), ProtoMember(13)] public SummaryMessage? Summary { get; set; }
    [Key(13), ProtoMember(14)] public EntryMessage[] Entries { get; set; } = [];

    static Camt053StatementMessage[] IPeerMessage<Camt053StatementMessage>.All => [.. Camt053StatementRecord.All.Select(Of)];

    ulong IPeerMessage<Camt053StatementMessage>.Digest()
    {
        ulong sum = Digests.Of(MessageId) + Digests.Of(MessageDefinition) + Digests.Of(MessageCreatedAt) + Digests.Of(StatementId)
            + ElectronicSequence + Digests.Of(CreatedAt) + Digests.Of(From) + Digests.Of(To) + (Account?.Digest() ?? 0)
            + (AccountOwner?.Digest() ?? 0) + (AccountServicer?.Digest() ?? 0) + (Summary?.Digest() ?? 0);
        foreach (BalanceMessage item in Balances)
        {
            sum += item.Digest();
        }

        foreach (EntryMessage item in Entries)
        {
            sum += item.Digest();
        }

        return sum;
    }

    private static Camt053StatementMessage Of(Camt053StatementRecord record) => new()
    {
        MessageId = record.MessageId.Chars,
        MessageDefinition = record.MessageDefinition.Chars,
        MessageCreatedAt = record.MessageCreatedAt.Chars,
        StatementId = record.StatementId.Chars,
        ElectronicSequence = record.ElectronicSequence,
        CreatedAt = record.CreatedAt.Chars,
        From = record.From.Chars,
        To = record.To.Chars,
        Account = AccountMessage.Of(record.Account),
        AccountOwner = PartyMessage.Of(record.AccountOwner),
        AccountServicer = AgentMessage.Of(record.AccountServicer),
        Balances = [.. record.Balances.Select(BalanceMessage.Of)],
        Summary = record.Summary is null ? null : SummaryMessage.Of(record.Summary),
        Entries = [.. record.Entries.Select(EntryMessage.Of)],
    };
}

/// <summary>A Camt052Report for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class Camt052ReportMessage : IPeerMessage<Camt052ReportMessage>
{
    [Key(0), ProtoMember(1)] public string MessageId { get; set; } = "";
    [Key(1), ProtoMember(2)] public string MessageDefinition { get; set; } = "";
    [Key(2), ProtoMember(3)] public string MessageCreatedAt { get; set; } = "";
    [Key(3), ProtoMember(4)] public string ReportId { get; set; } = "";
    [Key(4), ProtoMember(5)] public ulong ElectronicSequence { get; set; }
    [Key(5), ProtoMember(6)] public string CreatedAt { get; set; } = "";
    [Key(6), ProtoMember(7)] public string From { get; set; } = "";
    [Key(7), ProtoMember(8)] public string To { get; set; } = "";
    [Key(8), ProtoMember(9)] public AccountMessage? Account { get; set; }
    [Key(9), ProtoMember(10)] public AgentMessage? AccountServicer { get; set; }
    [Key(10), ProtoMember(11)] public BalanceMessage[] Balances { get; set; } = [];
    [Key(11), ProtoMember(12)] public EntryMessage[] Entries { get; set; } = [];

    static Camt052ReportMessage[] IPeerMessage<Camt052ReportMessage>.All => [.. Camt052ReportRecord.All.Select(Of)];

    ulong IPeerMessage<Camt052ReportMessage>.Digest()
    {
        ulong sum = Digests.Of(MessageId) + Digests.Of(MessageDefinition) + Digests.Of(MessageCreatedAt) + Digests.Of(ReportId)
            + ElectronicSequence + Digests.Of(CreatedAt) + Digests.Of(From) + Digests.Of(To) + (Account?.Digest() ?? 0)
            + (AccountServicer?.Digest() ?? 0);
        foreach (BalanceMessage item in Balances)
        {
            sum += item.Digest();
        }

        foreach (EntryMessage item in Entries)
        {
            sum += item.Digest();
        }

        return sum;
    }

    private static Camt052ReportMessage Of(Camt052ReportRecord record) => new()
    {
        MessageId = record.MessageId.Chars,
        MessageDefinition = record.MessageDefinition.Chars,
        MessageCreatedAt = record.MessageCreatedAt.Chars,
        ReportId = record.ReportId.Chars,
        ElectronicSequence = record.ElectronicSequence,
        CreatedAt = record.CreatedAt.Chars,
        From = record.From.Chars,
        To = record.To.Chars,
        Account = AccountMessage.Of(record.Account),
        AccountServicer = AgentMessage.Of(record.AccountServicer),
        Balances = [.. record.Balances.Select(BalanceMessage.Of)],
        Entries = [.. record.Entries.Select(EntryMessage.Of)],
    };
}

/// <summary>A Pacs002StatusReport for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class Pacs002StatusReportMessage : IPeerMessage<Pacs002StatusReportMessage>
{
    [Key(0), ProtoMember(1)] public string MessageId { get; set; } = "";
    [Key(1), ProtoMember(2)] public string MessageDefinition { get; set; } = "";
    [Key(2), ProtoMember(3)] public string CreatedAt { get; set; } = "";
    [Key(3), ProtoMember(4)] public AgentMessage? InstructingAgent { get; set; }
    [Key(4), ProtoMember(5)] public AgentMessage? InstructedAgent { get; set; }
    [Key(5), ProtoMember(6)] public StatusGroupMessage[] Groups { get; set; } = [];
    [Key(6), ProtoMember(7)] public StatusTransactionMessage[] Transactions { get; set; } = [];

    static Pacs002StatusReportMessage[] IPeerMessage<Pacs002StatusReportMessage>.All => [.. Pacs002StatusReportRecord.All.Select(Of)];

    ulong IPeerMessage<Pacs002StatusReportMessage>.Digest()
    {
        ulong sum = Digests.Of(MessageId) + Digests.Of(MessageDefinition) + Digests.Of(CreatedAt) + (InstructingAgent?.Digest() ?? 0)
            + (InstructedAgent?.Digest() ?? 0);
        foreach (StatusGroupMessage item in Groups)
        {
            sum += item.Digest();
        }

        foreach (StatusTransactionMessage item in Transactions)
        {
            sum += item.Digest();
        }

        return sum;
    }

    private static Pacs002StatusReportMessage Of(Pacs002StatusReportRecord record) => new()
    {
        MessageId = record.MessageId.Chars,
        MessageDefinition = record.MessageDefinition.Chars,
        CreatedAt = record.CreatedAt.Chars,
        InstructingAgent = AgentMessage.Of(record.InstructingAgent),
        InstructedAgent = AgentMessage.Of(record.InstructedAgent),
        Groups = [.. record.Groups.Select(StatusGroupMessage.Of)],
        Transactions = [.. record.Transactions.Select(StatusTransactionMessage.Of)],
    };
}
