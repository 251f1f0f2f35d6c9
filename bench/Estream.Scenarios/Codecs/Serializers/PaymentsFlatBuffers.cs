using System.Runtime.CompilerServices;
using Estream.Scenarios.Codecs.Payments;
using Google.FlatBuffers;
using static Estream.Scenarios.Codecs.Serializers.PaymentsFlat;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>Encodes and decodes Pacs008CreditTransfer with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct Pacs008CreditTransferFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Pacs008CreditTransferRecord record = Pacs008CreditTransferRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int messageId = FlatTable.Put(builder, record.MessageId);
        int messageDefinition = FlatTable.Put(builder, record.MessageDefinition);
        int createdAt = FlatTable.Put(builder, record.CreatedAt);
        int totalSettlementAmount = Put(builder, record.TotalSettlementAmount);
        int settlementDate = FlatTable.Put(builder, record.SettlementDate);
        int settlement = Put(builder, record.Settlement);
        int instructingAgent = Put(builder, record.InstructingAgent);
        int instructedAgent = Put(builder, record.InstructedAgent);
        int transactions = FlatTable.Put(builder, record.Transactions, Put);
        builder.StartTable(10);
        builder.AddUlong(3, record.NumberOfTransactions, 0);
        builder.AddOffset(9, transactions, 0);
        builder.AddOffset(8, instructedAgent, 0);
        builder.AddOffset(7, instructingAgent, 0);
        builder.AddOffset(6, settlement, 0);
        builder.AddOffset(5, settlementDate, 0);
        builder.AddOffset(4, totalSettlementAmount, 0);
        builder.AddOffset(2, createdAt, 0);
        builder.AddOffset(1, messageDefinition, 0);
        builder.AddOffset(0, messageId, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.ULong(table, 3)
            + FlatTable.DigestOf(table, 4, TakeAmount)
            + FlatTable.DigestOf(table, 5)
            + FlatTable.DigestOf(table, 6, TakeSettlement)
            + FlatTable.DigestOf(table, 7, TakeAgent)
            + FlatTable.DigestOf(table, 8, TakeAgent)
            + FlatTable.SumOf(table, 9, TakeCreditTransfer);
    }
}

/// <summary>Encodes and decodes Camt053Statement with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct Camt053StatementFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Camt053StatementRecord record = Camt053StatementRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int messageId = FlatTable.Put(builder, record.MessageId);
        int messageDefinition = FlatTable.Put(builder, record.MessageDefinition);
        int messageCreatedAt = FlatTable.Put(builder, record.MessageCreatedAt);
        int statementId = FlatTable.Put(builder, record.StatementId);
        int createdAt = FlatTable.Put(builder, record.CreatedAt);
        int fromText = FlatTable.Put(builder, record.From);
        int toText = FlatTable.Put(builder, record.To);
        int account = Put(builder, record.Account);
        int accountOwner = Put(builder, record.AccountOwner);
        int accountServicer = Put(builder, record.AccountServicer);
        int balances = FlatTable.Put(builder, record.Balances, Put);
        int summary = record.Summary is null ? 0 : Put(builder, record.Summary);
        int entries = FlatTable.Put(builder, record.Entries, Put);
        builder.StartTable(14);
        builder.AddUlong(4, record.ElectronicSequence, 0);
        builder.AddOffset(13, entries, 0);
        builder.AddOffset(12, summary, 0);
        builder.AddOffset(11, balances, 0);
        builder.AddOffset(10, accountServicer, 0);
        builder.AddOffset(9, accountOwner, 0);
        builder.AddOffset(8, account, 0);
        builder.AddOffset(7, toText, 0);
        builder.AddOffset(6, fromText, 0);
        builder.AddOffset(5, createdAt, 0);
        builder.AddOffset(3, statementId, 0);
        builder.AddOffset(2, messageCreatedAt, 0);
        builder.AddOffset(1, messageDefinition, 0);
        builder.AddOffset(0, messageId, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.DigestOf(table, 3)
            + FlatTable.ULong(table, 4)
            + FlatTable.DigestOf(table, 5)
            + FlatTable.DigestOf(table, 6)
            + FlatTable.DigestOf(table, 7)
            + FlatTable.DigestOf(table, 8, TakeAccount)
            + FlatTable.DigestOf(table, 9, TakeParty)
            + FlatTable.DigestOf(table, 10, TakeAgent)
            + FlatTable.SumOf(table, 11, TakeBalance)
            + FlatTable.DigestOf(table, 12, TakeSummary)
            + FlatTable.SumOf(table, 13, TakeEntry);
    }
}

