using Estream.Payments;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>The usual fields of one Camt052Report.</summary>
internal sealed record Camt052ReportRecord
{
    public Text MessageId { get; init; }
    public Text MessageDefinition { get; init; }
    public Text MessageCreatedAt { get; init; }
    public Text ReportId { get; init; }
    public ulong ElectronicSequence { get; init; }
    public Text CreatedAt { get; init; }
    public Text From { get; init; }
    public Text To { get; init; }
    public required Account Account { get; init; }
    public required Agent AccountServicer { get; init; }
    public Balance[] Balances { get; init; } = [];
    public Entry[] Entries { get; init; } = [];

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static Camt052ReportRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static Camt052ReportRecord Create(int index) => new()
    {
        MessageId = Text.Of($"RPT-{index:00000000}"),
        MessageDefinition = Text.Of("camt.052.001.08"),
        MessageCreatedAt = Text.Of("2026-11-20T12:00:00Z"),
        ReportId = Text.Of($"2026-324-{index}"),
        ElectronicSequence = 12,
        CreatedAt = Text.Of("2026-11-20T11:59:58Z"),
        From = Text.Of("2026-11-20T00:00:00"),
        To = Text.Of("2026-11-20T11:59:59"),
        Account = Parties.AccountOf("CH93007620116238529", index),
        AccountServicer = new Agent { Bic = Text.Of("ZKBKCHZZ80A") },
        Balances = [Parties.BalanceOf("ITBD", 1_012_345 + index)],
        Entries = [Parties.EntryOf("PDNG", index)],
    };
}
