using Estream.Payments;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>The usual fields of one Camt053Statement.</summary>
internal sealed record Camt053StatementRecord
{
    public Text MessageId { get; init; }
    public Text MessageDefinition { get; init; }
    public Text MessageCreatedAt { get; init; }
    public Text StatementId { get; init; }
    public ulong ElectronicSequence { get; init; }
    public Text CreatedAt { get; init; }
    public Text From { get; init; }
    public Text To { get; init; }
    public required Account Account { get; init; }
    public required Party AccountOwner { get; init; }
    public required Agent AccountServicer { get; init; }
    public Balance[] Balances { get; init; } = [];
    public Summary? Summary { get; init; }
    public Entry[] Entries { get; init; } = [];

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static Camt053StatementRecord[] All { get; } = [.. Enumerable.Range(0, 4).Select(Create)];

    private static Camt053StatementRecord Create(int index) => new()
    {
        MessageId = Text.Of($"STM-{index:00000000}"),
        MessageDefinition = Text.Of("camt.053.001.08"),
        MessageCreatedAt = Text.Of("2026-11-21T02:00:00Z"),
        StatementId = Text.Of($"2026-324-{index}"),
        ElectronicSequence = 324,
        CreatedAt = Text.Of("2026-11-21T01:59:58Z"),
        From = Text.Of("2026-11-20T00:00:00"),
        To = Text.Of("2026-11-20T23:59:59"),
        Account = Parties.AccountOf("CH93007620116238529", index),
        AccountOwner = Parties.Firm(index),
        AccountServicer = new Agent { Bic = Text.Of("ZKBKCHZZ80A") },
        Balances = [Parties.BalanceOf("OPBD", 1_000_000 + index), Parties.BalanceOf("CLBD", 1_012_345 + index)],
        Summary = index % 4 == 3
            ? null
            : new Summary { Entries = 2, Sum = Money.Exact(24_690), NetAmount = Money.Exact(12_345), NetSide = CreditDebit.CRDT },
        Entries = [Parties.EntryOf("BOOK", index), Parties.EntryOf("BOOK", index + 100)],
    };
}