/// <summary>Encodes and decodes Camt052Report with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct Camt052ReportFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Camt052ReportRecord record = Camt052ReportRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int messageId = FlatTable.Put(builder, record.MessageId);
        int messageDefinition = FlatTable.Put(builder, record.MessageDefinition);
        int messageCreatedAt = FlatTable.Put(builder, record.MessageCreatedAt);
        int reportId = FlatTable.Put(builder, record.ReportId);
        int createdAt = FlatTable.Put(builder, record.CreatedAt);
        int fromText = FlatTable.Put(builder, record.From);
        int toText = FlatTable.Put(builder, record.To);
        int account = Put(builder, record.Account);
        int accountServicer = Put(builder, record.AccountServicer);
        int balances = FlatTable.Put(builder, record.Balances, Put);
        int entries = FlatTable.Put(builder, record.Entries, Put);
        builder.StartTable(12);
        builder.AddUlong(4, record.ElectronicSequence, 0);
        builder.AddOffset(11, entries, 0);
        builder.AddOffset(10, balances, 0);
        builder.AddOffset(9, accountServicer, 0);
        builder.AddOffset(8, account, 0);
        builder.AddOffset(7, toText, 0);
        builder.AddOffset(6, fromText, 0);
        builder.AddOffset(5, createdAt, 0);
        builder.AddOffset(3, reportId, 0);
        builder.AddOffset(2, messageCreatedAt, 0);
        builder.AddOffset(1, messageDefinition, 0);
        builder.AddOffset(0, messageId, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.DigestOf(table, 3)
            + FlatTable.ULong(table, 4)
            + FlatTable.DigestOf(table, 5)
            + FlatTable.DigestOf(table, 6)
            + FlatTable.DigestOf(table, 7)
            + FlatTable.DigestOf(table, 8, TakeAccount)
            + FlatTable.DigestOf(table, 9, TakeAgent)
            + FlatTable.SumOf(table, 10, TakeBalance)
            + FlatTable.SumOf(table, 11, TakeEntry);
    }
}

/// <summary>Encodes and decodes Pacs002StatusReport with Google.FlatBuffers and the table code of flatc.</summary>
internal readonly struct Pacs002StatusReportFlatBuffers : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Pacs002StatusReportRecord record = Pacs002StatusReportRecord.All[index];
        FlatBufferBuilder builder = FlatTable.Start();
        int messageId = FlatTable.Put(builder, record.MessageId);
        int messageDefinition = FlatTable.Put(builder, record.MessageDefinition);
        int createdAt = FlatTable.Put(builder, record.CreatedAt);
        int instructingAgent = Put(builder, record.InstructingAgent);
        int instructedAgent = Put(builder, record.InstructedAgent);
        int groups = FlatTable.Put(builder, record.Groups, Put);
        int transactions = FlatTable.Put(builder, record.Transactions, Put);
        builder.StartTable(7);
        builder.AddOffset(6, transactions, 0);
        builder.AddOffset(5, groups, 0);
        builder.AddOffset(4, instructedAgent, 0);
        builder.AddOffset(3, instructingAgent, 0);
        builder.AddOffset(2, createdAt, 0);
        builder.AddOffset(1, messageDefinition, 0);
        builder.AddOffset(0, messageId, 0);
        return FlatTable.Finish(builder, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        Table table = FlatTable.Root(message);
        return FlatTable.DigestOf(table, 0)
            + FlatTable.DigestOf(table, 1)
            + FlatTable.DigestOf(table, 2)
            + FlatTable.DigestOf(table, 3, TakeAgent)
            + FlatTable.DigestOf(table, 4, TakeAgent)
            + FlatTable.SumOf(table, 5, TakeStatusGroup)
            + FlatTable.SumOf(table, 6, TakeStatusTransaction);
    }
}
