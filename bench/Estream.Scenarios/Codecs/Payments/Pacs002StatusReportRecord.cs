using Estream.Payments;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>The usual fields of one Pacs002StatusReport.</summary>
internal sealed record Pacs002StatusReportRecord
{
    public Text MessageId { get; init; }
    public Text MessageDefinition { get; init; }
    public Text CreatedAt { get; init; }
    public required Agent InstructingAgent { get; init; }
    public required Agent InstructedAgent { get; init; }
    public StatusGroup[] Groups { get; init; } = [];
    public StatusTransaction[] Transactions { get; init; } = [];

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static Pacs002StatusReportRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static Pacs002StatusReportRecord Create(int index) => new()
    {
        MessageId = Text.Of($"STS-{index:00000000}"),
        MessageDefinition = Text.Of("pacs.002.001.10"),
        CreatedAt = Text.Of("2026-11-20T10:00:05Z"),
        InstructingAgent = new Agent { Bic = Text.Of("ZKBKCHZZ80A") },
        InstructedAgent = new Agent { Bic = Text.Of("CAIXESBB") },
        Groups =
        [
            new StatusGroup
            {
                OriginalMessageId = Text.Of($"MSG-{index:00000000}"),
                OriginalMessageDefinition = Text.Of("pacs.008.001.08"),
                OriginalNumberOfTransactions = 2,
                Status = Text.Of("PART"),
            },
        ],
        Transactions =
        [
            new StatusTransaction
            {
                StatusId = Text.Of($"S-{index}"),
                OriginalInstructionId = Text.Of($"I-{index}"),
                OriginalEndToEndId = Text.Of($"INV-{4711 + index}"),
                OriginalTransactionId = Text.Of($"T-{index}"),
                Status = Text.Of("RJCT"),
                Reasons = [new StatusReason { Reason = Money.Code("AC04"), Additional = [Text.Of("the account is closed")] }],
                AcceptanceAt = Text.Of("2026-11-20T10:00:04Z"),
                OriginalSettlementAmount = Money.Of(12_345 + index),
                OriginalDebtorAccount = Parties.AccountOf("ES91210004184502000513", index),
                OriginalCreditorAccount = Parties.AccountOf("CH93007620116238529", index),
            },
            new StatusTransaction
            {
                OriginalInstructionId = Text.Of($"J-{index}"),
                OriginalEndToEndId = Text.Of($"INV-{4811 + index}"),
                OriginalTransactionId = Text.Of($"U-{index}"),
                Status = Text.Of("ACSC"),
                Reasons = [],
                AcceptanceAt = Text.Of("2026-11-20T10:00:04Z"),
            },
        ],
    };
}
