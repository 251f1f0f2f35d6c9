using Estream.Scenarios.Codecs.Payments;
using Estream.Scenarios.Workloads;
using MemoryPack;
using MessagePack;
using ProtoBuf;

namespace Estream.Scenarios.Codecs.Serializers;

/// <summary>The Amount object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class AmountMessage
{
    [Key(0), ProtoMember(1, DataFormat = DataFormat.ZigZag)] public long Value { get; set; }
    [Key(1), ProtoMember(2)] public byte Scale { get; set; }
    [Key(2), ProtoMember(3)] public string Currency { get; set; } = "";

    internal ulong Digest() => (ulong)Value + Scale + Digests.Of(Currency);

    internal static AmountMessage Of(Amount record) => new()
    {
        Value = record.Value,
        Scale = record.Scale,
        Currency = record.Currency.Chars,
    };
}

/// <summary>The Settlement object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class SettlementMessage
{
    [Key(0), ProtoMember(1)] public byte Method { get; set; }
    [Key(1), ProtoMember(2)] public CodeOrProprietaryMessage? ClearingSystem { get; set; }

    internal ulong Digest() => Method + (ClearingSystem?.Digest() ?? 0);

    internal static SettlementMessage Of(Settlement record) => new()
    {
        Method = (byte)record.Method,
        ClearingSystem = CodeOrProprietaryMessage.Of(record.ClearingSystem),
    };
}

/// <summary>The CodeOrProprietary object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class CodeOrProprietaryMessage
{
    [Key(0), ProtoMember(1)] public string Code { get; set; } = "";
    [Key(1), ProtoMember(2)] public string Proprietary { get; set; } = "";

    internal ulong Digest() => Digests.Of(Code) + Digests.Of(Proprietary);

    internal static CodeOrProprietaryMessage Of(CodeOrProprietary record) => new()
    {
        Code = record.Code.Chars,
        Proprietary = record.Proprietary.Chars,
    };
}

/// <summary>The Agent object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class AgentMessage
{
    [Key(0), ProtoMember(1)] public string Bic { get; set; } = "";
    [Key(1), ProtoMember(2)] public string Name { get; set; } = "";

    internal ulong Digest() => Digests.Of(Bic) + Digests.Of(Name);

    internal static AgentMessage Of(Agent record) => new()
    {
        Bic = record.Bic.Chars,
        Name = record.Name.Chars,
    };
}

/// <summary>The CreditTransfer object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class CreditTransferMessage
{
    [Key(0), ProtoMember(1)] public string InstructionId { get; set; } = "";
    [Key(1), ProtoMember(2)] public string EndToEndId { get; set; } = "";
    [Key(2), ProtoMember(3)] public string TransactionId { get; set; } = "";
    [Key(3), ProtoMember(4)] public string Uetr { get; set; } = "";
    [Key(4), ProtoMember(5)] public PaymentTypeMessage? PaymentType { get; set; }
    [Key(5), ProtoMember(6)] public AmountMessage? SettlementAmount { get; set; }
    [Key(6), ProtoMember(7)] public byte ChargeBearer { get; set; }
    [Key(7), ProtoMember(8)] public PartyMessage? Debtor { get; set; }
    [Key(8), ProtoMember(9)] public AccountMessage? DebtorAccount { get; set; }
    [Key(9), ProtoMember(10)] public AgentMessage? DebtorAgent { get; set; }
    [Key(10), ProtoMember(11)] public AgentMessage? CreditorAgent { get; set; }
    [Key(11), ProtoMember(12)] public PartyMessage? Creditor { get; set; }
    [Key(12), ProtoMember(13)] public AccountMessage? CreditorAccount { get; set; }
    [Key(13), ProtoMember(14)] public CodeOrProprietaryMessage? Purpose { get; set; }
    [Key(14), ProtoMember(15)] public RemittanceMessage? Remittance { get; set; }

    internal ulong Digest()
    {
        return Digests.Of(InstructionId) + Digests.Of(EndToEndId) + Digests.Of(TransactionId) + Digests.Of(Uetr)
            + (PaymentType?.Digest() ?? 0) + (SettlementAmount?.Digest() ?? 0) + ChargeBearer + (Debtor?.Digest() ?? 0)
            + (DebtorAccount?.Digest() ?? 0) + (DebtorAgent?.Digest() ?? 0) + (CreditorAgent?.Digest() ?? 0)
            + (Creditor?.Digest() ?? 0) + (CreditorAccount?.Digest() ?? 0) + (Purpose?.Digest() ?? 0) + (Remittance?.Digest() ?? 0);
    }

    internal static CreditTransferMessage Of(CreditTransfer record) => new()
    {
        InstructionId = record.InstructionId.Chars,
        EndToEndId = record.EndToEndId.Chars,
        TransactionId = record.TransactionId.Chars,
        Uetr = record.Uetr.Chars,
        PaymentType = PaymentTypeMessage.Of(record.PaymentType),
        SettlementAmount = AmountMessage.Of(record.SettlementAmount),
        ChargeBearer = (byte)record.ChargeBearer,
        Debtor = PartyMessage.Of(record.Debtor),
        DebtorAccount = AccountMessage.Of(record.DebtorAccount),
        DebtorAgent = AgentMessage.Of(record.DebtorAgent),
        CreditorAgent = AgentMessage.Of(record.CreditorAgent),
        Creditor = PartyMessage.Of(record.Creditor),
        CreditorAccount = AccountMessage.Of(record.CreditorAccount),
        Purpose = record.Purpose is null ? null : CodeOrProprietaryMessage.Of(record.Purpose),
        Remittance = RemittanceMessage.Of(record.Remittance),
    };
}

