namespace Estream.Wire.Iso20022;

/// <summary>What a message is held to.</summary>
public enum Iso20022Checks
{
    /// <summary>The schema of its version.</summary>
    Schema,

    /// <summary>
    /// The schema, and what the standard asks beyond it: the check digits of an IBAN; no more digits of an amount than its currency has; in
    /// a credit transfer that <c>NbOfTxs</c>, <c>CtrlSum</c> and <c>TtlIntrBkSttlmAmt</c> are those of its transactions, and their currency
    /// one, and that no <c>UETR</c> stands twice, among 65,536; in a status report that what is rejected has a reason; in a statement,
    /// where it says all that is needed, that its booked entries lead from the opening to the closing balance; and that a header names the
    /// version of the message behind it.
    /// </summary>
    SchemaAndRules,

    /// <summary>All of these, and of the usage guidelines of CBPR+ that no metal is a currency and that the slashes of an <c>InstrId</c>
    /// are neither at its ends nor two together. It is a part of these guidelines, not all of them.</summary>
    CrossBorder,
}
