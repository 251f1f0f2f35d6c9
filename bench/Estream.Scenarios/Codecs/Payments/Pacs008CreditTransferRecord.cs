using Estream.Payments;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>The usual fields of one Pacs008CreditTransfer.</summary>
internal sealed record Pacs008CreditTransferRecord
{
    public Text MessageId { get; init; }
    public Text MessageDefinition { get; init; }
    public Text CreatedAt { get; init; }
    public ulong NumberOfTransactions { get; init; }
    public required Amount TotalSettlementAmount { get; init; }
    public Text SettlementDate { get; init; }
    public required Settlement Settlement { get; init; }
    public required Agent InstructingAgent { get; init; }
    public required Agent InstructedAgent { get; init; }
    public CreditTransfer[] Transactions { get; init; } = [];

    /// <summary>The messages that every codec encodes, by number.</summary>
    public static Pacs008CreditTransferRecord[] All { get; } = [.. Enumerable.Range(0, 8).Select(Create)];

    private static Pacs008CreditTransferRecord Create(int index) => new()
    {
        MessageId = Text.Of($"MSG-{index:00000000}"),
        MessageDefinition = Text.Of("pacs.008.001.08"),
        CreatedAt = Text.Of("2026-11-20T10:00:00Z"),
        NumberOfTransactions = 1,
        TotalSettlementAmount = Money.Of(12_345 + index),
        SettlementDate = Text.Of("2026-11-20"),
        Settlement = new Settlement
        {
            Method = SettlementMethod.CLRG,
            ClearingSystem = new CodeOrProprietary { Proprietary = Text.Of("ST2") },
        },
        InstructingAgent = new Agent { Bic = Text.Of("CAIXESBB") },
        InstructedAgent = new Agent { Bic = Text.Of("ZKBKCHZZ80A") },
        Transactions =
        [
            new CreditTransfer
            {
                InstructionId = Text.Of($"I-{index}"),
                EndToEndId = Text.Of($"INV-{4711 + index}"),
                TransactionId = Text.Of($"T-{index}"),
                Uetr = Text.Of($"8a562c67-ca16-48ba-b074-65581be6f{index:000}"),
                PaymentType = new PaymentType
                {
                    InstructionPriority = InstructionPriority.NORM,
                    ServiceLevels = [Money.Code("SEPA")],
                    CategoryPurpose = Money.Code("SUPP"),
                },
                SettlementAmount = Money.Of(12_345 + index),
                ChargeBearer = ChargeBearer.SLEV,
                Debtor = Parties.Person(index),
                DebtorAccount = Parties.AccountOf("ES91210004184502000513", index),
                DebtorAgent = new Agent { Bic = Text.Of("CAIXESBB"), Name = Text.Of("A bank") },
                CreditorAgent = new Agent { Bic = Text.Of("ZKBKCHZZ80A") },
                Creditor = Parties.Firm(index),
                CreditorAccount = Parties.AccountOf("CH93007620116238529", index),
                Purpose = index % 4 == 3 ? null : Money.Code("GDDS"),
                Remittance = Parties.Invoice(index),
            },
        ],
    };
}
