using Estream.Scenarios.Codecs.Payments;
using Estream.Scenarios.Workloads;
using Pb = Estream.Scenarios.Protoc.Payments;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>Fills and reads the parts of esf-payments messages in the classes of protoc.</summary>
internal static partial class PaymentsWire
{
    public static Pb.Amount? Fill(Pb.Amount? message, Amount? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Value = record.Value;
        message.Scale = record.Scale;
        message.Currency = record.Currency.Chars;
        return message;
    }

    public static ulong Take(Pb.Amount? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += (ulong)message.Value;
        sum += message.Scale;
        sum += Digests.Of(message.Currency);
        return sum;
    }

    public static Pb.Settlement? Fill(Pb.Settlement? message, Settlement? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Method = (uint)record.Method;
        message.ClearingSystem = Fill(message.ClearingSystem, record.ClearingSystem);
        return message;
    }

    public static ulong Take(Pb.Settlement? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += message.Method;
        sum += Take(message.ClearingSystem);
        return sum;
    }

    public static Pb.CodeOrProprietary? Fill(Pb.CodeOrProprietary? message, CodeOrProprietary? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Code = record.Code.Chars;
        message.Proprietary = record.Proprietary.Chars;
        return message;
    }

    public static ulong Take(Pb.CodeOrProprietary? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.Code);
        sum += Digests.Of(message.Proprietary);
        return sum;
    }

    public static Pb.Agent? Fill(Pb.Agent? message, Agent? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Bic = record.Bic.Chars;
        message.Name = record.Name.Chars;
        return message;
    }

    public static ulong Take(Pb.Agent? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.Bic);
        sum += Digests.Of(message.Name);
        return sum;
    }

    public static Pb.CreditTransfer? Fill(Pb.CreditTransfer? message, CreditTransfer? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.InstructionId = record.InstructionId.Chars;
        message.EndToEndId = record.EndToEndId.Chars;
        message.TransactionId = record.TransactionId.Chars;
        message.Uetr = record.Uetr.Chars;
        message.PaymentType = Fill(message.PaymentType, record.PaymentType);
        message.SettlementAmount = Fill(message.SettlementAmount, record.SettlementAmount);
        message.ChargeBearer = (uint)record.ChargeBearer;
        message.Debtor = Fill(message.Debtor, record.Debtor);
        message.DebtorAccount = Fill(message.DebtorAccount, record.DebtorAccount);
        message.DebtorAgent = Fill(message.DebtorAgent, record.DebtorAgent);
        message.CreditorAgent = Fill(message.CreditorAgent, record.CreditorAgent);
        message.Creditor = Fill(message.Creditor, record.Creditor);
        message.CreditorAccount = Fill(message.CreditorAccount, record.CreditorAccount);
        message.Purpose = Fill(message.Purpose, record.Purpose);
        message.Remittance = Fill(message.Remittance, record.Remittance);
        return message;
    }

    public static ulong Take(Pb.CreditTransfer? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.InstructionId);
        sum += Digests.Of(message.EndToEndId);
        sum += Digests.Of(message.TransactionId);
        sum += Digests.Of(message.Uetr);
        sum += Take(message.PaymentType);
        sum += Take(message.SettlementAmount);
        sum += message.ChargeBearer;
        sum += Take(message.Debtor);
        sum += Take(message.DebtorAccount);
        sum += Take(message.DebtorAgent);
        sum += Take(message.CreditorAgent);
        sum += Take(message.Creditor);
        sum += Take(message.CreditorAccount);
        sum += Take(message.Purpose);
        sum += Take(message.Remittance);
        return sum;
    }

    public static Pb.PaymentType? Fill(Pb.PaymentType? message, PaymentType? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.InstructionPriority = (uint)record.InstructionPriority;
        Refill.List(message.ServiceLevels, record.ServiceLevels, Fill);
        message.CategoryPurpose = Fill(message.CategoryPurpose, record.CategoryPurpose);
        return message;
    }

    public static ulong Take(Pb.PaymentType? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += message.InstructionPriority;
        sum += Refill.Sum(message.ServiceLevels, Take);
        sum += Take(message.CategoryPurpose);
        return sum;
    }

    public static Pb.Party? Fill(Pb.Party? message, Party? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Name = record.Name.Chars;
        message.Address = Fill(message.Address, record.Address);
        message.Lei = record.Lei.Chars;
        return message;
    }

    public static ulong Take(Pb.Party? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.Name);
        sum += Take(message.Address);
        sum += Digests.Of(message.Lei);
        return sum;
    }

    public static Pb.PostalAddress? Fill(Pb.PostalAddress? message, PostalAddress? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.StreetName = record.StreetName.Chars;
        message.BuildingNumber = record.BuildingNumber.Chars;
        message.PostCode = record.PostCode.Chars;
        message.TownName = record.TownName.Chars;
        message.Country = record.Country.Chars;
        return message;
    }

    public static ulong Take(Pb.PostalAddress? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.StreetName);
        sum += Digests.Of(message.BuildingNumber);
        sum += Digests.Of(message.PostCode);
        sum += Digests.Of(message.TownName);
        sum += Digests.Of(message.Country);
        return sum;
    }

    public static Pb.Account? Fill(Pb.Account? message, Account? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Iban = record.Iban.Chars;
        message.Currency = record.Currency.Chars;
        return message;
    }

    public static ulong Take(Pb.Account? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += Digests.Of(message.Iban);
        sum += Digests.Of(message.Currency);
        return sum;
    }

    public static Pb.Scaled? Fill(Pb.Scaled? message, Scaled? record)
    {
        if (record is null)
        {
            return null;
        }

        message ??= new();
        message.Value = record.Value;
        message.Scale = record.Scale;
        return message;
    }

    public static ulong Take(Pb.Scaled? message)
    {
        if (message is null)
        {
            return 0;
        }

        ulong sum = 0;
        sum += (ulong)message.Value;
        sum += message.Scale;
        return sum;
    }
}
