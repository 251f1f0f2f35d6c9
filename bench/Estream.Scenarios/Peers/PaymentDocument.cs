using System.Xml.Serialization;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>The message as XmlSerializer reads it. XmlSerializer requires public types; the types have the names of the elements in the
/// standard.</summary>
[XmlRoot("Document", Namespace = PaymentMessages.Namespace)]
[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentDocument
{
    [XmlElement("FIToFICstmrCdtTrf")]
    public PaymentTransfer? Transfer { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentTransfer
{
    [XmlElement("GrpHdr")]
    public PaymentHeader? Header { get; set; }

    [XmlElement("CdtTrfTxInf")]
    public List<PaymentTransaction> Transactions { get; } = [];
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentHeader
{
    [XmlElement("MsgId")]
    public string? MessageId { get; set; }

    [XmlElement("CreDtTm")]
    public string? CreatedAt { get; set; }

    [XmlElement("NbOfTxs")]
    public string? Transactions { get; set; }

    [XmlElement("SttlmInf")]
    public PaymentSettlement? Settlement { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentSettlement
{
    [XmlElement("SttlmMtd")]
    public string? Method { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentTransaction
{
    [XmlElement("PmtId")]
    public PaymentIds? Ids { get; set; }

    [XmlElement("IntrBkSttlmAmt")]
    public PaymentAmount? Amount { get; set; }

    [XmlElement("ChrgBr")]
    public string? ChargeBearer { get; set; }

    [XmlElement("Dbtr")]
    public PaymentParty? Debtor { get; set; }

    [XmlElement("DbtrAcct")]
    public PaymentAccount? DebtorAccount { get; set; }

    [XmlElement("DbtrAgt")]
    public PaymentAgent? DebtorAgent { get; set; }

    [XmlElement("CdtrAgt")]
    public PaymentAgent? CreditorAgent { get; set; }

    [XmlElement("Cdtr")]
    public PaymentParty? Creditor { get; set; }

    [XmlElement("CdtrAcct")]
    public PaymentAccount? CreditorAccount { get; set; }

    [XmlElement("RmtInf")]
    public PaymentRemittance? Remittance { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentIds
{
    public string? EndToEndId { get; set; }

    public string? TxId { get; set; }

    public string? UETR { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentAmount
{
    [XmlAttribute("Ccy")]
    public string? Currency { get; set; }

    [XmlText]
    public decimal Value { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentParty
{
    [XmlElement("Nm")]
    public string? Name { get; set; }

    [XmlElement("PstlAdr")]
    public PaymentAddress? Address { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentAddress
{
    [XmlElement("StrtNm")]
    public string? Street { get; set; }

    [XmlElement("BldgNb")]
    public string? Building { get; set; }

    [XmlElement("PstCd")]
    public string? PostCode { get; set; }

    [XmlElement("TwnNm")]
    public string? Town { get; set; }

    [XmlElement("Ctry")]
    public string? Country { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentAccount
{
    [XmlElement("Id")]
    public PaymentAccountId? Id { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentAccountId
{
    [XmlElement("IBAN")]
    public string? Iban { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentAgent
{
    [XmlElement("FinInstnId")]
    public PaymentInstitution? Institution { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentInstitution
{
    [XmlElement("BICFI")]
    public string? Bic { get; set; }
}

[XmlType(Namespace = PaymentMessages.Namespace)]
public sealed class PaymentRemittance
{
    [XmlElement("Ustrd")]
    public List<string> Unstructured { get; } = [];
}
