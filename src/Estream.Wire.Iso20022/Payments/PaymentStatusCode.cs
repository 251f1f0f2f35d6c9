namespace Estream.Wire.Iso20022.Payments;

/// <summary>The meaning of status codes for the state of a payment (ISO 20022 external code sets of payment statuses).</summary>
internal static class PaymentStatusCode
{
    /// <summary>The status of a payment whose message was rejected as a whole.</summary>
    public const string Reject = "admi.002";

    /// <summary>Returns the state that a status code reports.</summary>
    /// <param name="code">A code such as <c>ACSC</c>.</param>
    /// <returns>Null if the code does not change the state: received, pending, or only a part of the payments is accepted.</returns>
    public static PaymentState? StateOf(string code) => code switch
    {
        // Settlement is complete on the account of the debtor (ACSC) or of the creditor (ACCC).
        "ACSC" or "ACCC" => PaymentState.Settled,
        "RJCT" or "CANC" or "BLCK" => PaymentState.Rejected,
        "RCVD" or "PDNG" or "PART" or "PATC" => null,
        _ when code.StartsWith("AC", StringComparison.Ordinal) => PaymentState.Accepted,
        _ => null,
    };
}
