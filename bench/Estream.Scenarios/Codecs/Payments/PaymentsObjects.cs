using Estream.Payments;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>The Amount object of esf-payments messages.</summary>
internal sealed record Amount
{
    public long Value { get; init; }
    public byte Scale { get; init; }
    public Text Currency { get; init; }
}

/// <summary>The Settlement object of esf-payments messages.</summary>
internal sealed record Settlement
{
    public SettlementMethod Method { get; init; }
    public required CodeOrProprietary ClearingSystem { get; init; }
}

/// <summary>The CodeOrProprietary object of esf-payments messages.</summary>
internal sealed record CodeOrProprietary
{
    public Text Code { get; init; }
    public Text Proprietary { get; init; }
}

/// <summary>The Agent object of esf-payments messages.</summary>
internal sealed record Agent
{
    public Text Bic { get; init; }
    public Text Name { get; init; }
}

/// <summary>The CreditTransfer object of esf-payments messages.</summary>
internal sealed record CreditTransfer
{
    public Text InstructionId { get; init; }
    public Text EndToEndId { get; init; }
    public Text TransactionId { get; init; }
    public Text Uetr { get; init; }
    public required PaymentType PaymentType { get; init; }
    public required Amount SettlementAmount { get; init; }
    public ChargeBearer ChargeBearer { get; init; }
    public required Party Debtor { get; init; }
    public required Account DebtorAccount { get; init; }
    public required Agent DebtorAgent { get; init; }
    public required Agent CreditorAgent { get; init; }
    public required Party Creditor { get; init; }
    public required Account CreditorAccount { get; init; }
    public CodeOrProprietary? Purpose { get; init; }
    public required Remittance Remittance { get; init; }
}

/// <summary>The PaymentType object of esf-payments messages.</summary>
internal sealed record PaymentType
{
    public InstructionPriority InstructionPriority { get; init; }
    public CodeOrProprietary[] ServiceLevels { get; init; } = [];
    public required CodeOrProprietary CategoryPurpose { get; init; }
}

/// <summary>The Party object of esf-payments messages.</summary>
internal sealed record Party
{
    public Text Name { get; init; }
    public required PostalAddress Address { get; init; }
    public Text Lei { get; init; }
}

/// <summary>The PostalAddress object of esf-payments messages.</summary>
internal sealed record PostalAddress
{
    public Text StreetName { get; init; }
    public Text BuildingNumber { get; init; }
    public Text PostCode { get; init; }
    public Text TownName { get; init; }
    public Text Country { get; init; }
}

/// <summary>The Account object of esf-payments messages.</summary>
internal sealed record Account
{
    public Text Iban { get; init; }
    public Text Currency { get; init; }
}

/// <summary>The Remittance object of esf-payments messages.</summary>
internal sealed record Remittance
{
    public Text[] Unstructured { get; init; } = [];
    public Invoice[] Structured { get; init; } = [];
}

/// <summary>The Invoice object of esf-payments messages.</summary>
internal sealed record Invoice
{
    public Text DocumentNumber { get; init; }
    public required Amount DueAmount { get; init; }
    public Text CreditorReference { get; init; }
}

/// <summary>The StatusGroup object of esf-payments messages.</summary>
internal sealed record StatusGroup
{
    public Text OriginalMessageId { get; init; }
    public Text OriginalMessageDefinition { get; init; }
    public ulong OriginalNumberOfTransactions { get; init; }
    public Text Status { get; init; }
}

/// <summary>The StatusTransaction object of esf-payments messages.</summary>
internal sealed record StatusTransaction
{
    public Text StatusId { get; init; }
    public Text OriginalInstructionId { get; init; }
    public Text OriginalEndToEndId { get; init; }
    public Text OriginalTransactionId { get; init; }
    public Text Status { get; init; }
    public StatusReason[] Reasons { get; init; } = [];
    public Text AcceptanceAt { get; init; }
    public Amount? OriginalSettlementAmount { get; init; }
    public Account? OriginalDebtorAccount { get; init; }
    public Account? OriginalCreditorAccount { get; init; }
}

/// <summary>The StatusReason object of esf-payments messages.</summary>
internal sealed record StatusReason
{
    public required CodeOrProprietary Reason { get; init; }
    public Text[] Additional { get; init; } = [];
}

/// <summary>The Balance object of esf-payments messages.</summary>
internal sealed record Balance
{
    public required CodeOrProprietary Type { get; init; }
    public required Amount Amount { get; init; }
    public CreditDebit Side { get; init; }
    public Text Date { get; init; }
}

/// <summary>The Summary object of esf-payments messages.</summary>
internal sealed record Summary
{
    public ulong Entries { get; init; }
    public required Scaled Sum { get; init; }
    public required Scaled NetAmount { get; init; }
    public CreditDebit NetSide { get; init; }
}

/// <summary>The Scaled object of esf-payments messages.</summary>
internal sealed record Scaled
{
    public long Value { get; init; }
    public byte Scale { get; init; }
}

/// <summary>The Entry object of esf-payments messages.</summary>
internal sealed record Entry
{
    public Text Reference { get; init; }
    public required Amount Amount { get; init; }
    public CreditDebit Side { get; init; }
    public required CodeOrProprietary Status { get; init; }
    public Text BookingDate { get; init; }
    public Text ValueDate { get; init; }
    public Text AccountServicerReference { get; init; }
    public required TransactionCode TransactionCode { get; init; }
    public EntryTransaction[] Transactions { get; init; } = [];
}

/// <summary>The TransactionCode object of esf-payments messages.</summary>
internal sealed record TransactionCode
{
    public Text Domain { get; init; }
    public Text Family { get; init; }
    public Text SubFamily { get; init; }
}

/// <summary>The EntryTransaction object of esf-payments messages.</summary>
internal sealed record EntryTransaction
{
    public Text EndToEndId { get; init; }
    public Text TransactionId { get; init; }
    public required Amount Amount { get; init; }
    public CreditDebit Side { get; init; }
    public required Party Debtor { get; init; }
    public required Account DebtorAccount { get; init; }
    public required Party Creditor { get; init; }
    public required Account CreditorAccount { get; init; }
    public required Remittance Remittance { get; init; }
}

/// <summary>Amounts and codes of the messages.</summary>
internal static class Money
{
    public static Amount Of(long cents) => new() { Value = cents, Scale = 2, Currency = Text.Of("EUR") };

    public static Scaled Exact(long cents) => new() { Value = cents, Scale = 2 };

    public static CodeOrProprietary Code(string code) => new() { Code = Text.Of(code) };
}
