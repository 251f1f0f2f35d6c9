using Estream.Payments;

namespace Estream.Scenarios.Codecs.Payments;

/// <summary>The payers, payees, accounts and purposes in the messages.</summary>
internal static class Parties
{
    public static Party Person(int index) => new()
    {
        Name = Text.Of("Ana Perez"),
        Address = At("Calle Mayor", index, "28013", "Madrid", "ES"),
    };

    public static Party Firm(int index) => new()
    {
        Name = Text.Of("Muster und Soehne AG"),
        Address = At("Bahnhofstrasse", index, "8001", "Zurich", "CH"),
        Lei = Text.Of("5493001KJTIIGC8Y1R12"),
    };

    public static Account AccountOf(string iban, int index) => new()
    {
        Iban = Text.Of($"{iban}{index % 100:00}"),
        Currency = index % 2 == 0 ? default : Text.Of("EUR"),
    };

    public static Remittance Invoice(int index) => new()
    {
        Unstructured = [Text.Of($"Invoice {4711 + index}")],
        Structured =
        [
            new Invoice
            {
                DocumentNumber = Text.Of($"{4711 + index}"),
                DueAmount = Money.Of(12_345 + index),
                CreditorReference = Text.Of("RF18539007547034"),
            },
        ],
    };

    public static Balance BalanceOf(string type, long cents) => new()
    {
        Type = Money.Code(type),
        Amount = Money.Of(cents),
        Side = CreditDebit.CRDT,
        Date = Text.Of("2026-11-20"),
    };

    public static Entry EntryOf(string status, int index) => new()
    {
        Reference = Text.Of($"E-{index}"),
        Amount = Money.Of(12_345 + index),
        Side = index % 2 == 0 ? CreditDebit.CRDT : CreditDebit.DBIT,
        Status = Money.Code(status),
        BookingDate = Text.Of("2026-11-20"),
        ValueDate = Text.Of("2026-11-20"),
        AccountServicerReference = Text.Of($"ZKB-{1_000 + index}"),
        TransactionCode = new TransactionCode { Domain = Text.Of("PMNT"), Family = Text.Of("RCDT"), SubFamily = Text.Of("ESCT") },
        Transactions =
        [
            new EntryTransaction
            {
                EndToEndId = Text.Of($"INV-{4711 + index}"),
                TransactionId = Text.Of($"T-{index}"),
                Amount = Money.Of(12_345 + index),
                Side = index % 2 == 0 ? CreditDebit.CRDT : CreditDebit.DBIT,
                Debtor = Person(index),
                DebtorAccount = AccountOf("ES91210004184502000513", index),
                Creditor = Firm(index),
                CreditorAccount = AccountOf("CH93007620116238529", index),
                Remittance = Invoice(index),
            },
        ],
    };

    private static PostalAddress At(string street, int number, string code, string town, string country) => new()
    {
        StreetName = Text.Of(street),
        BuildingNumber = Text.Of($"{number}"),
        PostCode = Text.Of(code),
        TownName = Text.Of(town),
        Country = Text.Of(country),
    };
}
