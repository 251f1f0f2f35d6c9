namespace Estream.Wire.Hl7.Acknowledgement;

/// <summary>What a receiver did with a message, for its acknowledgements. Texts never contain a value of the message.</summary>
public readonly record struct Hl7Outcome
{
    private Hl7Outcome(Verdict verdict, int errorCode, string text)
    {
        Kind = verdict;
        ErrorCode = errorCode;
        Text = text;
    }

    /// <summary>The message is stored as durably as its queues promise.</summary>
    public static Hl7Outcome Accepted => new(Verdict.Accepted, 0, "");

    /// <summary>The error code of HL7 table 0357, as in 200 for an unsupported message type; 0 if there is none.</summary>
    public int ErrorCode { get; }

    /// <summary>The reason in one clause; empty if accepted.</summary>
    public string Text { get; }

    /// <summary>Whether the message was accepted.</summary>
    public bool IsAccepted => Kind == Verdict.Accepted;

    /// <summary>The code in original mode, and of the application acknowledgement in enhanced mode.</summary>
    public Hl7AckCode ApplicationCode => Kind switch
    {
        Verdict.Accepted => Hl7AckCode.ApplicationAccept,
        Verdict.Error => Hl7AckCode.ApplicationError,
        _ => Hl7AckCode.ApplicationReject,
    };

    /// <summary>The code of the accept acknowledgement in enhanced mode.</summary>
    public Hl7AckCode CommitCode => Kind switch
    {
        Verdict.Accepted => Hl7AckCode.CommitAccept,
        Verdict.Error => Hl7AckCode.CommitError,
        _ => Hl7AckCode.CommitReject,
    };

    private Verdict Kind { get; }

    /// <summary>The content of the message cannot be processed.</summary>
    /// <param name="errorCode">The code of HL7 table 0357.</param>
    /// <param name="text">The reason in one clause, without a value of the message.</param>
    public static Hl7Outcome Error(int errorCode, string text) => new(Verdict.Error, errorCode, text);

    /// <summary>The message is rejected for its type, version or structure.</summary>
    /// <param name="errorCode">The code of HL7 table 0357.</param>
    /// <param name="text">The reason in one clause, without a value of the message.</param>
    public static Hl7Outcome Rejected(int errorCode, string text) => new(Verdict.Rejected, errorCode, text);

    private enum Verdict
    {
        Accepted,
        Error,
        Rejected,
    }
}
