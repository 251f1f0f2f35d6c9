using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Payments;
using Estream.Scenarios.Workloads;
using static Estream.Scenarios.Codecs.Protobuf.PaymentsWire;
using Pb = Estream.Scenarios.Protoc.Payments;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>Encodes and decodes Pacs008CreditTransfer with the class that protoc generates.</summary>
internal readonly struct Pacs008CreditTransferProtobuf : ICodec
{
    private static readonly Pb.Pacs008CreditTransfer s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Pacs008CreditTransferRecord record = Pacs008CreditTransferRecord.All[index];
        Pb.Pacs008CreditTransfer message = s_message;
        message.MessageId = record.MessageId.Chars;
        message.MessageDefinition = record.MessageDefinition.Chars;
        message.CreatedAt = record.CreatedAt.Chars;
        message.NumberOfTransactions = record.NumberOfTransactions;
        message.TotalSettlementAmount = Fill(message.TotalSettlementAmount, record.TotalSettlementAmount);
        message.SettlementDate = record.SettlementDate.Chars;
        message.Settlement = Fill(message.Settlement, record.Settlement);
        message.InstructingAgent = Fill(message.InstructingAgent, record.InstructingAgent);
        message.InstructedAgent = Fill(message.InstructedAgent, record.InstructedAgent);
        Refill.List(message.Transactions, record.Transactions, Fill);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.Pacs008CreditTransfer message = Pb.Pacs008CreditTransfer.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.MessageId);
        sum += Digests.Of(message.MessageDefinition);
        sum += Digests.Of(message.CreatedAt);
        sum += message.NumberOfTransactions;
        sum += Take(message.TotalSettlementAmount);
        sum += Digests.Of(message.SettlementDate);
        sum += Take(message.Settlement);
        sum += Take(message.InstructingAgent);
        sum += Take(message.InstructedAgent);
        sum += Refill.Sum(message.Transactions, Take);
        return sum;
    }
}

/// <summary>Encodes and decodes Pacs002StatusReport with the class that protoc generates.</summary>
internal readonly struct Pacs002StatusReportProtobuf : ICodec
{
    private static readonly Pb.Pacs002StatusReport s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Pacs002StatusReportRecord record = Pacs002StatusReportRecord.All[index];
        Pb.Pacs002StatusReport message = s_message;
        message.MessageId = record.MessageId.Chars;
        message.MessageDefinition = record.MessageDefinition.Chars;
        message.CreatedAt = record.CreatedAt.Chars;
        message.InstructingAgent = Fill(message.InstructingAgent, record.InstructingAgent);
        message.InstructedAgent = Fill(message.InstructedAgent, record.InstructedAgent);
        Refill.List(message.Groups, record.Groups, Fill);
        Refill.List(message.Transactions, record.Transactions, Fill);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.Pacs002StatusReport message = Pb.Pacs002StatusReport.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.MessageId);
        sum += Digests.Of(message.MessageDefinition);
        sum += Digests.Of(message.CreatedAt);
        sum += Take(message.InstructingAgent);
        sum += Take(message.InstructedAgent);
        sum += Refill.Sum(message.Groups, Take);
        sum += Refill.Sum(message.Transactions, Take);
        return sum;
    }
}

/// <summary>Encodes and decodes Camt053Statement with the class that protoc generates.</summary>
internal readonly struct Camt053StatementProtobuf : ICodec
{
    private static readonly Pb.Camt053Statement s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Camt053StatementRecord record = Camt053StatementRecord.All[index];
        Pb.Camt053Statement message = s_message;
        message.MessageId = record.MessageId.Chars;
        message.MessageDefinition = record.MessageDefinition.Chars;
        message.MessageCreatedAt = record.MessageCreatedAt.Chars;
        message.StatementId = record.StatementId.Chars;
        message.ElectronicSequence = record.ElectronicSequence;
        message.CreatedAt = record.CreatedAt.Chars;
        message.From = record.From.Chars;
        message.To = record.To.Chars;
        message.Account = Fill(message.Account, record.Account);
        message.AccountOwner = Fill(message.AccountOwner, record.AccountOwner);
        message.AccountServicer = Fill(message.AccountServicer, record.AccountServicer);
        Refill.List(message.Balances, record.Balances, Fill);
        message.Summary = Fill(message.Summary, record.Summary);
        Refill.List(message.Entries, record.Entries, Fill);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.Camt053Statement message = Pb.Camt053Statement.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.MessageId);
        sum += Digests.Of(message.MessageDefinition);
        sum += Digests.Of(message.MessageCreatedAt);
        sum += Digests.Of(message.StatementId);
        sum += message.ElectronicSequence;
        sum += Digests.Of(message.CreatedAt);
        sum += Digests.Of(message.From);
        sum += Digests.Of(message.To);
        sum += Take(message.Account);
        sum += Take(message.AccountOwner);
        sum += Take(message.AccountServicer);
        sum += Refill.Sum(message.Balances, Take);
        sum += Take(message.Summary);
        sum += Refill.Sum(message.Entries, Take);
        return sum;
    }
}

/// <summary>Encodes and decodes Camt052Report with the class that protoc generates.</summary>
internal readonly struct Camt052ReportProtobuf : ICodec
{
    private static readonly Pb.Camt052Report s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Camt052ReportRecord record = Camt052ReportRecord.All[index];
        Pb.Camt052Report message = s_message;
        message.MessageId = record.MessageId.Chars;
        message.MessageDefinition = record.MessageDefinition.Chars;
        message.MessageCreatedAt = record.MessageCreatedAt.Chars;
        message.ReportId = record.ReportId.Chars;
        message.ElectronicSequence = record.ElectronicSequence;
        message.CreatedAt = record.CreatedAt.Chars;
        message.From = record.From.Chars;
        message.To = record.To.Chars;
        message.Account = Fill(message.Account, record.Account);
        message.AccountServicer = Fill(message.AccountServicer, record.AccountServicer);
        Refill.List(message.Balances, record.Balances, Fill);
        Refill.List(message.Entries, record.Entries, Fill);
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.Camt052Report message = Pb.Camt052Report.Parser.ParseFrom(bytes);
        ulong sum = 0;
        sum += Digests.Of(message.MessageId);
        sum += Digests.Of(message.MessageDefinition);
        sum += Digests.Of(message.MessageCreatedAt);
        sum += Digests.Of(message.ReportId);
        sum += message.ElectronicSequence;
        sum += Digests.Of(message.CreatedAt);
        sum += Digests.Of(message.From);
        sum += Digests.Of(message.To);
        sum += Take(message.Account);
        sum += Take(message.AccountServicer);
        sum += Refill.Sum(message.Balances, Take);
        sum += Refill.Sum(message.Entries, Take);
        return sum;
    }
}