/// <summary>The PaymentType object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class PaymentTypeMessage
{
    [Key(0), ProtoMember(1)] public byte InstructionPriority { get; set; }
    [Key(1), ProtoMember(2)] public CodeOrProprietaryMessage[] ServiceLevels { get; set; } = [];
    [Key(2), ProtoMember(3)] public CodeOrProprietaryMessage? CategoryPurpose { get; set; }

    internal ulong Digest()
    {
        ulong sum = InstructionPriority + (CategoryPurpose?.Digest() ?? 0);
        foreach (CodeOrProprietaryMessage item in ServiceLevels)
        {
            sum += item.Digest();
        }

        return sum;
    }

    internal static PaymentTypeMessage Of(PaymentType record) => new()
    {
        InstructionPriority = (byte)record.InstructionPriority,
        ServiceLevels = [.. record.ServiceLevels.Select(CodeOrProprietaryMessage.Of)],
        CategoryPurpose = CodeOrProprietaryMessage.Of(record.CategoryPurpose),
    };
}

/// <summary>The Party object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class PartyMessage
{
    [Key(0), ProtoMember(1)] public string Name { get; set; } = "";
    [Key(1), ProtoMember(2)] public PostalAddressMessage? Address { get; set; }
    [Key(2), ProtoMember(3)] public string Lei { get; set; } = "";

    internal ulong Digest() => Digests.Of(Name) + (Address?.Digest() ?? 0) + Digests.Of(Lei);

    internal static PartyMessage Of(Party record) => new()
    {
        Name = record.Name.Chars,
        Address = PostalAddressMessage.Of(record.Address),
        Lei = record.Lei.Chars,
    };
}

/// <summary>The PostalAddress object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class PostalAddressMessage
{
    [Key(0), ProtoMember(1)] public string StreetName { get; set; } = "";
    [Key(1), ProtoMember(2)] public string BuildingNumber { get; set; } = "";
    [Key(2), ProtoMember(3)] public string PostCode { get; set; } = "";
    [Key(3), ProtoMember(4)] public string TownName { get; set; } = "";
    [Key(4), ProtoMember(5)] public string Country { get; set; } = "";

    internal ulong Digest()
    {
        return Digests.Of(StreetName) + Digests.Of(BuildingNumber) + Digests.Of(PostCode) + Digests.Of(TownName) + Digests.Of(Country);
    }

    internal static PostalAddressMessage Of(PostalAddress record) => new()
    {
        StreetName = record.StreetName.Chars,
        BuildingNumber = record.BuildingNumber.Chars,
        PostCode = record.PostCode.Chars,
        TownName = record.TownName.Chars,
        Country = record.Country.Chars,
    };
}

