namespace Estream.Wire.Iso20022;

/// <summary>What a message is held to.</summary>
public enum Iso20022Checks
{
    /// <summary>The schema of its version.</summary>
    Schema,

    /// <summary>
    /// The schema, and what the standard asks beyond it: the check digits of an IBAN; in a credit transfer that <c>NbOfTxs</c>, <c>CtrlSum</c> and <c>TtlIntrBkSttlmAmt</c> are those of its transactions, and their currency one; and that a
    /// header names the version of the message behind it.
    /// </summary>
    SchemaAndRules,
}