/// <summary>The Account object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class AccountMessage
{
    [Key(0), ProtoMember(1)] public string Iban { get; set; } = "";
    [Key(1), ProtoMember(2)] public string Currency { get; set; } = "";

    internal ulong Digest() => Digests.Of(Iban) + Digests.Of(Currency);

    internal static AccountMessage Of(Account record) => new()
    {
        Iban = record.Iban.Chars,
        Currency = record.Currency.Chars,
    };
}

/// <summary>The Remittance object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class RemittanceMessage
{
    [Key(0), ProtoMember(1)] public string[] Unstructured { get; set; } = [];
    [Key(1), ProtoMember(2)] public InvoiceMessage[] Structured { get; set; } = [];

    internal ulong Digest()
    {
        ulong sum = 0;
        foreach (string item in Unstructured)
        {
            sum += Digests.Of(item);
        }

        foreach (InvoiceMessage item in Structured)
        {
            sum += item.Digest();
        }

        return sum;
    }

    internal static RemittanceMessage Of(Remittance record) => new()
    {
        Unstructured = [.. record.Unstructured.Select(text => text.Chars)],
        Structured = [.. record.Structured.Select(InvoiceMessage.Of)],
    };
}

/// <summary>The Invoice object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class InvoiceMessage
{
    [Key(0), ProtoMember(1)] public string DocumentNumber { get; set; } = "";
    [Key(1), ProtoMember(2)] public AmountMessage? DueAmount { get; set; }
    [Key(2), ProtoMember(3)] public string CreditorReference { get; set; } = "";

    internal ulong Digest() => Digests.Of(DocumentNumber) + (DueAmount?.Digest() ?? 0) + Digests.Of(CreditorReference);

    internal static InvoiceMessage Of(Invoice record) => new()
    {
        DocumentNumber = record.DocumentNumber.Chars,
        DueAmount = AmountMessage.Of(record.DueAmount),
        CreditorReference = record.CreditorReference.Chars,
    };
}

/// <summary>The Balance object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class BalanceMessage
{
    [Key(0), ProtoMember(1)] public CodeOrProprietaryMessage? Type { get; set; }
    [Key(1), ProtoMember(2)] public AmountMessage? Amount { get; set; }
    [Key(2), ProtoMember(3)] public byte Side { get; set; }
    [Key(3), ProtoMember(4)] public string Date { get; set; } = "";

    internal ulong Digest() => (Type?.Digest() ?? 0) + (Amount?.Digest() ?? 0) + Side + Digests.Of(Date);

    internal static BalanceMessage Of(Balance record) => new()
    {
        Type = CodeOrProprietaryMessage.Of(record.Type),
        Amount = AmountMessage.Of(record.Amount),
        Side = (byte)record.Side,
        Date = record.Date.Chars,
    };
}

/// <summary>The Summary object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class SummaryMessage
{
    [Key(0), ProtoMember(1)] public ulong Entries { get; set; }
    [Key(1), ProtoMember(2)] public ScaledMessage? Sum { get; set; }
    [Key(2), ProtoMember(3)] public ScaledMessage? NetAmount { get; set; }
    [Key(3), ProtoMember(4)] public byte NetSide { get; set; }

    internal ulong Digest() => Entries + (Sum?.Digest() ?? 0) + (NetAmount?.Digest() ?? 0) + NetSide;

    internal static SummaryMessage Of(Summary record) => new()
    {
        Entries = record.Entries,
        Sum = ScaledMessage.Of(record.Sum),
        NetAmount = ScaledMessage.Of(record.NetAmount),
        NetSide = (byte)record.NetSide,
    };
}

/// <summary>The Scaled object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class ScaledMessage
{
    [Key(0), ProtoMember(1, DataFormat = DataFormat.ZigZag)] public long Value { get; set; }
    [Key(1), ProtoMember(2)] public byte Scale { get; set; }

    internal ulong Digest() => (ulong)Value + Scale;

    internal static ScaledMessage Of(Scaled record) => new()
    {
        Value = record.Value,
        Scale = record.Scale,
    };
}

/// <summary>The Entry object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class EntryMessage
{
    [Key(0), ProtoMember(1)] public string Reference { get; set; } = "";
    [Key(1), ProtoMember(2)] public AmountMessage? Amount { get; set; }
    [Key(2), ProtoMember(3)] public byte Side { get; set; }
    [Key(3), ProtoMember(4)] public CodeOrProprietaryMessage? Status { get; set; }
    [Key(4), ProtoMember(5)] public string BookingDate { get; set; } = "";
    [Key(5), ProtoMember(6)] public string ValueDate { get; set; } = "";
    [Key(6), ProtoMember(7)] public string AccountServicerReference { get; set; } = "";
    [Key(7), ProtoMember(8)] public TransactionCodeMessage? TransactionCode { get; set; }
    [Key(8), ProtoMember(9)] public EntryTransactionMessage[] Transactions { get; set; } = [];

    internal ulong Digest()
    {
        ulong sum = Digests.Of(Reference) + (Amount?.Digest() ?? 0) + Side + (Status?.Digest() ?? 0) + Digests.Of(BookingDate)
            + Digests.Of(ValueDate) + Digests.Of(AccountServicerReference) + (TransactionCode?.Digest() ?? 0);
        foreach (EntryTransactionMessage item in Transactions)
        {
            sum += item.Digest();
        }

        return sum;
    }

    internal static EntryMessage Of(Entry record) => new()
    {
        Reference = record.Reference.Chars,
        Amount = AmountMessage.Of(record.Amount),
        Side = (byte)record.Side,
        Status = CodeOrProprietaryMessage.Of(record.Status),
        BookingDate = record.BookingDate.Chars,
        ValueDate = record.ValueDate.Chars,
        AccountServicerReference = record.AccountServicerReference.Chars,
        TransactionCode = TransactionCodeMessage.Of(record.TransactionCode),
        Transactions = [.. record.Transactions.Select(EntryTransactionMessage.Of)],
    };
}

/// <summary>The TransactionCode object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class TransactionCodeMessage
{
    [Key(0), ProtoMember(1)] public string Domain { get; set; } = "";
    [Key(1), ProtoMember(2)] public string Family { get; set; } = "";
    [Key(2), ProtoMember(3)] public string SubFamily { get; set; } = "";

    internal ulong Digest() => Digests.Of(Domain) + Digests.Of(Family) + Digests.Of(SubFamily);

    internal static TransactionCodeMessage Of(TransactionCode record) => new()
    {
        Domain = record.Domain.Chars,
        Family = record.Family.Chars,
        SubFamily = record.SubFamily.Chars,
    };
}

/// <summary>The EntryTransaction object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class EntryTransactionMessage
{
    [Key(0), ProtoMember(1)] public string EndToEndId { get; set; } = "";
    [Key(1), ProtoMember(2)] public string TransactionId { get; set; } = "";
    [Key(2), ProtoMember(3)] public AmountMessage? Amount { get; set; }
    [Key(3), ProtoMember(4)] public byte Side { get; set; }
    [Key(4), ProtoMember(5)] public PartyMessage? Debtor { get; set; }
    [Key(5), ProtoMember(6)] public AccountMessage? DebtorAccount { get; set; }
    [Key(6), ProtoMember(7)] public PartyMessage? Creditor { get; set; }
    [Key(7), ProtoMember(8)] public AccountMessage? CreditorAccount { get; set; }
    [Key(8), ProtoMember(9)] public RemittanceMessage? Remittance { get; set; }

    internal ulong Digest()
    {
        return Digests.Of(EndToEndId) + Digests.Of(TransactionId) + (Amount?.Digest() ?? 0) + Side + (Debtor?.Digest() ?? 0)
            + (DebtorAccount?.Digest() ?? 0) + (Creditor?.Digest() ?? 0) + (CreditorAccount?.Digest() ?? 0)
            + (Remittance?.Digest() ?? 0);
    }

    internal static EntryTransactionMessage Of(EntryTransaction record) => new()
    {
        EndToEndId = record.EndToEndId.Chars,
        TransactionId = record.TransactionId.Chars,
        Amount = AmountMessage.Of(record.Amount),
        Side = (byte)record.Side,
        Debtor = PartyMessage.Of(record.Debtor),
        DebtorAccount = AccountMessage.Of(record.DebtorAccount),
        Creditor = PartyMessage.Of(record.Creditor),
        CreditorAccount = AccountMessage.Of(record.CreditorAccount),
        Remittance = RemittanceMessage.Of(record.Remittance),
    };
}

/// <summary>The StatusGroup object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class StatusGroupMessage
{
    [Key(0), ProtoMember(1)] public string OriginalMessageId { get; set; } = "";
    [Key(1), ProtoMember(2)] public string OriginalMessageDefinition { get; set; } = "";
    [Key(2), ProtoMember(3)] public ulong OriginalNumberOfTransactions { get; set; }
    [Key(3), ProtoMember(4)] public string Status { get; set; } = "";

    internal ulong Digest()
    {
        return Digests.Of(OriginalMessageId) + Digests.Of(OriginalMessageDefinition) + OriginalNumberOfTransactions + Digests.Of(Status);
    }

    internal static StatusGroupMessage Of(StatusGroup record) => new()
    {
        OriginalMessageId = record.OriginalMessageId.Chars,
        OriginalMessageDefinition = record.OriginalMessageDefinition.Chars,
        OriginalNumberOfTransactions = record.OriginalNumberOfTransactions,
        Status = record.Status.Chars,
    };
}

/// <summary>The StatusTransaction object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class StatusTransactionMessage
{
    [Key(0), ProtoMember(1)] public string StatusId { get; set; } = "";
    [Key(1), ProtoMember(2)] public string OriginalInstructionId { get; set; } = "";
    [Key(2), ProtoMember(3)] public string OriginalEndToEndId { get; set; } = "";
    [Key(3), ProtoMember(4)] public string OriginalTransactionId { get; set; } = "";
    [Key(4), ProtoMember(5)] public string Status { get; set; } = "";
    [Key(5), ProtoMember(6)] public StatusReasonMessage[] Reasons { get; set; } = [];
    [Key(6), ProtoMember(7)] public string AcceptanceAt { get; set; } = "";
    [Key(7), ProtoMember(8)] public AmountMessage? OriginalSettlementAmount { get; set; }
    [Key(8), ProtoMember(9)] public AccountMessage? OriginalDebtorAccount { get; set; }
    [Key(9), ProtoMember(10)] public AccountMessage? OriginalCreditorAccount { get; set; }

    internal ulong Digest()
    {
        ulong sum = Digests.Of(StatusId) + Digests.Of(OriginalInstructionId) + Digests.Of(OriginalEndToEndId)
            + Digests.Of(OriginalTransactionId) + Digests.Of(Status) + Digests.Of(AcceptanceAt)
            + (OriginalSettlementAmount?.Digest() ?? 0) + (OriginalDebtorAccount?.Digest() ?? 0)
            + (OriginalCreditorAccount?.Digest() ?? 0);
        foreach (StatusReasonMessage item in Reasons)
        {
            sum += item.Digest();
        }

        return sum;
    }

    internal static StatusTransactionMessage Of(StatusTransaction record) => new()
    {
        StatusId = record.StatusId.Chars,
        OriginalInstructionId = record.OriginalInstructionId.Chars,
        OriginalEndToEndId = record.OriginalEndToEndId.Chars,
        OriginalTransactionId = record.OriginalTransactionId.Chars,
        Status = record.Status.Chars,
        Reasons = [.. record.Reasons.Select(StatusReasonMessage.Of)],
        AcceptanceAt = record.AcceptanceAt.Chars,
        OriginalSettlementAmount = record.OriginalSettlementAmount is null ? null : AmountMessage.Of(record.OriginalSettlementAmount),
        OriginalDebtorAccount = record.OriginalDebtorAccount is null ? null : AccountMessage.Of(record.OriginalDebtorAccount),
        OriginalCreditorAccount = record.OriginalCreditorAccount is null ? null : AccountMessage.Of(record.OriginalCreditorAccount),
    };
}

/// <summary>The StatusReason object of esf-payments messages for object serializers.</summary>
[MemoryPackable]
[MessagePackObject]
[ProtoContract]
public sealed partial class StatusReasonMessage
{
    [Key(0), ProtoMember(1)] public CodeOrProprietaryMessage? Reason { get; set; }
    [Key(1), ProtoMember(2)] public string[] Additional { get; set; } = [];

    internal ulong Digest()
    {
        ulong sum = (Reason?.Digest() ?? 0);
        foreach (string item in Additional)
        {
            sum += Digests.Of(item);
        }

        return sum;
    }

    internal static StatusReasonMessage Of(StatusReason record) => new()
    {
        Reason = CodeOrProprietaryMessage.Of(record.Reason),
        Additional = [.. record.Additional.Select(text => text.Chars)],
    };
}
